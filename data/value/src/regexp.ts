import { compilePattern, type EngineMatcher, type EnginePattern } from "./regexp-engine.ts";
import { type QuickPattern, quickPattern } from "./regexp-quick.ts";
import { pointWidth, utf8Length } from "./utf8-order.ts";

/** Why a pattern is not a regular expression, in plain words. */
export type RegexpFault = { readonly reason: string };

/** Start and end of a match, in UTF-16 units. */
export type MatchRange = { readonly start: number; readonly end: number };

/** A regular expression of RE2: linear time, Go's syntax and Go's rules for matches. */
export class Regexp {
  readonly source: string;
  readonly #quick: QuickPattern | undefined;
  #engine: EnginePattern | undefined;
  /** What a template was taken apart to: it is the same for all rows of a column. */
  #template = "";
  #parts: readonly TemplatePart[] = [];

  /** Use `compileRegexp`. One of both forms is there. */
  constructor(source: string, quick: QuickPattern | undefined, engine?: EnginePattern) {
    this.source = source;
    this.#quick = quick;
    this.#engine = engine;
  }

  /** Of RE2: its first pattern takes longer than a small script. */
  get #pattern(): EnginePattern {
    return (this.#engine ??= compilePattern(this.source));
  }

  /** Whether the text has a match anywhere. */
  test(text: string): boolean {
    const quick = this.#quick;
    if (quick !== undefined && text.length <= quick.longest) return quick.pattern.test(text);
    return this.#pattern.test(text);
  }

  /** The first match, or undefined. */
  find(text: string): MatchRange | undefined {
    const search = this.#search(text);
    return search.find(0) ? { start: search.start(), end: search.end() } : undefined;
  }

  /** The text of the first match, "" without one: `regexp.findString`. */
  findText(text: string): string {
    const found = this.find(text);
    return found === undefined ? "" : text.slice(found.start, found.end);
  }

  /** UTF-8 byte offsets of the first match, or none: `regexp.findStringIndex`. */
  findByteIndex(text: string): [start: number, end: number] | [] {
    const found = this.find(text);
    if (found === undefined) return [];
    return [utf8Length(text, found.start), utf8Length(text, found.end)];
  }

  /** At most `limit` matches that do not overlap; an empty one next to a match does not count. */
  findAll(text: string, limit = Infinity): MatchRange[] {
    const search = this.#search(text);
    const found: MatchRange[] = [];
    let previousEnd = -1;
    for (let at = 0; found.length < limit && at <= text.length && search.find(at);) {
      const start = search.start();
      const end = search.end();
      const isEmptyHere = end === at;
      if (!isEmptyHere || start !== previousEnd) found.push({ start, end });
      at = isEmptyHere ? at + pointWidth(text, at) : end;
      previousEnd = end;
    }
    return found;
  }

  /**
   * Replaces every match by the template: `$1` or `${1}` is a group, `$name` or `${name}` a named
   * one, `$$` a dollar sign. A name is as long as it can be: `$1x` reads the group `1x`, and a
   * group that does not exist is empty.
   */
  replaceAll(text: string, template: string): string {
    if (template !== this.#template) {
      this.#parts = templateParts(template, (name) => this.#group(name));
      this.#template = template;
    }
    const search = this.#search(text);
    let result = "";
    let copied = 0;
    for (let at = 0; at <= text.length && search.find(at);) {
      const start = search.start();
      const end = search.end();
      result += text.slice(copied, start);
      if (end > copied || start === 0) result += expand(search, this.#parts);
      copied = end;
      at = Math.max(end, at + pointWidth(text, at));
    }
    return result + text.slice(copied);
  }

  /** Text between matches, at most `limit` pieces; all of them when negative, none when 0. */
  split(text: string, limit: number): string[] {
    if (limit === 0) return [];
    if (this.source !== "" && text === "") return [""];
    const pieces: string[] = [];
    let from = 0;
    let to = 0;
    for (const { start, end } of this.findAll(text, limit < 0 ? Infinity : limit)) {
      if (limit > 0 && pieces.length === limit - 1) break;
      to = start;
      if (end !== 0) pieces.push(text.slice(from, to));
      from = end;
    }
    if (to !== text.length) pieces.push(text.slice(from));
    return pieces;
  }

  toString(): string {
    return this.source;
  }

  #search(text: string): Search {
    const quick = this.#quick;
    return quick !== undefined && text.length <= quick.longest
      ? new QuickSearch(quick.search, text)
      : new EngineSearch(this.#pattern.matcher(text), text);
  }
  #group(name: string): number | undefined {
    const quick = this.#quick;
    if (/^(?:0|[1-9][0-9]*)$/.test(name)) {
      const group = Number(name);
      return group <= (quick?.groups ?? this.#pattern.groupCount()) ? group : undefined;
    }
    if (quick !== undefined) return undefined;
    const groups = this.#pattern.namedGroups();
    return Object.hasOwn(groups, name) ? groups[name] : undefined;
  }
}

// A pattern built from data (`regexp.compile(v: r.host)`) must not fill the memory of a server.
const cachedPatternsMax = 1000;
const cache = new Map<string, Regexp>();

/** Compiles a pattern, or says what is wrong with it. `loadRegexps()` must have finished before. */
export function compileRegexp(source: string): Regexp | RegexpFault {
  const known = cache.get(source);
  if (known !== undefined) return known;
  const quick = quickPattern(source);
  const engine = quick === undefined ? tryCompile(source) : undefined;
  if (engine !== undefined && "reason" in engine) return engine;
  const regexp = new Regexp(source, quick, engine);
  if (cache.size >= cachedPatternsMax) cache.clear();
  cache.set(source, regexp);
  return regexp;
}

function tryCompile(source: string): EnginePattern | RegexpFault {
  try {
    return compilePattern(source);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (!message.startsWith(enginePrefix)) throw error;
    return { reason: message.slice(enginePrefix.length) };
  }
}

const enginePrefix = "error parsing regexp: ";

/** Text that, as a pattern, matches exactly `text`: `regexp.quoteMeta`. */
export function quoteMeta(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, "\\$&");
}

/** A search in one text: `find` looks from an index on, the rest say what it found. */
interface Search {
  find(from: number): boolean;
  start(): number;
  end(): number;
  /** What a group holds, "" where it is not in the match. */
  group(number: number): string;
}

class QuickSearch implements Search {
  readonly #pattern: RegExp;
  readonly #text: string;
  #match: RegExpExecArray | null = null;

  constructor(pattern: RegExp, text: string) {
    this.#pattern = pattern;
    this.#text = text;
  }
  find(from: number): boolean {
    this.#pattern.lastIndex = from;
    this.#match = this.#pattern.exec(this.#text);
    return this.#match !== null;
  }
  start(): number {
    return this.#match?.index ?? -1;
  }
  end(): number {
    return this.start() + this.group(0).length;
  }
  group(number: number): string {
    return this.#match?.[number] ?? "";
  }
}

class EngineSearch implements Search {
  readonly #matcher: EngineMatcher;
  readonly #text: string;

  constructor(matcher: EngineMatcher, text: string) {
    this.#matcher = matcher;
    this.#text = text;
  }
  find(from: number): boolean {
    return this.#matcher.find(from);
  }
  start(): number {
    return this.#matcher.start(0);
  }
  end(): number {
    return this.#matcher.end(0);
  }
  group(number: number): string {
    const start = this.#matcher.start(number);
    return start < 0 ? "" : this.#text.slice(start, this.#matcher.end(number));
  }
}

/** Text as it stands, or the number of a group. */
type TemplatePart = string | number;

function expand(search: Search, parts: readonly TemplatePart[]): string {
  let result = "";
  for (const part of parts) result += typeof part === "string" ? part : search.group(part);
  return result;
}

/** Takes a template apart; a name that is no group's stands for nothing. */
function templateParts(
  template: string,
  groupOf: (name: string) => number | undefined,
): TemplatePart[] {
  const parts: TemplatePart[] = [];
  const reference = /\$(?:\$|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/gu;
  let from = 0;
  for (const match of template.matchAll(reference)) {
    parts.push(template.slice(from, match.index));
    const name = match[1] ?? match[2];
    parts.push(name === undefined ? "$" : (groupOf(name) ?? ""));
    from = match.index + match[0].length;
  }
  parts.push(template.slice(from));
  return parts.filter((part) => part !== "");
}

import { displayFloat, invalid, parseFloat64 } from "@tocsin/data/value";

/** One value of a page of metrics, named as the tables of `scrape` name it. */
export interface Sample {
  /** Without the `_bucket` of a histogram's buckets, which have their bound in the label `le`. */
  readonly field: string;
  readonly labels: readonly (readonly [string, string])[];
  readonly value: number;
  /** Milliseconds since 1970, of a sample that has a time of its own. */
  readonly milliseconds: bigint | undefined;
}

type Family = "counter" | "gauge" | "histogram" | "summary" | "untyped";

const families: readonly string[] = ["counter", "gauge", "histogram", "summary", "untyped"];
const reserved = new Set(["_time", "_value", "_measurement", "_field", "__name__"]);
const metricName = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const labelName = /[a-zA-Z_][a-zA-Z0-9_]*/y;
const labelValue = /"((?:[^"\\]|\\[\\"n])*)"/y;
const blanks = /[ \t]*/y;
const rest = /[ \t]*(\S+)(?:[ \t]+(\S+))?[ \t]*(.*)$/y;

/**
 * The values in a page of Prometheus's text format (0.0.4). Values that are no number are left out, save those of
 * histograms. Throws what is wrong, with its line.
 */
export function* samplesOf(text: string): Generator<Sample> {
  const types = new Map<string, Family>();
  let number = 0;
  for (const one of text.split("\n")) {
    number++;
    const line = one.trim();
    if (line.startsWith("#")) learnType(line, types, number);
    else if (line !== "") {
      const sample = sampleIn(new Line(line, number), types);
      if (sample !== undefined) yield sample;
    }
  }
}

/** A line that is read from left to right. */
class Line {
  readonly #text: string;
  readonly #number: number;
  #at = 0;

  constructor(text: string, number: number) {
    this.#text = text;
    this.#number = number;
  }

  /** What stands here; undefined, and stays, when it is something else. */
  take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text) ?? undefined;
    if (found !== undefined) this.#at = pattern.lastIndex;
    return found;
  }

  isAt(mark: string): boolean {
    this.take(blanks);
    if (!this.#text.startsWith(mark, this.#at)) return false;
    this.#at += mark.length;
    return true;
  }

  expected(what: string): Error {
    const found = this.#text.slice(this.#at, this.#at + 40);
    return this.wrong(`expected ${what}, found ${found === "" ? "its end" : found}`);
  }

  wrong(what: string): Error {
    return wrong(this.#number, what);
  }
}

function wrong(line: number, what: string): Error {
  return invalid(
    `prometheus.scrape: line ${line} of the answer: ${what}`,
    "the address has to give metrics in Prometheus's text format",
  );
}

function learnType(line: string, types: Map<string, Family>, number: number): void {
  const [, name, type] = /^#[ \t]*TYPE[ \t]+(\S+)[ \t]+(.*)$/u.exec(line) ?? [];
  if (name === undefined) return;
  const family = type.toLowerCase();
  if (!isFamily(family)) throw wrong(number, `${type} is no type of a metric`);
  if (types.has(name)) throw wrong(number, `the type of ${name} comes twice, or after its values`);
  types.set(name, family);
}

function isFamily(word: string): word is Family {
  return families.includes(word);
}

function sampleIn(line: Line, types: Map<string, Family>): Sample | undefined {
  const name = line.take(metricName)?.[0];
  if (name === undefined) throw line.expected("the name of a metric");
  const family = familyOf(name, types);
  const labels = line.isAt("{") ? labelsIn(line) : new Map<string, string>();
  const bucket = family === "histogram" && name.endsWith("_bucket");
  for (const label of bucket ? ["le"] : family === "summary" ? ["quantile"] : []) {
    const bound = labels.get(label);
    if (bound !== undefined)
      labels.set(label, displayFloat(numberIn(bound, line, `the label ${label}`)));
  }
  const [, written, time, more] = line.take(rest) ?? [];
  const value = numberIn(written ?? "", line, "the value");
  if (time !== undefined && (!/^-?[0-9]+$/u.test(time) || more !== ""))
    throw line.wrong(`after the value only a time in milliseconds can stand: ${time} ${more}`);
  // As upstream has it, a time that is not after 1970 is none.
  const milliseconds = time === undefined || BigInt(time) <= 0n ? undefined : BigInt(time);
  if (Number.isNaN(value) && family !== "histogram") return undefined;
  const field = bucket ? name.slice(0, -"_bucket".length) : name;
  return { field, labels: [...labels], value, milliseconds };
}

/** The type of the metric that a value belongs to: `x_sum` may be of the histogram `x`. */
function familyOf(name: string, types: Map<string, Family>): Family {
  const own = types.get(name);
  if (own !== undefined) return own;
  const whole = types.get(name.replace(/_(?:bucket|count|sum)$/u, ""));
  if (whole === "histogram" || (whole === "summary" && !name.endsWith("_bucket"))) return whole;
  types.set(name, "untyped");
  return "untyped";
}

function labelsIn(line: Line): Map<string, string> {
  const labels = new Map<string, string>();
  while (!line.isAt("}")) {
    const name = line.take(labelName)?.[0];
    if (name === undefined) throw line.expected("the name of a label");
    if (reserved.has(name)) throw line.wrong(`no label can be called ${name}`);
    if (labels.has(name)) throw line.wrong(`the label ${name} comes twice`);
    if (!line.isAt("=")) throw line.expected(`= after the label ${name}`);
    line.take(blanks);
    const value = line.take(labelValue)?.[1];
    if (value === undefined) throw line.expected(`the value of ${name} in quotes`);
    labels.set(
      name,
      value.replace(/\\(.)/gu, (_, one: string) => (one === "n" ? "\n" : one)),
    );
    if (line.isAt(",")) continue;
    if (line.isAt("}")) break;
    throw line.expected(", or } after a label");
  }
  return labels;
}

function numberIn(text: string, line: Line, what: string): number {
  // What Go's scanner of numbers takes beyond decimals is not of the format.
  const value = /[pP_]/u.test(text) ? "syntax" : parseFloat64(text);
  if (typeof value === "number") return value;
  throw line.wrong(text === "" ? `${what} is missing` : `${what} is no number: ${text}`);
}

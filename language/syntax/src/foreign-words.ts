import type { DurationUnit } from "./ast.ts";
import type { Cursor } from "./cursor.ts";
import { replaceBy } from "./diagnostic.ts";
import { Token } from "./token.ts";

/*
 * Words of other languages. Flux has a name for everything else, so that none of these is reserved:
 * each is taken for what it is elsewhere only where no name could stand.
 */

/** What a word is for elsewhere, and how Flux says it; for a name that was not expected. */
const hints: Readonly<Record<string, string>> = {
  between: "write both bounds: `r._value > 1.0 and r._value < 9.0`",
  in: 'write `contains(value: r.host, set: ["a", "b"])`',
  is: "a missing value is tested with `exists r.field`",
  like: "a pattern is `r.host =~ /^web/`",
  when: "a choice is `if … then … else …`",
};

/** What to do about a name that cannot stand here, when it is a word of another language. */
export function wordHint(word: string): { readonly hint: string } | undefined {
  const known = word.toLowerCase();
  return Object.hasOwn(hints, known) ? { hint: hints[known] } : undefined;
}

/** `elif` and its like, where `else if` is meant: said, and read as what is meant. */
export function isElseIf(cursor: Cursor): boolean {
  if (cursor.kind !== Token.Identifier || !/^els?e?_?if$/iu.test(cursor.lexeme)) return false;
  cursor.error("E0124", cursor.span, `Flux writes \`${cursor.lexeme}\` as \`else if\``, {
    fix: replaceBy(cursor.span, "else if"),
  });
  return true;
}

// Sets, as every word that begins a statement is looked up: V8 makes a pattern when it is first used.
const declarations = new Set(["let", "var", "val", "const", "local", "set"]);
const loops = new Set(["for", "foreach", "while"]);
const functions = new Set(["def", "func", "fn", "function"]);

/** `let x = 1`: a variable needs no word before it. */
export function skipDeclaration(cursor: Cursor): void {
  if (!declarations.has(cursor.lexeme)) return;
  const { scanner } = cursor;
  const { span } = cursor;
  if (scanner.peek() !== Token.Identifier) return;
  const rest = /^[ \t]+[A-Za-z_]\w*\s*=(?![=>~])/u.exec(
    scanner.text.slice(span.end, span.end + 200),
  );
  if (rest === null) return;
  const blank = /^[ \t]+/u.exec(rest[0])?.[0].length ?? 0;
  cursor.error(
    "E0115",
    span,
    `a variable needs no \`${cursor.lexeme}\`: a name and \`=\` are enough`,
    {
      fix: replaceBy({ start: span.start, end: span.end + blank }, ""),
    },
  );
  cursor.next();
}

/** Loops, and functions as others write them: said once, up to the end of what they hold. */
export function foreignStatement(
  cursor: Cursor,
): { readonly message: string; readonly hint: string } | undefined {
  const { lexeme, scanner } = cursor;
  const known = loops.has(lexeme) || functions.has(lexeme);
  if (
    !known ||
    scanner.peek() !== Token.Identifier ||
    !/^[ \t]/u.test(scanner.text.slice(cursor.span.end))
  )
    return undefined;
  if (loops.has(lexeme)) {
    return {
      message: "Flux has no loops",
      hint: "each row of a stream is worked on by `map(fn: (r) => …)`, each element of an array by `array.map`",
    };
  }
  return {
    message: `a function is not written with \`${lexeme}\``,
    hint: "it is a value with a name: `f = (x) => x + 1`",
  };
}

/** `1hour`, `5min`, `1 h`: where it ends, and the unit of Flux that is meant. */
export function unitWord(
  text: string,
  digitsEnd: number,
): { readonly end: number; readonly unit: DurationUnit } | undefined {
  const found = /^(?:([a-z]+)| ([a-z]+)(?=\s*[),]))/iu.exec(text.slice(digitsEnd, digitsEnd + 20));
  const word = (found?.[1] ?? found?.[2] ?? "").toLowerCase();
  if (found === null || !Object.hasOwn(units, word)) return undefined;
  if (found[1] !== undefined && units[word] === word) return undefined;
  return { end: digitsEnd + found[0].length, unit: units[word] };
}

const units: Readonly<Record<string, DurationUnit>> = Object.fromEntries(
  Object.entries({
    s: ["s", "sec", "secs", "second", "seconds"],
    m: ["m", "min", "mins", "minute", "minutes"],
    h: ["h", "hr", "hrs", "hour", "hours"],
    d: ["d", "day", "days"],
    w: ["w", "week", "weeks"],
    mo: ["mo", "month", "months"],
    y: ["y", "yr", "year", "years"],
    ms: ["ms", "msec", "millis", "millisecond", "milliseconds"],
    us: ["us", "usec", "microsecond", "microseconds"],
    ns: ["ns", "nanosecond", "nanoseconds"],
  }).flatMap(([unit, words]) => words.map((word) => [word, unit as DurationUnit])),
);

import { shortened } from "@tocsin/platform/host";
import type { DurationUnit, Expression } from "./ast.ts";
import { isDigit, isHexDigit } from "./character.ts";
import type { Cursor } from "./cursor.ts";
import { insertAt, replaceBy } from "./diagnostic.ts";
import { parseDateTime } from "./date-time.ts";
import { unitWord } from "./foreign-words.ts";
import { regexpProblem } from "./regexp-syntax.ts";

const maximumInteger = 2n ** 63n - 1n;

/** The present `Integer` token. */
export function integerLiteral(cursor: Cursor): Expression {
  const spelled = spelledDuration(cursor);
  if (spelled) return spelled;
  const span = cursor.span;
  const text = cursor.lexeme;
  let value = BigInt(text);
  if (text.length > 1 && text.startsWith("0")) {
    const fix = replaceBy(span, value.toString());
    cursor.error("E0108", span, `the integer ${shortened(text, 30)} begins with 0`, {
      hint: "Flux knows decimal numbers only; leave the zeros out",
      ...(value <= maximumInteger ? { fix } : {}),
    });
  } else if (value > maximumInteger) {
    cursor.error("E0108", span, `the integer ${shortened(text, 30)} does not fit into 64 bits`, {
      hint: `the largest is ${maximumInteger}; write it as a float, with \`.0\`, if that will do`,
    });
  }
  if (value > maximumInteger) value = 0n;
  cursor.next();
  cursor.height = 1;
  return { kind: "IntegerLiteral", span, value };
}

/** The present `Float` token. */
export function floatLiteral(cursor: Cursor): Expression {
  const span = cursor.span;
  const value = Number(cursor.lexeme);
  cursor.next();
  cursor.height = 1;
  return { kind: "FloatLiteral", span, value };
}

/** A number with a unit that only other languages have: reported, and read as what is meant. */
function spelledDuration(cursor: Cursor): Expression | undefined {
  const { start } = cursor;
  const digits = /^\d+/.exec(cursor.lexeme)?.[0] ?? "";
  const found = unitWord(cursor.scanner.text, start + digits.length);
  if (!found) return undefined;
  const span = { start, end: found.end };
  const written = `${digits}${found.unit}`;
  cursor.error(
    "E0109",
    span,
    `Flux has no duration \`${cursor.scanner.text.slice(start, found.end)}\``,
    {
      hint: `write \`${written}\``,
      fix: replaceBy(span, written),
    },
  );
  cursor.scanner.restart(found.end);
  cursor.next();
  cursor.height = 1;
  return {
    kind: "DurationLiteral",
    span,
    values: [{ magnitude: BigInt(digits), unit: found.unit }],
  };
}

/** The present `Duration` token. */
export function durationLiteral(cursor: Cursor): Expression {
  const spelled = spelledDuration(cursor);
  if (spelled) return spelled;
  const span = cursor.span;
  const text = cursor.lexeme;
  const values: { magnitude: bigint; unit: DurationUnit }[] = [];
  for (let at = 0; at < text.length;) {
    let digits = at;
    while (isDigit(text.charCodeAt(digits))) digits += 1;
    let end = digits;
    while (end < text.length && !isDigit(text.charCodeAt(end))) end += 1;
    let magnitude = BigInt(text.slice(at, digits));
    if (magnitude > maximumInteger) {
      const part = { start: span.start + at, end: span.start + end };
      cursor.error("E0109", part, "this part of the duration does not fit into 64 bits");
      magnitude = 0n;
    }
    values.push({ magnitude, unit: durationUnit(text.slice(digits, end)) });
    at = end;
  }
  cursor.next();
  cursor.height = 1;
  return { kind: "DurationLiteral", span, values };
}

function durationUnit(written: string): DurationUnit {
  switch (written) {
    case "y":
    case "mo":
    case "w":
    case "d":
    case "h":
    case "m":
    case "s":
    case "ms":
    case "ns":
      return written;
    default:
      return "us";
  }
}

/** The present `DateTime` token. */
export function dateTimeLiteral(cursor: Cursor): Expression {
  const span = cursor.span;
  const text = cursor.lexeme;
  const parsed = parseDateTime(text);
  cursor.height = 1;
  if (typeof parsed === "bigint") {
    cursor.next();
    return { kind: "DateTimeLiteral", span, text, value: parsed };
  }
  const fix = parsed.insert === undefined ? {} : { fix: insertAt(span.end, parsed.insert) };
  cursor.error("E0110", span, parsed.message, {
    ...(parsed.hint === undefined ? {} : { hint: parsed.hint }),
    ...fix,
  });
  cursor.next();
  return { kind: "DateTimeLiteral", span, text };
}

/** The present `Regexp` token. */
export function regexpLiteral(cursor: Cursor): Expression {
  const span = cursor.span;
  const pattern = regexpPattern(cursor, cursor.lexeme.slice(1, -1));
  const problem = regexpProblem(pattern);
  if (problem !== undefined) {
    cursor.error("E0111", span, `this regular expression is not valid: ${problem}`, {
      hint: "the syntax is RE2's, which has no look-around and no back-references",
    });
  }
  cursor.next();
  cursor.height = 1;
  return { kind: "RegexpLiteral", span, pattern };
}

/** `\/` and `\xHH` mean characters; every other escape is the regular expression's own. */
function regexpPattern(cursor: Cursor, raw: string): string {
  let out = "";
  let from = 0;
  for (let at = raw.indexOf("\\"); at >= 0; at = raw.indexOf("\\", from)) {
    out += raw.slice(from, at);
    const letter = raw[at + 1] ?? "";
    from = at + 2;
    if (letter === "/") out += "/";
    else if (letter !== "x") out += `\\${letter}`;
    else if (isHexDigit(raw.charCodeAt(at + 2)) && isHexDigit(raw.charCodeAt(at + 3))) {
      out += raw.slice(at, at + 4);
      from = at + 4;
    } else {
      const start = cursor.start + 1 + at;
      cursor.error("E0111", { start, end: start + 2 }, "`\\x` needs two hexadecimal digits");
    }
  }
  return out + raw.slice(from);
}

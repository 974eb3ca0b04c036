import { parseFloatBytes, parseIntBytes, parseUintBytes } from "@tocsin/data/value";
import { utf8 } from "@tocsin/platform/host";
import { byte, type FieldKind, LineError, type LineField } from "./line-point.ts";
import { fieldEscapes, quoted, unescaped } from "./line-series.ts";

const float = { values: new Float64Array(1), at: 0 };
const long = new BigInt64Array(1);
const longWords = { words: new Uint32Array(long.buffer), at: 0 };
const unsigned = new BigUint64Array(long.buffer);

/** Reads `key=value,key=value` up to the blank that ends them; a later field wins over an equal one. */
export class FieldParser {
  /** Where the fields ended. */
  end = 0;
  fields: LineField[] = [];
  #bytes: Uint8Array = new Uint8Array(0);
  #to = 0;

  /** The fields that start at `from`; throws a `LineError`. */
  parse(bytes: Uint8Array, from: number, to: number): LineField[] {
    this.#bytes = bytes;
    this.#to = to;
    this.fields = [];
    let at = from;
    for (;;) {
      const mark = this.#keyEnd(at);
      const key = unescaped(bytes, at, mark, fieldEscapes);
      const end = this.#valueEnd(key, mark + 1);
      this.#add(key, mark + 1, end);
      if (end >= to || bytes[end] === byte.space) {
        this.end = end;
        return this.fields;
      }
      at = end + 1;
    }
  }
  #keyEnd(from: number): number {
    const bytes = this.#bytes;
    let i = from;
    for (; i < this.#to; i++) {
      const b = bytes[i];
      if (b === byte.backslash) i++;
      else if (b === byte.equals) break;
      else if (b === byte.comma || b === byte.space) {
        throw new LineError(
          `field ${quoted(this.#text(from, i))} has no value: expected key=value`,
        );
      }
    }
    if (i === from) throw new LineError("a field has no key: expected key=value");
    if (i >= this.#to) {
      throw new LineError(
        `field ${quoted(this.#text(from, this.#to))} has no value: expected key=value`,
      );
    }
    return i;
  }
  #valueEnd(key: string, from: number): number {
    const bytes = this.#bytes;
    let i = from;
    if (bytes[i] === byte.quote && i < this.#to) {
      for (i++; i < this.#to && bytes[i] !== byte.quote; i++) if (bytes[i] === byte.backslash) i++;
      if (i >= this.#to)
        throw new LineError(`the string of field ${quoted(key)} has no closing quote`);
      i++;
    }
    const afterString = i;
    while (i < this.#to && bytes[i] !== byte.comma && bytes[i] !== byte.space) i++;
    if (i === from) throw new LineError(`field ${quoted(key)} has no value: expected key=value`);
    if (bytes[from] === byte.quote && i > afterString) {
      const rest = quoted(this.#text(afterString, i));
      throw new LineError(
        `after the string of field ${quoted(key)} stands ${rest}; expected a comma or a blank`,
      );
    }
    return i;
  }
  #add(key: string, from: number, to: number): void {
    const field = this.#value(key, from, to);
    const before = this.fields.findIndex((one) => one[0] === key);
    if (before < 0) {
      this.fields.push(field);
      return;
    }
    if (this.fields[before][1] !== field[1]) {
      throw new LineError(
        `field ${quoted(key)} occurs twice, as ${this.fields[before][1]} and as ${field[1]}`,
      );
    }
    this.fields[before] = field;
  }
  #value(key: string, from: number, to: number): LineField {
    const bytes = this.#bytes;
    const first = bytes[from];
    if (first === byte.quote)
      return [key, "string", unescaped(bytes, from + 1, to - 1, stringEscapes)];
    if (isDigit(first) || first === byte.point || first === byte.minus) {
      return this.#number(key, from, to);
    }
    const word = this.#text(from, to);
    const truth = booleans.get(word);
    if (truth === undefined) throw new LineError(notAValue(key, word));
    return [key, "bool", truth];
  }
  #number(key: string, from: number, to: number): LineField {
    const bytes = this.#bytes;
    const suffix = bytes[to - 1];
    if (suffix === 0x69 || suffix === 0x75) {
      const kind: FieldKind = suffix === 0x69 ? "int" : "uint";
      const parse = kind === "int" ? parseIntBytes : parseUintBytes;
      if (!isWhole(bytes, from, to - 1)) throw new LineError(notAValue(key, this.#text(from, to)));
      if (kind === "uint" && bytes[from] === byte.minus) {
        throw new LineError(`field ${quoted(key)}: an unsigned integer cannot be negative`);
      }
      if (!parse(bytes, from, to - 1, longWords)) {
        throw new LineError(`field ${quoted(key)}: ${this.#text(from, to)} does not fit 64 bits`);
      }
      return [key, kind, kind === "int" ? long[0] : unsigned[0]];
    }
    if (!isDecimal(bytes, from, to)) throw new LineError(notAValue(key, this.#text(from, to)));
    if (!parseFloatBytes(bytes, from, to, float)) {
      throw new LineError(`field ${quoted(key)}: ${this.#text(from, to)} is too large for a float`);
    }
    return [key, "float", float.values[0]];
  }
  #text(from: number, to: number): string {
    return utf8.decode(this.#bytes.subarray(from, to));
  }
}

const stringEscapes: readonly number[] = [byte.quote, byte.backslash];

const booleans: ReadonlyMap<string, boolean> = new Map([
  ...["t", "T", "true", "True", "TRUE"].map((word) => [word, true] as const),
  ...["f", "F", "false", "False", "FALSE"].map((word) => [word, false] as const),
]);

function notAValue(key: string, text: string): string {
  const shown = quoted(text);
  if (text.endsWith("\r")) {
    return `the value of field ${quoted(key)} ends in a carriage return: lines must end in \\n, not \\r\\n`;
  }
  return (
    `field ${quoted(key)} has the value ${shown}; expected a number (1, 1.5, 1i, 1u), ` +
    `true or false, or a string in double quotes`
  );
}

const isDigit = (b: number): boolean => b >= 0x30 && b <= 0x39;

/** `-` and digits, nothing else. */
function isWhole(bytes: Uint8Array, from: number, to: number): boolean {
  const start = bytes[from] === byte.minus ? from + 1 : from;
  for (let i = start; i < to; i++) if (!isDigit(bytes[i])) return false;
  return start < to;
}

/** A decimal with optional point and exponent. A sign before it may only be `-`. */
function isDecimal(bytes: Uint8Array, from: number, to: number): boolean {
  let i = bytes[from] === byte.minus ? from + 1 : from;
  let digits = 0;
  let points = 0;
  for (; i < to && (isDigit(bytes[i]) || bytes[i] === byte.point); i++) {
    if (bytes[i] === byte.point) points++;
    else digits++;
  }
  if (digits === 0 || points > 1) return false;
  if (i === to) return true;
  if (bytes[i] !== 0x65 && bytes[i] !== 0x45) return false;
  i++;
  if (bytes[i] === byte.minus || bytes[i] === 0x2b) i++;
  const start = i;
  while (i < to && isDigit(bytes[i])) i++;
  return i === to && i > start;
}

import { Dictionary } from "@tocsin/data/column";
import { parseFloatBytes, parseIntBytes, parseUintBytes } from "@tocsin/data/value";
import { shortened, utf8 } from "@tocsin/platform/host";
import { byte, type FieldKind, LineError } from "./line-point.ts";
import { fieldEscapes, quoted, unescaped, unescapedBytes } from "./line-series.ts";
import type { ParsedLine } from "./parsed-line.ts";

const noText = new Uint8Array(0);

/** Reads `key=value,key=value` up to the blank that ends them; of fields with the same key the last one counts. */
export class FieldParser {
  /** Where the fields ended. */
  end = 0;
  readonly #line: ParsedLine;
  #bytes: Uint8Array = noText;
  #to = 0;
  readonly #written = new Dictionary();
  /** Codes of keys, by the code in `#written` of their bytes. */
  readonly #codes: number[] = [];
  readonly #names: string[] = [];
  readonly #codeOfName = new Map<string, number>();
  /** Where each key last stood in a line, by its code. */
  readonly #places: (number | undefined)[] = [];
  readonly #float: { values: Float64Array; at: number };
  readonly #words: { words: Uint32Array; at: number };

  /** Fields are put into `line`. */
  constructor(line: ParsedLine) {
    this.#line = line;
    this.#float = { values: line.floats, at: 0 };
    this.#words = { words: new Uint32Array(line.longs.buffer), at: 0 };
  }
  /** Reads the fields that start at `from`; throws a `LineError`. */
  parse(bytes: Uint8Array, from: number, to: number): void {
    this.#bytes = bytes;
    this.#to = to;
    this.#line.count = 0;
    let at = from;
    for (;;) {
      const mark = this.#keyEnd(at);
      const key = this.#keyCode(at, mark);
      const end = this.#valueEnd(key, mark + 1);
      this.#line.keyFrom[this.#line.count] = at;
      this.#line.keyTo[this.#line.count] = mark;
      this.#add(key, mark + 1, end);
      if (end >= to || bytes[end] === byte.space) {
        this.end = end;
        return;
      }
      at = end + 1;
    }
  }
  /** The code of the key at `bytes[from .. to]`: the same for the same name, however that is escaped. */
  #keyCode(from: number, to: number): number {
    const known = this.#written.size;
    const written = this.#written.codeOfBytes(this.#bytes, from, to);
    if (written < known) return this.#codes[written];
    const name = unescaped(this.#bytes, from, to, fieldEscapes);
    let code = this.#codeOfName.get(name);
    if (code === undefined) {
      code = this.#names.length;
      this.#names.push(name);
      this.#codeOfName.set(name, code);
    }
    this.#codes[written] = code;
    return code;
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
  #valueEnd(key: number, from: number): number {
    const bytes = this.#bytes;
    let i = from;
    if (bytes[i] === byte.quote && i < this.#to) {
      for (i++; i < this.#to && bytes[i] !== byte.quote; i++) if (bytes[i] === byte.backslash) i++;
      if (i >= this.#to)
        throw new LineError(`the string of field ${this.#name(key)} has no closing quote`);
      i++;
    }
    const afterString = i;
    while (i < this.#to && bytes[i] !== byte.comma && bytes[i] !== byte.space) i++;
    if (i === from)
      throw new LineError(`field ${this.#name(key)} has no value: expected key=value`);
    if (bytes[from] === byte.quote && i > afterString) {
      const rest = quoted(this.#text(afterString, i));
      throw new LineError(
        `after the string of field ${this.#name(key)} stands ${rest}; expected a comma or a blank`,
      );
    }
    return i;
  }
  #add(key: number, from: number, to: number): void {
    const line = this.#line;
    const at = line.count;
    if (at === line.longs.length) this.#grow();
    line.keys[at] = this.#names[key];
    line.keyCodes[at] = key;
    line.texts[at] = noText;
    this.#float.at = at;
    this.#words.at = at;
    line.kinds[at] = this.#value(key, from, to);
    const before = this.#places[key];
    if (before === undefined || before >= at || line.keyCodes[before] !== key) {
      this.#places[key] = at;
      line.count = at + 1;
      return;
    }
    if (line.kinds[before] !== line.kinds[at]) {
      throw new LineError(
        `field ${this.#name(key)} occurs twice, as ${line.kinds[before]} and as ${line.kinds[at]}`,
      );
    }
    line.move(at, before);
  }
  #grow(): void {
    this.#line.makeRoom();
    this.#float.values = this.#line.floats;
    this.#words.words = new Uint32Array(this.#line.longs.buffer);
  }
  #value(key: number, from: number, to: number): FieldKind {
    const bytes = this.#bytes;
    const line = this.#line;
    const first = bytes[from];
    if (first === byte.quote) {
      line.texts[line.count] = unescapedBytes(bytes, from + 1, to - 1, stringEscapes);
      return "string";
    }
    if (isDigit(first) || first === byte.point || first === byte.minus)
      return this.#number(key, from, to);
    const word = this.#text(from, to);
    const truth = booleans.get(word);
    if (truth === undefined) throw new LineError(notAValue(this.#names[key], word));
    line.longs[line.count] = truth ? 1n : 0n;
    return "bool";
  }
  #number(key: number, from: number, to: number): FieldKind {
    const bytes = this.#bytes;
    const suffix = bytes[to - 1];
    const wrong = (): LineError => new LineError(notAValue(this.#names[key], this.#text(from, to)));
    if (suffix === 0x69 || suffix === 0x75) {
      const kind = suffix === 0x69 ? "int" : "uint";
      const parse = kind === "int" ? parseIntBytes : parseUintBytes;
      if (!isWhole(bytes, from, to - 1)) throw wrong();
      if (kind === "uint" && bytes[from] === byte.minus) {
        throw new LineError(`field ${this.#name(key)}: an unsigned integer cannot be negative`);
      }
      if (!parse(bytes, from, to - 1, this.#words)) {
        throw new LineError(
          `field ${this.#name(key)}: ${shortened(this.#text(from, to), 60)} does not fit 64 bits`,
        );
      }
      return kind;
    }
    if (!isDecimal(bytes, from, to)) throw wrong();
    if (!parseFloatBytes(bytes, from, to, this.#float)) {
      throw new LineError(
        `field ${this.#name(key)}: ${shortened(this.#text(from, to), 60)} is too large for a float`,
      );
    }
    return "float";
  }
  #name(key: number): string {
    return quoted(this.#names[key]);
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

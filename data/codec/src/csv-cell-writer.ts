import {
  type CellBytes,
  cellBytes,
  copyAll,
  copyBytes,
  type Dictionary,
  type FlatColumn,
  isValid,
} from "@tocsin/data/column";
import { utf8 } from "@tocsin/platform/host";
import type { ByteWriter } from "./byte-writer.ts";

const newline = 0x0a;
const carriageReturn = 0x0d;
const quote = 0x22;

/** Writes the cells of a column as CSV; a cell without a value is empty. */
export function cellWriter(column: FlatColumn, comma: number): CellBytes {
  const { valid } = column;
  const { bound, write } = validCellWriter(column, comma);
  if (valid === undefined) return { bound, write };
  return {
    bound,
    write: (row, bytes, at) => (isValid(valid, row) ? write(row, bytes, at) : at),
  };
}

function validCellWriter(column: FlatColumn, comma: number): CellBytes {
  const plain = cellBytes(column, "shortest");
  if (column.kind !== "string") return plain;
  // Each byte may be a quote, which is doubled, or a line break, which becomes two bytes.
  const bound = 2 * plain.bound + 2;
  if (column.form === "coded")
    return { bound, write: codedWriter(column.codes, column.dictionary, comma) };
  const write = (row: number, bytes: Uint8Array, at: number): number => {
    const end = plain.write(row, bytes, at);
    if (!needsQuotes(bytes, at, end, comma)) return end;
    return writeQuoted(bytes.slice(at, end), 0, end - at, { bytes, at });
  };
  return { bound, write };
}

/**
 * Writes texts by their codes. Of each code it notes whether the text can be copied as it is: 0 unknown, 1 yes, 2 no.
 */
function codedWriter(
  codes: Uint32Array,
  dictionary: Dictionary,
  comma: number,
): CellBytes["write"] {
  const known = new Uint8Array(dictionary.size);
  return (row, bytes, at) => {
    const code = codes[row];
    if (known[code] === 1) return dictionary.copy(code, bytes, at);
    const text = dictionary.bytes(code);
    if (known[code] === 0) known[code] = needsQuotes(text, 0, text.length, comma) ? 2 : 1;
    if (known[code] === 1) return copyAll(text, bytes, at);
    return writeQuoted(text, 0, text.length, { bytes, at });
  };
}

/** Writes `source[from .. to]` as a cell, in quotes where they are needed. */
export function writeText(
  source: Uint8Array,
  from: number,
  to: number,
  { out, comma }: { out: ByteWriter; comma: number },
): void {
  out.reserve(2 * (to - from) + 2);
  const target = { bytes: out.bytes, at: out.length };
  out.length = needsQuotes(source, from, to, comma)
    ? writeQuoted(source, from, to, target)
    : copyBytes(source, from, to, target);
}

/** The rule of Go's writer: a delimiter, quote or line break anywhere, white space at the start, or `\.` alone. */
function needsQuotes(bytes: Uint8Array, from: number, to: number, comma: number): boolean {
  if (from === to) return false;
  for (let i = from; i < to; i++) {
    const b = bytes[i];
    if (b === comma || (b <= quote && (b === quote || b === newline || b === carriageReturn)))
      return true;
  }
  const first = bytes[from];
  if (first === 0x20 || (first >= 0x09 && first <= 0x0d)) return true;
  if (first === 0x5c) return to - from === 2 && bytes[from + 1] === 0x2e;
  if (first < 0xc2) return false;
  const point = utf8.decode(bytes.subarray(from, Math.min(to, from + 4))).codePointAt(0) ?? 0;
  return wideSpace.test(String.fromCodePoint(point));
}

const wideSpace = /^[\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]$/;

/**
 * Writes a text in quotes, with quotes doubled and line breaks as `\r\n`; gives the end. Needs room for twice the text
 * and two bytes.
 */
function writeQuoted(
  source: Uint8Array,
  from: number,
  to: number,
  { bytes, at: start }: { bytes: Uint8Array; at: number },
): number {
  let at = start;
  bytes[at++] = quote;
  for (let i = from; i < to; i++) {
    const b = source[i];
    if (b === quote) bytes[at++] = quote;
    else if (b === newline && source[i - 1] !== carriageReturn) bytes[at++] = carriageReturn;
    bytes[at++] = b;
  }
  bytes[at++] = quote;
  return at;
}

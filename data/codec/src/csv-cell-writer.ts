import {
  cellAt,
  type Dictionary,
  type FlatColumn,
  isValid,
  materialized,
} from "@tocsin/data/column";
import { TimeWriter, writeFloat, writeInt64, writeUint64 } from "@tocsin/data/value";
import { utf8 } from "@tocsin/platform/host";
import { ByteWriter } from "./byte-writer.ts";

const newline = 0x0a;
const carriageReturn = 0x0d;
const quote = 0x22;

/** Writes the cell of row `row`; nothing where it has no value. */
export type CellWriter = (row: number, out: ByteWriter) => void;

/** What writes the cells of a column as CSV. */
export function cellWriter(given: FlatColumn, comma: number): CellWriter {
  const column = materialized(given);
  const { valid } = column;
  const write = validCellWriter(column, comma);
  if (valid === undefined) return write;
  return (row, out) => {
    if (isValid(valid, row)) write(row, out);
  };
}

function validCellWriter(column: ReturnType<typeof materialized>, comma: number): CellWriter {
  if (column.form === "coded") return codedWriter(column.codes, column.dictionary, comma);
  if (column.form === "plain") {
    const { bytes, offsets } = column;
    return (row, out) => writeText(bytes, offsets[row], offsets[row + 1], { out, comma });
  }
  switch (column.kind) {
    case "float": {
      const { data } = column;
      return (row, out) => {
        out.reserve(330);
        out.length = writeFloat(data[row], out.bytes, out.length);
      };
    }
    case "int":
    case "time":
    case "uint":
      return wordWriter(column.kind, halves(column.data));
    case "bool": {
      const { data } = column;
      return (row, out) => {
        const word = data[row] === 1 ? trueBytes : falseBytes;
        out.copy(word, 0, word.length);
      };
    }
  }
}

const trueBytes = utf8.encode("true");
const falseBytes = utf8.encode("false");

function halves(data: BigInt64Array | BigUint64Array): Uint32Array {
  return new Uint32Array(data.buffer, data.byteOffset, data.length * 2);
}

function wordWriter(kind: "int" | "uint" | "time", words: Uint32Array): CellWriter {
  if (kind === "time") {
    const times = new TimeWriter();
    return (row, out) => {
      out.reserve(30);
      out.length = times.writeNano(words, row, out.bytes, out.length);
    };
  }
  const write = kind === "int" ? writeInt64 : writeUint64;
  return (row, out) => {
    out.reserve(20);
    out.length = write(words, row, out.bytes, out.length);
  };
}

/** Whether a code's text can be copied as it is: 0 not looked at, 1 yes, 2 no. */
function codedWriter(codes: Uint32Array, dictionary: Dictionary, comma: number): CellWriter {
  const known = new Uint8Array(dictionary.size);
  return (row, out) => {
    const code = codes[row];
    const bytes = dictionary.bytes(code);
    if (known[code] === 0) known[code] = needsQuotes(bytes, 0, bytes.length, comma) ? 2 : 1;
    if (known[code] === 1) out.copy(bytes, 0, bytes.length);
    else writeQuoted(bytes, 0, bytes.length, out);
  };
}

/** Writes `bytes[from .. to]` as a cell, in quotes where they are needed. */
export function writeText(
  bytes: Uint8Array,
  from: number,
  to: number,
  { out, comma }: { out: ByteWriter; comma: number },
): void {
  if (needsQuotes(bytes, from, to, comma)) writeQuoted(bytes, from, to, out);
  else out.copy(bytes, from, to);
}

/** As Go's writer decides: delimiter, quote or line break anywhere, white space first, or `\.` alone. */
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

/** Quotes are doubled, and a line break is `\r\n`, as everywhere in such a file. */
function writeQuoted(bytes: Uint8Array, from: number, to: number, out: ByteWriter): void {
  out.reserve(2 * (to - from) + 2);
  const target = out.bytes;
  let at = out.length;
  target[at++] = quote;
  for (let i = from; i < to; i++) {
    const b = bytes[i];
    if (b === quote) target[at++] = quote;
    else if (b === newline && bytes[i - 1] !== carriageReturn) target[at++] = carriageReturn;
    target[at++] = b;
  }
  target[at++] = quote;
  out.length = at;
}

/** The text of a cell as CSV has it, without quotes; "" where it has no value. */
export function plainText(column: FlatColumn, row: number): string {
  const cell = cellAt(column, row);
  if (cell === null || typeof cell === "string") return cell ?? "";
  const out = new ByteWriter();
  cellWriter(column, 0)(row, out);
  return utf8.decode(out.take());
}

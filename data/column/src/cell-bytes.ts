import { TimeWriter, writeFloat, writeInt64, writeUint64 } from "@tocsin/data/value";
import { utf8 } from "@tocsin/platform/host";
import type { FlatColumn, LazyColumn, PlainColumn } from "./column.ts";

/** Writes cells of one column that have a value as UTF-8 text. */
export interface CellBytes {
  /** No cell takes more bytes. */
  readonly bound: number;
  /** Writes the cell of row `row` into `bytes` from `at` on; gives the end. */
  readonly write: (row: number, bytes: Uint8Array, at: number) => number;
}

/** Bytes of the longest float, and of the longest of the other fixed kinds. */
const floatBytes = 330;
const wordBytes = 32;
/** Fewer bytes are copied sooner by a loop than by a call of the platform. */
const blockBytes = 48;

/**
 * Text of a column's cells, written without making strings. Times have as many digits of a second as
 * they need, or always nine, as interpolation has them.
 */
export function cellBytes(column: FlatColumn, times: "shortest" | "nine digits"): CellBytes {
  switch (column.form) {
    case "coded": {
      const { codes, dictionary } = column;
      return {
        bound: dictionary.longest,
        write: (row, bytes, at) => dictionary.copy(codes[row], bytes, at),
      };
    }
    case "plain":
      return plainBytes(column);
    case "lazy":
      return lazyBytes(column);
    case "flat":
      return fixedBytes(column, times);
  }
}

function plainBytes({ bytes: source, offsets }: PlainColumn): CellBytes {
  let bound = 0;
  for (let row = 1; row < offsets.length; row++)
    bound = Math.max(bound, offsets[row] - offsets[row - 1]);
  return {
    bound,
    write: (row, bytes, at) => copyBytes(source, offsets[row], offsets[row + 1], { bytes, at }),
  };
}

function fixedBytes(
  column: Exclude<FlatColumn, { kind: "string" }>,
  times: "shortest" | "nine digits",
): CellBytes {
  switch (column.kind) {
    case "float": {
      const { data } = column;
      return { bound: floatBytes, write: (row, bytes, at) => writeFloat(data[row], bytes, at) };
    }
    case "bool": {
      const { data } = column;
      const words = [utf8.encode("false"), utf8.encode("true")];
      return {
        bound: wordBytes,
        write: (row, bytes, at) => copyAll(words[data[row]], bytes, at),
      };
    }
    case "uint": {
      const words = halves(column.data);
      return { bound: wordBytes, write: (row, bytes, at) => writeUint64(words, row, bytes, at) };
    }
    case "int":
    case "time": {
      const words = halves(column.data);
      const writer = new TimeWriter();
      if (column.kind === "int")
        return { bound: wordBytes, write: (row, bytes, at) => writeInt64(words, row, bytes, at) };
      return times === "shortest"
        ? { bound: wordBytes, write: (row, bytes, at) => writer.writeNano(words, row, bytes, at) }
        : { bound: wordBytes, write: (row, bytes, at) => writer.write9(words, row, bytes, at) };
    }
  }
}

const halves = (data: BigInt64Array | BigUint64Array): Uint32Array =>
  new Uint32Array(data.buffer, data.byteOffset, data.length * 2);

function lazyBytes(column: LazyColumn): CellBytes {
  const parts = column.parts.map((part) => utf8.encode(part));
  const fillers = column.columns.map((filler) => {
    if (filler.form === "table") throw new Error("a lazy column holds a column per table");
    return cellBytes(filler, "nine digits");
  });
  let bound = 0;
  for (const part of parts) bound += part.length;
  for (const filler of fillers) bound += filler.bound;
  const write = (row: number, bytes: Uint8Array, from: number): number => {
    let at = copyAll(parts[0], bytes, from);
    for (let i = 0; i < fillers.length; i++)
      at = copyAll(parts[i + 1], bytes, fillers[i].write(row, bytes, at));
    return at;
  };
  return { bound, write };
}

/** Copies all of `source` to `bytes` from `at` on; gives the end. */
export function copyAll(source: Uint8Array, bytes: Uint8Array, at: number): number {
  const { length } = source;
  if (length > blockBytes) bytes.set(source, at);
  else for (let i = 0; i < length; i++) bytes[at + i] = source[i];
  return at + length;
}

/** Copies `source[from .. to]`; gives the end. */
export function copyBytes(
  source: Uint8Array,
  from: number,
  to: number,
  { bytes, at }: { bytes: Uint8Array; at: number },
): number {
  if (to - from > blockBytes) bytes.set(source.subarray(from, to), at);
  else for (let i = from, out = at; i < to; i++, out++) bytes[out] = source[i];
  return at + to - from;
}

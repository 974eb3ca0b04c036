import { columnBuilder, PlainBuilder } from "./builder.ts";
import { isValid } from "./cell.ts";
import type { FlatColumn, Validity } from "./column.ts";
import { rowsOf } from "./gather.ts";

type Coded = Extract<FlatColumn, { form: "coded" }>;
type Fixed = Extract<FlatColumn, { form: "flat" }>;

/**
 * Columns of the same kind end to end, copied in blocks where their form allows it. One column is given
 * back as it is.
 */
export function concatenate(columns: readonly FlatColumn[]): FlatColumn {
  if (columns.length === 1) return columns[0];
  if (columns.every((column) => column.form === "flat")) return joinFixed(columns);
  if (columns.every((column) => column.form === "coded")) return joinCoded(columns);
  return joinCells(columns);
}

function joinFixed(columns: readonly Fixed[]): FlatColumn {
  const rows = rowsOfAll(columns);
  const [first] = columns;
  const data = first.data.slice(0, 0);
  const Data = data.constructor as new (length: number) => Float64Array;
  const joined = new Data(rows);
  let at = 0;
  for (const column of columns) {
    joined.set(column.data as Float64Array, at);
    at += column.data.length;
  }
  return {
    kind: first.kind,
    form: "flat",
    data: joined,
    valid: joinValidity(columns, rows),
  } as unknown as FlatColumn;
}

function joinCoded(columns: readonly Coded[]): FlatColumn {
  const rows = rowsOfAll(columns);
  const codes = new Uint32Array(rows);
  const { dictionary } = columns[0];
  let at = 0;
  let remap = new Int32Array(0);
  let foreign = dictionary;
  for (const column of columns) {
    if (column.dictionary === dictionary) codes.set(column.codes, at);
    else {
      if (foreign !== column.dictionary || remap.length < column.dictionary.size)
        remap = new Int32Array(column.dictionary.size).fill(-1);
      foreign = column.dictionary;
      for (let row = 0; row < column.codes.length; row++) {
        if (!isValid(column.valid, row)) continue;
        const local = column.codes[row];
        if (remap[local] === -1) {
          const bytes = foreign.bytes(local);
          remap[local] = dictionary.codeOfBytes(bytes, 0, bytes.length);
        }
        codes[at + row] = remap[local];
      }
    }
    at += column.codes.length;
  }
  return { kind: "string", form: "coded", codes, dictionary, valid: joinValidity(columns, rows) };
}

function joinValidity(columns: readonly FlatColumn[], rows: number): Validity {
  if (columns.every((column) => column.valid === undefined)) return undefined;
  const bits = new Uint8Array((rows + 7) >> 3);
  let at = 0;
  for (const column of columns) {
    const count = rowsOf(column);
    for (let row = 0; row < count; row++, at++)
      if (isValid(column.valid, row)) bits[at >> 3] |= 1 << (at & 7);
  }
  return bits;
}

function rowsOfAll(columns: readonly FlatColumn[]): number {
  return columns.reduce((sum, column) => sum + rowsOf(column), 0);
}

function joinCells(columns: readonly FlatColumn[]): FlatColumn {
  const rows = rowsOfAll(columns);
  const plain = columns.some((column) => column.form === "plain" || column.form === "lazy");
  const builder = plain ? new PlainBuilder(rows) : columnBuilder(columns[0].kind, rows);
  for (const column of columns) {
    const count = rowsOf(column);
    for (let row = 0; row < count; row++) builder.appendFrom(column, row);
  }
  return builder.finish();
}

import { finished, type Steps } from "@tocsin/platform/host";
import { blankColumn, isBlank } from "./blank.ts";
import { columnBuilder, PlainBuilder } from "./builder.ts";
import { isValid } from "./cell.ts";
import type { FlatColumn, Validity } from "./column.ts";
import { rowsOf } from "./gather.ts";

type Coded = Extract<FlatColumn, { form: "coded" }>;
type Fixed = Extract<FlatColumn, { form: "flat" }>;
type Plain = Extract<FlatColumn, { form: "plain" }>;

/** How many cells are copied in a step: as blocks of memory, and one by one. */
const cellsPerStep = { block: 500_000, single: 50_000 };

/**
 * Columns of the same kind end to end, copied in blocks where their form allows it. One column is given
 * back as it is.
 */
export const concatenate = (columns: readonly FlatColumn[]): FlatColumn =>
  finished(joinedColumn(columns));

/** As `concatenate`, in steps. */
export function* joinedColumn(columns: readonly FlatColumn[]): Steps<FlatColumn> {
  if (columns.length === 1) return columns[0];
  if (columns.every(isBlank)) return blankColumn(columns[0].kind, rowsOfAll(columns));
  if (columns.every((column) => column.form === "flat")) return yield* joinFixed(columns);
  if (columns.every((column) => column.form === "coded")) return yield* joinCoded(columns);
  if (columns.every((column) => column.form === "plain")) return yield* joinPlain(columns);
  return yield* joinCells(columns);
}

/** Ends a step whenever `most` cells have been copied. */
class Pace {
  readonly #most: number;
  #cells = 0;

  constructor(most: number) {
    this.#most = most;
  }
  *after(cells: number): Steps {
    this.#cells += cells;
    if (this.#cells < this.#most) return;
    this.#cells = 0;
    yield;
  }
}

function* joinFixed(columns: readonly Fixed[]): Steps<FlatColumn> {
  const rows = rowsOfAll(columns);
  const [first] = columns;
  const data = first.data.slice(0, 0);
  const Data = data.constructor as new (length: number) => Float64Array;
  const joined = new Data(rows);
  const pace = new Pace(cellsPerStep.block);
  let at = 0;
  for (const column of columns) {
    joined.set(column.data as Float64Array, at);
    at += column.data.length;
    yield* pace.after(column.data.length);
  }
  return {
    kind: first.kind,
    form: "flat",
    data: joined,
    valid: yield* joinValidity(columns, rows),
  } as unknown as FlatColumn;
}

function* joinCoded(columns: readonly Coded[]): Steps<FlatColumn> {
  const rows = rowsOfAll(columns);
  const codes = new Uint32Array(rows);
  const { dictionary } = columns[0];
  const pace = new Pace(cellsPerStep.block);
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
    yield* pace.after(column.codes.length);
  }
  const valid = yield* joinValidity(columns, rows);
  return { kind: "string", form: "coded", codes, dictionary, valid };
}

function* joinPlain(columns: readonly Plain[]): Steps<FlatColumn> {
  const rows = rowsOfAll(columns);
  const offsets = new Uint32Array(rows + 1);
  const length = (one: Plain): number => one.offsets[one.offsets.length - 1] - one.offsets[0];
  const bytes = new Uint8Array(columns.reduce((sum, one) => sum + length(one), 0));
  const pace = new Pace(cellsPerStep.block);
  let [row, at] = [0, 0];
  for (const column of columns) {
    const [from] = column.offsets;
    bytes.set(column.bytes.subarray(from, from + length(column)), at);
    shift(column.offsets, at - from, offsets, row);
    at += length(column);
    row += rowsOf(column);
    yield* pace.after(rowsOf(column));
  }
  return {
    kind: "string",
    form: "plain",
    bytes,
    offsets,
    valid: yield* joinValidity(columns, rows),
  };
}

/** Writes offsets that are larger by `by` from `row` on. */
function shift(from: Uint32Array, by: number, to: Uint32Array, row: number): void {
  for (let i = 0; i < from.length; i++) to[row + i] = from[i] + by;
}

function* joinValidity(columns: readonly FlatColumn[], rows: number): Steps<Validity> {
  if (columns.every((column) => column.valid === undefined)) return undefined;
  const bits = new Uint8Array((rows + 7) >> 3);
  const pace = new Pace(cellsPerStep.block);
  let at = 0;
  for (const column of columns) {
    const count = rowsOf(column);
    copyBits(column.valid, count, bits, at);
    at += count;
    yield* pace.after(count);
  }
  return bits;
}

/** Writes the first `count` bits of `valid` behind the first `at` of `bits`, which are 0 there. */
function copyBits(valid: Validity, count: number, bits: Uint8Array, at: number): void {
  const [first, shift] = [at >> 3, at & 7];
  for (let row = 0, i = 0; row < count; row += 8, i++) {
    const byte = valid === undefined ? 255 : valid[i];
    const some = count - row < 8 ? byte & ((1 << (count - row)) - 1) : byte;
    bits[first + i] |= some << shift;
    const rest = some >> (8 - shift);
    if (rest !== 0) bits[first + i + 1] |= rest;
  }
}

function rowsOfAll(columns: readonly FlatColumn[]): number {
  return columns.reduce((sum, column) => sum + rowsOf(column), 0);
}

function* joinCells(columns: readonly FlatColumn[]): Steps<FlatColumn> {
  const rows = rowsOfAll(columns);
  const plain = columns.some((column) => column.form === "plain" || column.form === "lazy");
  const builder = plain ? new PlainBuilder(rows) : columnBuilder(columns[0].kind, rows);
  const pace = new Pace(cellsPerStep.single);
  for (const column of columns) {
    const count = rowsOf(column);
    for (let row = 0; row < count; row++) builder.appendFrom(column, row);
    yield* pace.after(count);
  }
  return builder.finish();
}

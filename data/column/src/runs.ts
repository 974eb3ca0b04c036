import { blankColumn, isBlank } from "./blank.ts";
import type { FlatColumn } from "./column.ts";
import { concatenate } from "./concatenate.ts";
import { gather, slice } from "./gather.ts";

/** Rows of a batch that stay, in their order. */
export interface RowRuns {
  /** Where each run of neighbouring rows begins and ends, one after the other. */
  readonly runs: readonly number[];
  /** How many rows they are, and where tables end among them. */
  readonly rows: number;
  readonly tableEnds: Uint32Array;
}

/** Shorter runs are taken row by row. */
const longRun = 64;

/** The rows of `column` that stay; it shares memory where they are neighbours. */
export function takeRuns(column: FlatColumn, { runs, rows }: RowRuns): FlatColumn {
  if (isBlank(column)) return blankColumn(column.kind, rows);
  if (runs.length === 0) return slice(column, 0, 0);
  if (runs.length === 2) return slice(column, runs[0], runs[1]);
  if (column.form !== "lazy" && rows * 2 >= longRun * runs.length) {
    const pieces: FlatColumn[] = [];
    for (let i = 0; i < runs.length; i += 2) pieces.push(slice(column, runs[i], runs[i + 1]));
    return concatenate(pieces);
  }
  const taken = new Uint32Array(rows);
  let count = 0;
  for (let i = 0; i < runs.length; i += 2)
    for (let row = runs[i]; row < runs[i + 1]; row++) taken[count++] = row;
  return gather(column, taken, rows);
}

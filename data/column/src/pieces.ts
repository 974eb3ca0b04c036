import { tableStart } from "./cell.ts";
import type { Batch, Column } from "./column.ts";
import { slice } from "./gather.ts";

/**
 * A part of rows in tables: the tables `from .. to`, of whose rows it has `first .. last`. `open`: the
 * last table goes on in the next part.
 */
export interface Part {
  readonly from: number;
  readonly to: number;
  readonly first: number;
  readonly last: number;
  readonly open: boolean;
}

/**
 * Cuts rows that lie in tables into parts of at most `most` rows, and as many tables. A part ends with
 * a table where one ends late enough, else within one.
 */
export function* parts(tableEnds: Uint32Array, most: number): Generator<Part> {
  const tables = tableEnds.length;
  const rows = tables === 0 ? 0 : tableEnds[tables - 1];
  let first = 0;
  let from = 0;
  while (rows - first > most || tables - from > most) {
    let to = from;
    while (to < tables && to - from < most && tableEnds[to] <= first + most) to++;
    const whole = to > from ? tableEnds[to - 1] : first;
    const open = to - from < most && whole - first < most / 2;
    const last = open ? first + most : whole;
    yield { from, to: open ? to + 1 : to, first, last, open };
    from = to;
    first = last;
  }
  yield { from, to: tables, first, last: rows, open: false };
}

/** Where the tables of a part end in it. */
export function partEnds(tableEnds: Uint32Array, { from, to, first, last }: Part): Uint32Array {
  const ends = tableEnds.slice(from, to);
  for (let i = 0; i < ends.length; i++) ends[i] = Math.min(last, ends[i]) - first;
  return ends;
}

/** The tables `from .. to` of a batch, sharing its memory. */
export function tablesBetween(batch: Batch, from: number, to: number): Batch {
  if (from === 0 && to === batch.tableEnds.length) return batch;
  const first = tableStart(batch, from);
  const last = to === 0 ? 0 : batch.tableEnds[to - 1];
  const open = batch.open && to === batch.tableEnds.length;
  return partOf(batch, { from, to, first, last, open });
}

/**
 * A batch as batches of at most `most` rows, and as many tables, that share its memory: so no reader
 * works for long at a time.
 */
export function* pieces(batch: Batch, most: number): Generator<Batch> {
  if (batch.rows <= most && batch.tableEnds.length <= most) return yield batch;
  for (const part of parts(batch.tableEnds, most)) {
    const open = part.open || (batch.open && part.to === batch.tableEnds.length);
    yield partOf(batch, { ...part, open });
  }
}

function partOf(batch: Batch, part: Part): Batch {
  const { from, to, first, last, open } = part;
  const columns = batch.columns.map((column): Column =>
    column.form === "table"
      ? { ...column, values: slice(column.values, from, to) }
      : slice(column, first, last),
  );
  const tableEnds = partEnds(batch.tableEnds, part);
  return { schema: batch.schema, columns, rows: last - first, tableEnds, open };
}

import {
  type Batch,
  type Column,
  gather,
  joinPieces,
  slice,
  type Table,
  tableOf,
} from "@tocsin/data/column";
import type { Operator, OperatorContext, OperatorKind, Outlet, Properties } from "./operator.ts";
import { operatorKind } from "./per-batch.ts";

/** Cuts a stream so that no table is spread over batches: a table that goes on is held until it ends. */
export class WholeBatches {
  readonly #take: (batch: Batch) => void;
  #pieces: Table[] = [];

  constructor(take: (batch: Batch) => void) {
    this.#take = take;
  }
  add(batch: Batch): void {
    if (this.#pieces.length === 0 && !batch.open) return this.#take(batch);
    const count = batch.tableEnds.length;
    let from = 0;
    if (this.#pieces.length > 0) {
      this.#pieces.push(tableOf(batch, 0));
      if (count === 1 && batch.open) return;
      const pieces = this.#pieces;
      this.#pieces = [];
      this.#take(joinPieces(pieces));
      from = 1;
    }
    const to = batch.open ? count - 1 : count;
    if (to > from) this.#take(tables(batch, from, to));
    if (batch.open) this.#pieces.push(tableOf(batch, count - 1));
  }
}

/** The tables `from .. to` of a batch, sharing its memory. */
function tables(batch: Batch, from: number, to: number): Batch {
  if (from === 0 && to === batch.tableEnds.length) return { ...batch, open: false };
  const first = from === 0 ? 0 : batch.tableEnds[from - 1];
  const last = batch.tableEnds[to - 1];
  const columns = batch.columns.map((column): Column =>
    column.form === "table"
      ? { ...column, values: slice(column.values, from, to) }
      : slice(column, first, last),
  );
  const tableEnds = batch.tableEnds.slice(from, to);
  for (let i = 0; i < tableEnds.length; i++) tableEnds[i] -= first;
  return { schema: batch.schema, columns, rows: last - first, tableEnds, open: false };
}

/**
 * A kind whose operator works on batches of whole tables, all of them at once: loop over the tables
 * of the batch, and over the rows of each. Keys must stay as they are.
 */
export function wholeBatchKind<Spec>(
  properties: Omit<Properties<Spec>, "rowwise">,
  make: (spec: Spec, context: OperatorContext) => (batch: Batch) => Batch | undefined,
): OperatorKind<Spec> {
  return operatorKind({ ...properties, rowwise: false }, (spec, out, context): Operator => {
    const change = make(spec, context);
    const whole = new WholeBatches((batch) => pushSome(out, change(batch)));
    return { push: (batch) => whole.add(batch), finish: () => undefined };
  });
}

function pushSome(out: Outlet, batch: Batch | undefined): void {
  if (batch !== undefined) out.push(batch);
}

/** The rows `rows[0 .. count]` of a batch, with the table ends that they have then. */
export function selectRows(
  batch: Batch,
  rows: Uint32Array,
  count: number,
  tableEnds: Uint32Array,
): Batch {
  const columns = batch.columns.map((column) =>
    column.form === "table" ? column : gather(column, rows, count),
  );
  return { schema: batch.schema, columns, rows: count, tableEnds, open: batch.open };
}

/** A batch of whole tables without those that have no rows; undefined when none is left. */
export function withoutEmptyTables(batch: Batch): Batch | undefined {
  const kept: number[] = [];
  let before = 0;
  batch.tableEnds.forEach((end, table) => {
    if (end > before) kept.push(table);
    before = end;
  });
  if (kept.length === batch.tableEnds.length) return batch;
  if (kept.length === 0) return undefined;
  const picked = Uint32Array.from(kept);
  const columns = batch.columns.map((column) =>
    column.form === "table"
      ? { ...column, values: gather(column.values, picked, kept.length) }
      : column,
  );
  return {
    ...batch,
    columns,
    tableEnds: Uint32Array.from(kept, (table) => batch.tableEnds[table]),
  };
}

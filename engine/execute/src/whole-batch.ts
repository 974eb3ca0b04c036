import {
  type Batch,
  blankColumn,
  bytesOf,
  type Column,
  gather,
  joinedPieces,
  partEnds,
  parts,
  slice,
  type Table,
  tableOf,
  tablesBetween,
} from "@tocsin/data/column";
import type { Steps } from "@tocsin/platform/host";
import type { ColumnNames } from "@tocsin/engine/plan";
import type { Operator, OperatorContext, OperatorKind, Outlet, Properties } from "./operator.ts";
import { operatorKind } from "./per-batch.ts";
import { type Batches, pieceRows, pushing } from "./pushing.ts";

/** Rows beyond those needed that may be held before they are put together and cut back. */
export const rowsHeld = 4 * pieceRows;

/** Cuts a stream into batches of whole tables: a table that goes on is held until it ends. */
export class WholeBatches {
  #waiting: Batch[] = [];
  #pieces: Table[] = [];
  /** What was taken last, which is still being worked on. */
  #taken: Batch | undefined;

  add(batch: Batch): void {
    this.#waiting.push(batch);
  }
  /** Whether a table has begun and goes on. */
  get open(): boolean {
    return this.#pieces.length > 0;
  }
  /**
   * Replaces what is held of a table that goes on by what `change` leaves of it, at most `most` rows, once it has many
   * more.
   */
  *cutBack(most: number, change: (table: Batch) => Batch): Steps {
    const rows = this.#pieces.reduce((sum, piece) => sum + piece.rows, 0);
    if (rows <= 2 * most + rowsHeld) return;
    this.#pieces = [change(yield* joinedPieces(this.#pieces))];
  }
  /** About how many bytes are held. */
  get bytes(): number {
    const pieces = this.#pieces.flatMap(({ columns }) => columns);
    const waiting = [...this.#waiting, ...(this.#taken === undefined ? [] : [this.#taken])];
    return bytesOf({ columns: pieces }) + waiting.reduce((sum, one) => sum + bytesOf(one), 0);
  }
  /** The tables that have become whole since the last call, in steps. */
  *take(): Generator<Batch | undefined> {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const batch of waiting) {
      const whole = this.#pieces.length === 0 && !batch.open ? [batch] : this.#cut(batch);
      for (const one of whole) {
        this.#taken = one;
        yield one;
      }
      this.#taken = undefined;
    }
  }
  *#cut(batch: Batch): Generator<Batch | undefined> {
    const count = batch.tableEnds.length;
    let from = 0;
    if (this.#pieces.length > 0) {
      this.#pieces.push(tableOf(batch, 0));
      if (count === 1 && batch.open) return;
      // The pieces are let go once they are joined, before anybody works on the table.
      const whole = yield* joinedPieces(this.#pieces);
      this.#pieces = [];
      yield whole;
      from = 1;
    }
    const to = batch.open ? count - 1 : count;
    if (to > from) yield tablesBetween(batch, from, to);
    if (batch.open) this.#pieces.push(tableOf(batch, count - 1));
  }
}

/**
 * A kind whose operator works on batches of whole tables, looping over the tables of a batch and the rows of each.
 * Keys must stay as they are. The change may give a generator, which pauses during long work.
 */
export function wholeBatchKind<Spec>(
  properties: Omit<Properties<Spec>, "rowwise">,
  make: (spec: Spec, context: OperatorContext) => (batch: Batch) => Batch | undefined | Batches,
): OperatorKind<Spec> {
  return operatorKind({ ...properties, rowwise: false }, (spec, out, context): Operator => {
    const change = make(spec, context);
    const whole = new WholeBatches();
    return {
      push: (batch) => whole.add(batch),
      finish: () => undefined,
      steps: () => pushing(out, changed(whole, change)),
      held: () => whole.bytes,
    };
  });
}

function* changed(
  whole: WholeBatches,
  change: (batch: Batch) => Batch | undefined | Batches,
): Generator<Batch | undefined> {
  for (const batch of whole.take()) {
    const made = batch === undefined ? undefined : change(batch);
    if (made !== undefined && Symbol.iterator in made) yield* made;
    else yield made;
  }
}

/**
 * An operator that holds at most `most` rows of each table. `first` picks them among any rows of a table, and again
 * among those it has picked; `last` picks the rows of a whole table that are passed on.
 */
export function keepingRows(
  out: Outlet,
  most: number,
  first: (batch: Batch) => Batch,
  last = first,
): Operator {
  const whole = new WholeBatches();
  const kept = function* (): Generator<Batch | undefined> {
    for (const batch of whole.take()) yield batch && last(batch);
    yield* whole.cutBack(most, first) as Generator<undefined>;
  };
  return {
    // A table that goes on is reduced batch by batch, and once more when it is whole.
    push: (batch) => whole.add(batch.open && most < batch.rows ? first(batch) : batch),
    finish: () => undefined,
    steps: () => pushing(out, kept()),
    held: () => whole.bytes,
  };
}

/** The rows `rows[0 .. count]` of a batch, whose tables end at `tableEnds` then. */
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

/** The batch with blanks in place of cells that nobody looks at from here on, so that no work is done for them. */
export function withoutUnread(batch: Batch, wantedCells: ColumnNames): Batch {
  if (wantedCells === undefined) return batch;
  const columns = batch.columns.map((column, i) =>
    column.form === "table" || wantedCells.has(batch.schema[i].label)
      ? column
      : blankColumn(column.kind, batch.rows),
  );
  return { ...batch, columns };
}

/** The rows of a batch that are in `rows`, which ascend. */
export function keepRows(batch: Batch, rows: Uint32Array): Batch {
  const ends = new Uint32Array(batch.tableEnds.length);
  let count = 0;
  for (let table = 0; table < ends.length; table++)
    ends[table] = count = firstFrom(rows, count, batch.tableEnds[table]);
  return selectRows(batch, rows, count, ends);
}

/** The place of the first of `rows`, which are in order, from place `at` on that is not below `row`. */
function firstFrom(rows: Uint32Array, at: number, row: number): number {
  let [from, step] = [at, 1];
  // A table may have few of the rows, or all of them.
  for (; from + step <= rows.length && rows[from + step - 1] < row; step *= 2) from += step;
  let to = Math.min(rows.length, from + step - 1);
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (rows[middle] < row) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** As `selectRows`, in batches of about `pieceRows` rows. */
export function* selectedRows(
  batch: Batch,
  rows: Uint32Array,
  tableEnds: Uint32Array,
): Generator<Batch> {
  for (const part of parts(tableEnds, pieceRows)) {
    const count = part.last - part.first;
    const taken = rows.subarray(part.first, part.last);
    const columns = batch.columns.map((column): Column =>
      column.form === "table"
        ? { ...column, values: slice(column.values, part.from, part.to) }
        : gather(column, taken, count),
    );
    const open = part.open || (batch.open && part.to === tableEnds.length);
    const ends = partEnds(tableEnds, part);
    yield { schema: batch.schema, columns, rows: count, tableEnds: ends, open };
  }
}

/** A batch of whole tables without the empty ones; undefined if none is left. */
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

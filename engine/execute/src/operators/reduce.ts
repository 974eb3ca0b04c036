import {
  type Batch,
  type Column,
  type ColumnSpec,
  type FlatColumn,
  keyOf,
  keyText,
  slice,
} from "@tocsin/data/column";
import { FluxError, type FunctionValue, type RecordValue } from "@tocsin/data/value";
import { type FoldedBatch, type Folder, rowUse } from "@tocsin/engine/expression";
import type { Outlet } from "../operator.ts";
import { operatorKind } from "../per-batch.ts";
import { type MayWait, Waiting } from "./waiting.ts";

interface ReduceSpec {
  /** From a row `r` and the `accumulator` to the next accumulator. */
  readonly fn: FunctionValue;
  /** What each table starts with. */
  readonly identity: RecordValue;
}

/**
 * Makes one row of each table: its key, and what a function has accumulated over its rows. A field with the name of a
 * key column replaces that in the key.
 */
export const reduceKind = operatorKind<ReduceSpec>(
  {
    name: "reduce",
    rowwise: false,
    reads({ fn }) {
      const use = rowUse(fn);
      return use?.passes === false ? use.columns : undefined;
    },
  },
  (spec, out, context) => {
    const folder = context.rows.folder(spec.fn);
    const reduce = new Reduce(folder, spec.identity, out);
    return folder.effect === "pure" ? reduce : new Waiting(reduce);
  },
);

class Reduce implements MayWait {
  readonly #folder: Folder;
  readonly #identity: RecordValue;
  readonly #out: Outlet;
  /** The accumulator of a table that goes on. */
  #carried: RecordValue | undefined;
  #keys: Set<string> | undefined;

  constructor(folder: Folder, identity: RecordValue, out: Outlet) {
    this.#folder = folder;
    this.#identity = identity;
    this.#out = out;
  }
  push(batch: Batch): void {
    if (batch.tableEnds.length > 0) this.#emit(batch, this.#fold(batch) as FoldedBatch);
  }
  finish(): void {}
  async pushWaiting(batch: Batch): Promise<void> {
    if (batch.tableEnds.length > 0) this.#emit(batch, await this.#fold(batch));
  }

  #fold(batch: Batch): FoldedBatch | Promise<FoldedBatch> {
    return this.#folder.fold(batch, this.#carried ?? this.#identity, this.#identity);
  }
  #emit(batch: Batch, folded: FoldedBatch): void {
    this.#carried = batch.open ? folded.last : undefined;
    const tables = batch.tableEnds.length - (batch.open ? 1 : 0);
    if (tables === 0) return;
    const { made, keyChanged } = rowEach(batch, folded, tables);
    if (keyChanged) this.#checkKeys(made);
    this.#out.push(made);
  }
  /** Throws where two tables get one key, as in upstream: their rows have nothing to do with each other. */
  #checkKeys(made: Batch): void {
    const keys = (this.#keys ??= new Set());
    for (let table = 0; table < made.tableEnds.length; table++) {
      const text = keyText(keyOf(made, table));
      if (keys.has(text)) {
        throw new FluxError(
          "failed precondition",
          "reduce: two reducers writing result to the same table",
          { hint: "a field of the accumulator has the name of a column of the group key" },
        );
      }
      keys.add(text);
    }
  }
}

/** One row for each of the first `tables` tables: key columns first, then the accumulator's fields. */
function rowEach(
  batch: Batch,
  { columns }: FoldedBatch,
  tables: number,
): { made: Batch; keyChanged: boolean } {
  const fields = new Map(
    columns.map(({ label, column }) => [label, slice(column as FlatColumn, 0, tables)]),
  );
  const schema: ColumnSpec[] = [];
  const made: Column[] = [];
  let keyChanged = false;
  batch.schema.forEach((spec, i) => {
    const column = batch.columns[i];
    if (!spec.key || column.form !== "table") return;
    const values = fields.get(spec.label) ?? slice(column.values, 0, tables);
    if (fields.delete(spec.label)) keyChanged = true;
    schema.push({ ...spec, kind: values.kind });
    made.push({ kind: values.kind, form: "table", values });
  });
  for (const [label, column] of fields) {
    schema.push({ label, kind: column.kind, key: false });
    made.push(column);
  }
  const tableEnds = Uint32Array.from({ length: tables }, (_, table) => table + 1);
  return {
    made: { schema, columns: made, rows: tables, tableEnds, open: false },
    keyChanged,
  };
}

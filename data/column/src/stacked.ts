import type { Steps } from "@tocsin/platform/host";
import type { Batch, Column } from "./column.ts";
import { joinedColumn } from "./concatenate.ts";

/**
 * Batches of whole tables, all with one schema, as one batch: in steps. It may be longer than batches
 * that are passed on.
 */
export function* stacked(batches: readonly Batch[]): Steps<Batch> {
  if (batches.length === 1) return batches[0];
  const { schema } = batches[0];
  const columns: Column[] = [];
  for (let i = 0; i < schema.length; i++) {
    const pieces = batches.map((batch) => batch.columns[i]);
    const flat = yield* joinedColumn(
      pieces.map((one) => (one.form === "table" ? one.values : one)),
    );
    const perTable = pieces[0].form === "table";
    columns.push(perTable ? { kind: flat.kind, form: "table", values: flat } : flat);
  }
  const tableEnds = new Uint32Array(batches.reduce((sum, one) => sum + one.tableEnds.length, 0));
  let table = 0;
  let rows = 0;
  for (const batch of batches) {
    shift(batch.tableEnds, rows, tableEnds, table);
    table += batch.tableEnds.length;
    rows += batch.rows;
  }
  return { schema, columns, rows, tableEnds, open: false };
}

/** Writes numbers, each larger by `by`, from `at` on. A function of its own, whose loop is compiled soon. */
function shift(from: Uint32Array, by: number, to: Uint32Array, at: number): void {
  for (let i = 0; i < from.length; i++) to[at + i] = from[i] + by;
}

import {
  type Batch,
  type Column,
  columnBuilder,
  indexOf,
  sameSchema,
  type Schema,
  tableOf,
  tablesBetween,
} from "@tocsin/data/column";
import { FluxError } from "@tocsin/data/value";
import type { Outlet } from "../operator.ts";

/**
 * Keeps the columns of a table the same over all of its batches. A map function may give a column
 * only in some rows; the first batch of a table decides which columns the table has.
 */
export class SteadySchema {
  readonly #out: Outlet;
  #open: Schema | undefined;

  constructor(out: Outlet) {
    this.#out = out;
  }
  push(batch: Batch): void {
    const before = this.#open;
    this.#open = batch.open ? batch.schema : undefined;
    if (before === undefined || sameSchema(before, batch.schema)) return this.#out.push(batch);
    const count = batch.tableEnds.length;
    const open = count === 1 && batch.open;
    if (open) this.#open = before;
    this.#out.push({ ...conformed(tableOf(batch, 0), before), open });
    if (count > 1) this.#out.push(tablesBetween(batch, 1, count));
  }
}

function conformed(table: Batch, schema: Schema): Batch {
  const columns = schema.map((spec): Column => {
    const at = indexOf(table.schema, spec.label);
    if (at < 0) return nulls(spec.kind, table.rows);
    if (table.schema[at].kind === spec.kind) return table.columns[at];
    throw new FluxError(
      "failed precondition",
      `schema collision detected: column "${spec.label}" is both of type ${spec.kind} and ${table.schema[at].kind}`,
    );
  });
  return { ...table, schema, columns };
}

function nulls(kind: Schema[number]["kind"], rows: number): Column {
  const builder = columnBuilder(kind, rows);
  for (let row = 0; row < rows; row++) builder.append(null);
  return builder.finish();
}

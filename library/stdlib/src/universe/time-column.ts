import { type Batch, indexOf } from "@tocsin/data/column";
import { FluxError } from "@tocsin/data/value";
import { flatAt, noSuchColumn } from "@tocsin/engine/execute";
import type { TimeColumn } from "./numeric-column.ts";

/** The time column that a function works by, one cell a row. */
export function timeColumnOf(batch: Batch, name: string, label: string): TimeColumn {
  const at = indexOf(batch.schema, label);
  if (at < 0) throw noSuchColumn(`${name}: column "${label}" does not exist`, batch);
  const column = flatAt(batch, at);
  if (column.form === "flat" && column.kind === "time") return column;
  throw new FluxError(
    "failed precondition",
    `${name}: time column "${label}" is type ${column.kind} and not time`,
  );
}

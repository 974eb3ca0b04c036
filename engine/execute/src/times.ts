import { type Batch, expand, type FlatColumn, indexOf } from "@tocsin/data/column";
import { FluxError } from "@tocsin/data/value";

/** A column of times. */
export type Times = Extract<FlatColumn, { form: "flat"; kind: "int" | "time" }>;

/** The times of a batch's rows; throws where the column is missing or holds something else. */
export function timesOf(batch: Batch, label: string): Times {
  const at = indexOf(batch.schema, label);
  if (at < 0) throw new FluxError("failed precondition", `missing time column "${label}"`);
  const column = expand(batch.columns[at], batch.tableEnds);
  if (column.form === "flat" && column.kind === "time") return column;
  throw new FluxError(
    "failed precondition",
    `window: column "${label}" should be of type time, but is ${column.kind}`,
  );
}

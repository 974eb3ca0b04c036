import {
  type Batch,
  type Column,
  type ColumnSpec,
  type FlatColumn,
  gather,
  indexOf,
} from "@tocsin/data/column";
import type { WindowCut } from "./window-cut.ts";

/** The segments of a cut as the tables of a batch, with their windows as the key columns that `names` gives. */
export function windowBatch(
  batch: Batch,
  cut: WindowCut,
  names: { readonly start: string; readonly stop: string },
): Batch {
  const schema: ColumnSpec[] = [];
  const columns: Column[] = [];
  const put = (label: string, data: BigInt64Array): void => {
    schema.push({ label, kind: "time", key: true });
    const values: FlatColumn = { kind: "time", form: "flat", data, valid: undefined };
    columns.push({ kind: "time", form: "table", values });
  };
  batch.schema.forEach((spec, i) => {
    if (spec.label === names.start) put(spec.label, cut.starts);
    else if (spec.label === names.stop) put(spec.label, cut.stops);
    else {
      schema.push(spec);
      columns.push(cutColumn(batch.columns[i], cut));
    }
  });
  if (indexOf(schema, names.start) < 0) put(names.start, cut.starts);
  if (indexOf(schema, names.stop) < 0) put(names.stop, cut.stops);
  const rows = cut.rows?.length ?? batch.rows;
  return { schema, columns, rows, tableEnds: cut.ends, open: false };
}

function cutColumn(column: Column, { rows, tables }: WindowCut): Column {
  if (column.form === "table")
    return { ...column, values: gather(column.values, tables, tables.length) };
  return rows === undefined ? column : gather(column, rows, rows.length);
}

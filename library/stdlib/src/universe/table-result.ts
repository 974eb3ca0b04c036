import type { Batch, Column, ColumnSpec, FlatColumn } from "@tocsin/data/column";

/** A column of a result, beside the key. */
export interface ResultColumn {
  readonly label: string;
  readonly column: FlatColumn;
}

/**
 * A batch with the key columns of `batch` and new columns; `tableEnds` says which rows are whose.
 */
export function keyAnd(batch: Batch, made: readonly ResultColumn[], tableEnds: Uint32Array): Batch {
  const schema: ColumnSpec[] = [];
  const columns: Column[] = [];
  batch.schema.forEach((spec, i) => {
    if (!spec.key || made.some(({ label }) => label === spec.label)) return;
    schema.push(spec);
    columns.push(batch.columns[i]);
  });
  for (const { label, column } of made) {
    schema.push({ label, kind: column.kind, key: false });
    columns.push(column);
  }
  return { schema, columns, rows: tableEnds.at(-1) ?? 0, tableEnds, open: batch.open };
}

/** Table ends where each of `tables` tables has `rows` rows. */
export function evenEnds(tables: number, rows = 1): Uint32Array {
  return Uint32Array.from({ length: tables }, (_, table) => (table + 1) * rows);
}

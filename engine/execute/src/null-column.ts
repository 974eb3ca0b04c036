import { columnBuilder, type FlatColumn } from "@tocsin/data/column";

/** A column of `rows` cells without values. */
export function nullColumn(kind: FlatColumn["kind"], rows: number): FlatColumn {
  const builder = columnBuilder(kind, rows);
  for (let row = 0; row < rows; row++) builder.append(null);
  return builder.finish();
}

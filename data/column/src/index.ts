export { blankColumn, isBlank } from "./blank.ts";
export { bytesOf } from "./bytes.ts";
export { columnBuilder, type ColumnBuilder, PlainBuilder } from "./builder.ts";
export { cellAt, cellOf, isValid, tableStart, valueOf } from "./cell.ts";
export { type Cells, cellsOf, halvesOf, topBit, wordsOf } from "./cells.ts";
export type {
  Batch,
  BoolColumn,
  CodedColumn,
  Column,
  ColumnSpec,
  FlatColumn,
  FloatColumn,
  IntColumn,
  LazyColumn,
  PlainColumn,
  Schema,
  TableColumn,
  UintColumn,
  Validity,
} from "./column.ts";
export { concatenate, joinedColumn } from "./concatenate.ts";
export { Dictionary } from "./dictionary.ts";
export { type CellBytes, cellBytes, copyAll, copyBytes } from "./cell-bytes.ts";
export { expand, gather, materialized, repeat, rowsOf, slice } from "./gather.ts";
export {
  compareCells,
  compareKeys,
  EMPTY_KEY,
  type GroupKey,
  groupKey,
  keyOf,
  keyText,
  kindOrder,
} from "./group-key.ts";
export { type Part, partEnds, parts, pieces, tablesBetween } from "./pieces.ts";
export { type RowRuns, takeRuns } from "./runs.ts";
export { stacked } from "./stacked.ts";
export {
  batchesOf,
  indexOf,
  joinedPieces,
  joinPieces,
  type NamedColumn,
  sameSchema,
  type Table,
  TableBuilder,
  tableFrom,
  tableKey,
  tableOf,
} from "./table.ts";

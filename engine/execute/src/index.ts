export { CellIndex, PairIndex } from "./cell-index.ts";
export { type Grouped, GroupIndex, perRow } from "./group-index.ts";
export {
  type Aggregate,
  type AggregateFactory,
  aggregateKind,
  missingColumn,
} from "./aggregate.ts";
export { execute, type ExecutionContext, type Passed, type ResultSink } from "./driver.ts";
export type {
  BadRow,
  Operator,
  OperatorContext,
  OperatorKind,
  Outlet,
  Properties,
  Source,
  SourceKind,
} from "./operator.ts";
export { operatorKind, perBatchKind } from "./per-batch.ts";
export { atEnd, type Batches, pieceRows, pushing } from "./pushing.ts";
export { Profiler, type Span, type StepProfile, type Worker } from "./profiler.ts";
export { asFluxError } from "./station.ts";
export { selectRows, WholeBatches, wholeBatchKind, withoutEmptyTables } from "./whole-batch.ts";
export { TableCollector, type TableChange, wholeTableKind } from "./whole-table.ts";
export { deliverKind, type DeliverSpec } from "./operators/deliver.ts";
export { filterKind } from "./operators/filter.ts";
export { fromKind, type FromSpec } from "./operators/from.ts";
export { mapKind } from "./operators/map.ts";
export { rangeKind, type RangeSpec } from "./operators/range.ts";
export { yieldKind } from "./operators/yield.ts";
export { planRules } from "./rules.ts";
export { heldKind, replaced, teeKind } from "./held.ts";
export {
  constantColumn,
  flatAt,
  inKey,
  noSuchColumn,
  replacing,
  withColumn,
} from "./column-change.ts";
export { nullColumn } from "./null-column.ts";
export { Regrouping } from "./regrouping.ts";
export { chained, type Compare } from "./cell-order.ts";
export { sortingRows } from "./row-order.ts";
export {
  type ColumnChoice,
  countKind,
  meanKind,
  spreadKind,
  sumKind,
} from "./operators/aggregates.ts";
export { type ColumnsChosen, dropKind, keepKind } from "./operators/columns.ts";
export { fillEmptyKind } from "./operators/fill-empty.ts";
export { fillKind, fillPreviousKind } from "./operators/fill.ts";
export { groupKind } from "./operators/group.ts";
export { limitKind, tailKind } from "./operators/limit.ts";
export { duplicateKind, renameKind, type Renaming, setKind } from "./operators/relabel.ts";
export { firstKind, lastKind, maxKind, minKind } from "./operators/selectors.ts";
export { sortKind } from "./operators/sort.ts";
export { SteadySchema } from "./operators/steady-schema.ts";
export { timeShiftKind } from "./operators/time-shift.ts";
export { unionKind } from "./operators/union.ts";
export { windowKind, type WindowSpec } from "./operators/window.ts";
export { type Window, type WindowShape, windowsOf, type Windows } from "./windows.ts";
export { reduceKind } from "./operators/reduce.ts";

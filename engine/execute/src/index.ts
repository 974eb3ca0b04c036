export {
  type Aggregate,
  type AggregateFactory,
  aggregateKind,
  missingColumn,
} from "./aggregate.ts";
export { execute, type ExecutionContext, type ResultSink } from "./driver.ts";
export type {
  BadRow,
  Operator,
  OperatorContext,
  OperatorKind,
  Outlet,
  Source,
  SourceKind,
} from "./operator.ts";
export { operatorKind, perBatchKind } from "./per-batch.ts";
export { TableSet } from "./regroup.ts";
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

export {
  type BucketInfo,
  type BucketRead,
  type BucketServer,
  type Buckets,
  type Point,
  pooledPoints,
  type Pushed,
  type StorageAggregate,
  type StorageComparison,
  type StorageExists,
  type StorageLogical,
  type StoragePool,
  type StoragePredicate,
} from "./buckets.ts";
export { both, cellsRead, columnsRead, passing, without } from "./columns-read.ts";
export {
  type ColumnNames,
  isKind,
  type LogicalNode,
  type LogicalPlan,
  type NodeKind,
  nodesOf,
  type PlanResult,
  type TimeBounds,
} from "./node.ts";
export { type PlanView, rewrite, type Rewritten, type Rule } from "./rules.ts";

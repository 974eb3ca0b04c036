export type {
  BucketInfo,
  BucketRead,
  BucketServer,
  Buckets,
  Point,
  Pushed,
  StorageAggregate,
  StorageComparison,
  StorageExists,
  StorageLogical,
  StoragePredicate,
} from "./buckets.ts";
export { both, columnsRead, passing, without } from "./columns-read.ts";
export {
  type ColumnNames,
  isKind,
  type LogicalNode,
  type LogicalPlan,
  type NodeKind,
  nodesOf,
  type PlanResult,
} from "./node.ts";
export { type PlanView, rewrite, type Rewritten, type Rule } from "./rules.ts";

export type { Awaitable } from "./awaitable.ts";
export { callFunction } from "./call.ts";
export { effectOf } from "./effect.ts";
export {
  type BadRowSink,
  type FoldedBatch,
  type Folder,
  type MappedBatch,
  type MappedColumn,
  type Mapper,
  type Predicate,
  type RowCompiler,
  rowCompiler,
  type RowValues,
  type ValueSink,
} from "./row-compiler.ts";
export { binary, comparable, equal, interpolated, member, unary } from "./operations.ts";
export { type RowUse, rowUse } from "./row-columns.ts";
export { rowValue } from "./row.ts";
export { pipeParameter } from "./call.ts";
export { placeOf } from "./place.ts";
export { dictOfPairs, evaluate, literal } from "./walk.ts";

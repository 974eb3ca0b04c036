import type { Batch, Column } from "@tocsin/data/column";
import type {
  CallSite,
  Effect,
  FluxError,
  FunctionValue,
  RecordValue,
  Value,
} from "@tocsin/data/value";
import type { Awaitable } from "./awaitable.ts";
import { callFunction } from "./call.ts";
import { compiledFolder } from "./compile/folder.ts";
import { compiledMapper } from "./compile/mapper.ts";
import { compiledPredicate } from "./compile/predicate.ts";
import { Sources } from "./compile/program.ts";
import { compiledValues } from "./compile/values.ts";
import { effectOf } from "./effect.ts";
import { rowValue } from "./row.ts";
import { walkingFolder } from "./walking-folder.ts";
import { walkingMapper } from "./walking-mapper.ts";
import { walkingPredicate } from "./walking-predicate.ts";
import { walkingValues } from "./walking-values.ts";

/** Hears of each row that failed, by its number in the batch. May throw, which ends the work. */
export type BadRowSink = (row: number, error: FluxError) => void;

/** A row function that says yes or no, on whole batches. */
export interface Predicate {
  readonly effect: Effect;
  /**
   * Writes the numbers of the rows for which the function holds into `rows`, which has room for all,
   * in order; gives how many. Null counts as no. Gives a promise only when `effect` is not `pure`.
   */
  select(batch: Batch, rows: Uint32Array, bad: BadRowSink): Awaitable<number>;
}

/** One column that a mapper made: a cell for each row of the batch, or for each table. */
export interface MappedColumn {
  readonly label: string;
  readonly column: Column;
  /** The column of the batch whose cells these are, unchanged. */
  readonly passes?: string;
}

/** What a mapper made of a batch. */
export interface MappedBatch {
  /** In the order of their labels, without columns that have nothing but nulls of unknown type. */
  readonly columns: readonly MappedColumn[];
  /** The rows that are left. Undefined: all, as none was bad. */
  readonly kept: Uint32Array | undefined;
}

/** A row function that makes a record of each row, on whole batches. */
export interface Mapper {
  readonly effect: Effect;
  /** Whether the column `label` certainly stays the same, whatever the rows. */
  keeps(label: string): boolean;
  /** Gives a promise only when `effect` is not `pure`. */
  map(batch: Batch, bad: BadRowSink): Awaitable<MappedBatch>;
}

/** What a folder made of each table of a batch. */
export interface FoldedBatch {
  /** One cell for each table, in the order of their labels. */
  readonly columns: readonly MappedColumn[];
  /** The accumulator after the last row of the last table. */
  readonly last: RecordValue;
}

/** A row function of `r` and `accumulator`, on whole batches. */
export interface Folder {
  readonly effect: Effect;
  /**
   * Folds each table of a batch, which must have one. The first starts with `first`, what it came to in earlier
   * batches, all others with `identity`. Throws the error of the first row that has one.
   */
  fold(batch: Batch, first: RecordValue, identity: RecordValue): Awaitable<FoldedBatch>;
}

/** Takes what a row function makes of rows, in their order. Must not throw. */
export interface ValueSink {
  take(row: number, value: Value): void;
  /** What the function threw: a `FluxError`, or a bug. */
  failed(row: number, thrown: unknown): void;
}

/** A row function that makes a value of each row, whatever that is. */
export interface RowValues {
  readonly effect: Effect;
  /**
   * Begins a batch. Each call of the function returned goes on up to the row `end`, so that others get a turn in
   * between; it gives a promise only when `effect` is not `pure`.
   */
  begin(batch: Batch, sink: ValueSink): (end: number) => Awaitable<void>;
}

/** Makes row functions work on batches. What it makes is kept for the next call. */
export interface RowCompiler {
  predicate(fn: FunctionValue): Predicate;
  mapper(fn: FunctionValue): Mapper;
  folder(fn: FunctionValue): Folder;
  values(fn: FunctionValue): RowValues;
  /** One row as a record. For callers that see few rows. */
  rowValue(batch: Batch, row: number, table: number): RecordValue;
  call(fn: FunctionValue, args: ReadonlyMap<string, Value>, site?: CallSite): Awaitable<Value>;
}

const nowhere: CallSite = { at: undefined };

/**
 * A row compiler. `compile: false` runs everything by walking the tree: for hosts that forbid
 * `new Function`.
 */
export function rowCompiler(options: { compile?: boolean } = {}): RowCompiler {
  return options.compile === false ? walkingRows : compilingRows(new Sources());
}

const walkingRows: RowCompiler = {
  predicate: walkingPredicate,
  mapper: walkingMapper,
  folder: walkingFolder,
  values: walkingValues,
  rowValue,
  call: (fn, args, site = nowhere) => callFunction(fn, args, site),
};

/** A row compiler that takes its functions from `sources`. */
export function compilingRows(sources: Sources): RowCompiler {
  const predicates = new WeakMap<FunctionValue, Predicate>();
  const folders = new WeakMap<FunctionValue, Folder>();
  const mappers = new WeakMap<FunctionValue, Mapper>();
  const values = new WeakMap<FunctionValue, RowValues>();
  return {
    ...walkingRows,
    predicate: (fn) =>
      effectOf(fn) === "pure"
        ? kept(predicates, fn, () => compiledPredicate(fn, sources))
        : walkingPredicate(fn),
    folder: (fn) =>
      effectOf(fn) === "pure"
        ? kept(folders, fn, () => compiledFolder(fn, sources))
        : walkingFolder(fn),
    mapper: (fn) =>
      effectOf(fn) === "pure"
        ? kept(mappers, fn, () => compiledMapper(fn, sources))
        : walkingMapper(fn),
    values: (fn) =>
      effectOf(fn) === "pure"
        ? kept(values, fn, () => compiledValues(fn, sources))
        : walkingValues(fn),
  };
}

function kept<T>(known: WeakMap<FunctionValue, T>, fn: FunctionValue, make: () => T): T {
  let made = known.get(fn);
  if (made === undefined) known.set(fn, (made = make()));
  return made;
}

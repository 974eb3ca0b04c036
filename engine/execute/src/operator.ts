import type { Batch } from "@tocsin/data/column";
import type { FluxError, Location } from "@tocsin/data/value";
import type { Deliveries } from "@tocsin/alerting/oncall";
import type { Buckets, ColumnNames, LogicalNode, NodeKind } from "@tocsin/engine/plan";
import type { Host, Signal, Steps } from "@tocsin/platform/host";
import type { RowCompiler } from "@tocsin/engine/expression";

/** A row that could not be used, and why. */
export interface BadRow {
  readonly error: FluxError;
  /** What the row was, in short: its group key and time. */
  readonly row: string;
  readonly at: Location | undefined;
}

/** What an operator may use while it works. */
export interface OperatorContext {
  readonly host: Host;
  readonly buckets: Buckets;
  readonly deliveries: Deliveries;
  readonly rows: RowCompiler;
  readonly signal: Signal | undefined;
  /** The run's `now()`, nanoseconds since the epoch. */
  readonly now: bigint;
  /** The node that this operator was made for. */
  readonly node: LogicalNode;
  /** Columns of its rows that are read, beside those of the group key: a source may leave out others. */
  readonly wanted: ColumnNames;
  /** Of these, the columns whose cells are looked at: a source may leave others blank. */
  readonly wantedCells: ColumnNames;
  /**
   * Takes a bad row, which leaves the stream. Present if every path onward is row-wise up to a delivery. Absent:
   * throw, and the results that depend on this operator fail.
   */
  readonly badRow: ((bad: BadRow) => void) | undefined;
  /** Takes a bad row that stays in the stream in another form (a failing `mapFn`), or is left out by design. */
  readonly report: (bad: BadRow) => void;
}

/** Where an operator's rows go. */
export interface Outlet {
  push(batch: Batch): void;
}

/**
 * A running step of a plan. `push` and `finish` are called in order and must not wait; `port` says for which input.
 * After `finish` on the last port the operator has pushed all it has, unless it has `work` or `steps`.
 */
export interface Operator {
  push(batch: Batch, port: number): void;
  finish(port: number): void;
  /**
   * For operators that wait for the outside: does what `push` and `finish` have queued. Called after each batch and
   * after the end. Long computations await `turn` every few milliseconds, in which the readers work on what was
   * pushed.
   */
  work?(turn: () => Promise<void>): Promise<void>;
  /**
   * For operators that compute for long: does what `push` and `finish` have queued, in steps of a few milliseconds.
   * Called like `work`; after each step the readers work on what was pushed.
   */
  steps?(): Steps;
  /** For operators that hold rows: about how many bytes. Asked when memory becomes scarce. */
  held?(): number;
}

/** A source: pushes its batches, awaiting `outlet` between them, and returns at the end. */
export interface Source {
  run(push: (batch: Batch) => Promise<void>): Promise<void>;
}

/** What kinds with an operator declare beside what all kinds do. */
export interface Properties<Spec> extends NodeKind<Spec> {
  /**
   * The rows of a table come out in the order in which they came in, with the same values in the columns that they may
   * be sorted by; some may be left out.
   */
  readonly keepsOrder?: boolean;
  /** Makes one row of each table: its key, and what it makes of the column that the spec names. */
  readonly makesOneRow?: boolean;
  /** Accepts rows that stand for several points; the column `pooledPoints` says for how many. */
  readonly pooled?: boolean;
}

/** A kind of node that can run. */
export interface OperatorKind<Spec> extends Properties<Spec> {
  start(spec: Spec, out: Outlet, context: OperatorContext): Operator;
}

/** A kind of node that starts a stream. */
export interface SourceKind<Spec> extends NodeKind<Spec> {
  readonly source: true;
  open(spec: Spec, context: OperatorContext): Source;
}

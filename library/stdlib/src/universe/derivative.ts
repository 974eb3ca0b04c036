import {
  type Batch,
  type Column,
  type FlatColumn,
  halvesOf,
  isValid,
  type RowRuns,
  tableStart,
  takeRuns,
} from "@tocsin/data/column";
import { FluxError } from "@tocsin/data/value";
import { operatorKind } from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";
import { passing } from "@tocsin/engine/plan";
import { AbsentBits, type NumericColumn, numericAt, type TimeColumn } from "./numeric-column.ts";
import { timeColumnOf } from "./time-column.ts";
import { unitOf } from "./unit.ts";
import { WholeDifferences } from "./whole-differences.ts";

interface DerivativeSpec {
  /** Nanoseconds. */
  readonly unit: number;
  readonly columns: readonly string[];
  readonly timeColumn: string;
  readonly nonNegative: boolean;
  readonly initialZero: boolean;
}

const derivativeKind = operatorKind<DerivativeSpec>(
  {
    name: "derivative",
    rowwise: false,
    reads: ({ columns, timeColumn }, wanted) => passing(wanted, timeColumn, ...columns),
    describe: ({ columns }) => columns.join(", "),
  },
  (spec, out) => {
    const derivatives = new Derivatives(spec);
    return { push: (batch) => out.push(derivatives.of(batch)), finish: () => undefined };
  },
);

/** The last value of a column in the table that goes on, and its time. */
interface Reading {
  readonly value: number | bigint;
  readonly time: bigint;
}

/** Rows of one call: a loop that is called often is compiled soon, and stays compiled. */
const rowsAtOnce = 1024;

/** What each row of a batch is: 0 at the time of the row before, 1 later than that, 2 the first of its table. */
type Rising = Uint8Array;

/** Derives one batch after the other; a table may go on in the next. */
class Derivatives {
  readonly #spec: DerivativeSpec;
  /** The time of the last row of the table that goes on. */
  #time: bigint | undefined;
  /** By the position of the column. */
  #readings = new Map<number, Reading>();

  constructor(spec: DerivativeSpec) {
    this.#spec = spec;
  }
  of(batch: Batch): Batch {
    const { columns: labels, timeColumn } = this.#spec;
    const times = timeColumnOf(batch, "derivative", timeColumn);
    const { rising, kept } = risingRows(batch, times, this.#time);
    const schema = [...batch.schema];
    const readings = new Map<number, Reading>();
    const columns = batch.columns.map((column, i): Column => {
      const { label, key, kind } = batch.schema[i];
      if (column.form === "table") return column;
      if (key || !labels.includes(label)) return takeRuns(column, kept);
      const numbers = numericAt(batch, i);
      if (numbers === undefined) {
        throw new FluxError(
          "failed precondition",
          `derivative: unsupported derivative column type ${label}:${kind}`,
        );
      }
      schema[i] = { ...schema[i], kind: "float" };
      const work = { times, rising, rows: kept.rows, before: this.#readings.get(i) };
      const { made, last } = derived(batch, numbers, work, this.#spec);
      if (last !== undefined) readings.set(i, last);
      return made;
    });
    this.#readings = batch.open ? readings : new Map<number, Reading>();
    this.#time = batch.open ? this.#lastTime(batch, times) : undefined;
    return { schema, columns, rows: kept.rows, tableEnds: kept.tableEnds, open: batch.open };
  }
  /** The last time of the table that goes on; a filter may have left it without a row so far, or in this batch. */
  #lastTime(batch: Batch, times: TimeColumn): bigint | undefined {
    const table = batch.tableEnds.length - 1;
    if (table > 0 && tableStart(batch, table) === batch.rows) return undefined;
    return batch.rows > 0 ? times.data[batch.rows - 1] : this.#time;
  }
}

/** What each row is, and the runs of rows that stay: those later than the row before, which had the time `before`. */
function risingRows(
  batch: Batch,
  times: TimeColumn,
  before: bigint | undefined,
): { rising: Rising; kept: RowRuns } {
  const rising = new Uint8Array(batch.rows).fill(1);
  const tableEnds = new Uint32Array(batch.tableEnds.length);
  const runs: number[] = [];
  let rows = 0;
  for (let table = 0; table < tableEnds.length; table++) {
    const from = tableStart(batch, table);
    const to = batch.tableEnds[table];
    if (from < to) {
      rising[from] = firstOf(times, from, table === 0 ? before : undefined);
      rows += risingRuns(times, rising, { from, to }, runs);
    }
    tableEnds[table] = rows;
  }
  return { rising, kept: { runs, rows, tableEnds } };
}

/**
 * Finds the runs of later rows among the rows of a table, the first of which is known; gives how many rows they have.
 */
function risingRuns(
  times: TimeColumn,
  rising: Rising,
  { from, to }: { readonly from: number; readonly to: number },
  runs: number[],
): number {
  let begin = rising[from] === 1 ? from : from + 1;
  let rows = 0;
  for (let row = nextLevel(times, from + 1, to); ; row = nextLevel(times, row + 1, to)) {
    if (begin < row) {
      runs.push(begin, row);
      rows += row - begin;
    }
    if (row === to) return rows;
    rising[row] = 0;
    begin = row + 1;
  }
}

/** The first of the rows `from .. to` at the time of the row before it; `to` when there is none. */
function nextLevel({ data, valid }: TimeColumn, from: number, to: number): number {
  const halves = halvesOf(data);
  for (let row = from; row < to;) {
    const stop = Math.min(to, row + rowsAtOnce);
    row = levelAmong(halves, valid, row, stop);
    if (row < stop) return row;
  }
  return to;
}

/** Compares times by halves: until a loop is optimized, each bigint in it is an object. */
function levelAmong(
  halves: Int32Array,
  valid: TimeColumn["valid"],
  from: number,
  to: number,
): number {
  for (let row = from; row < to; row++) {
    if (valid !== undefined && !isValid(valid, row)) throw nullTime();
    const high = halves[2 * row + 1];
    const before = halves[2 * row - 1];
    if (high > before) continue;
    const low = halves[2 * row] >>> 0;
    const lowBefore = halves[2 * row - 2] >>> 0;
    if (high < before || low < lowBefore) throw outOfOrder();
    if (low === lowBefore) return row;
  }
  return to;
}
function firstOf({ data, valid }: TimeColumn, row: number, before: bigint | undefined): number {
  if (!isValid(valid, row)) throw nullTime();
  if (before === undefined) return 2;
  if (data[row] < before) throw outOfOrder();
  return data[row] > before ? 1 : 0;
}
const nullTime = (): FluxError =>
  new FluxError("failed precondition", "derivative: derivative found null time in time column");
const outOfOrder = (): FluxError =>
  new FluxError(
    "failed precondition",
    "derivative: derivative found out-of-order times in time column",
    { hint: 'sort by time before: sort(columns: ["_time"])' },
  );

interface Work {
  readonly times: TimeColumn;
  readonly rising: Rising;
  /** How many rows stay. */
  readonly rows: number;
  /** The last reading of the table that goes on. */
  readonly before: Reading | undefined;
}

/** The derivatives of the rows that stay, and the last reading of the last table. */
function derived(
  batch: Batch,
  column: NumericColumn,
  { times, rising, rows, before }: Work,
  spec: DerivativeSpec,
): { made: FlatColumn; last: Reading | undefined } {
  const slopes = new Slopes(column, times, spec, rows);
  let last = -1;
  let earlier = before;
  for (let table = 0; table < batch.tableEnds.length; table++) {
    if (table > 0) [last, earlier] = [-1, undefined];
    const to = batch.tableEnds[table];
    for (let row = tableStart(batch, table); row < to; row++) {
      const rises = rising[row];
      const has = rises !== 0 && isValid(column.valid, row);
      if (rises === 1) {
        if (!has || (last < 0 && earlier === undefined)) slopes.none();
        else if (last < 0 && earlier !== undefined)
          slopes.put(
            stepFrom(earlier, column, row),
            Number(times.data[row] - earlier.time) / spec.unit,
          );
        else if (last === row - 1) {
          // Most rows are like the one before.
          row = slopes.from(row, to, rising);
        } else slopes.between(last, row);
      }
      if (has) last = row;
    }
  }
  const made = slopes.finish();
  return {
    made,
    last: last < 0 ? earlier : { value: column.data[last], time: times.data[last] },
  };
}

/** The slopes of a column, appended row by row. */
class Slopes {
  readonly #column: NumericColumn;
  readonly #steps: (from: number, to: number) => number;
  readonly #times: WholeDifferences;
  readonly #spec: DerivativeSpec;
  readonly #data: Float64Array;
  readonly #valid: AbsentBits;
  #at = 0;

  constructor(column: NumericColumn, times: TimeColumn, spec: DerivativeSpec, rows: number) {
    this.#column = column;
    this.#times = new WholeDifferences(times.data);
    this.#spec = spec;
    this.#data = new Float64Array(rows);
    this.#valid = new AbsentBits(rows);
    if (column.kind === "float") {
      const { data } = column;
      this.#steps = (from, to) => data[to] - data[from];
    } else {
      const whole = new WholeDifferences(column.data);
      this.#steps = (from, to) => whole.of(from, to);
    }
  }
  /** Appends a null. */
  none(): void {
    this.#valid.clear(this.#at++);
  }
  /** Appends the slope of a step that took `units` units of time. */
  put(step: number, units: number): void {
    const { nonNegative, initialZero } = this.#spec;
    const falls = nonNegative && step < 0;
    if (falls && !initialZero) this.#valid.clear(this.#at);
    else this.#data[this.#at] = falls ? 0 : step / units;
    this.#at += 1;
  }
  /** Appends the slope between two rows. */
  between(from: number, to: number): void {
    this.put(this.#steps(from, to), this.#times.of(from, to) / this.#spec.unit);
  }
  /**
   * Appends the slopes of `first` and the rows after it, as long as each is later and has a value; gives the last row.
   */
  from(first: number, end: number, rising: Rising): number {
    for (let row = first; row < end;) {
      const stop = Math.min(end, row + rowsAtOnce);
      row = this.#some(row, stop, rising);
      if (row < stop) return row - 1;
    }
    return end - 1;
  }
  /** The same of the rows up to `end`; gives the first that is left out. */
  #some(first: number, end: number, rising: Rising): number {
    const { valid } = this.#column;
    const steps = this.#steps;
    const times = this.#times;
    const { unit } = this.#spec;
    let row = first;
    while (row < end && rising[row] === 1 && (valid === undefined || isValid(valid, row))) {
      this.put(steps(row - 1, row), times.of(row - 1, row) / unit);
      row += 1;
    }
    return row;
  }
  finish(): FlatColumn {
    return { kind: "float", form: "flat", data: this.#data, valid: this.#valid.finish() };
  }
}

function stepFrom({ value }: Reading, column: NumericColumn, row: number): number {
  const now = column.data[row];
  return typeof now === "number" || typeof value === "number"
    ? Number(now) - Number(value)
    : Number(now - value);
}

export const derivative = transformation({
  name: "derivative",
  type: `(
    <-tables: stream[A], ?unit: duration, ?nonNegative: bool, ?columns: [string], ?timeColumn: string,
    ?initialZero: bool,
  ) => stream[B] where A: Record, B: Record`,
  docs:
    "The change of each value since the one before it in its table, per `unit` of time " +
    "(default 1s), a float. The first row is dropped, and rows at the time of the one before. " +
    "With `nonNegative`, a fall gives null, or 0 with `initialZero`. Times must not go back.",
  example: `import "sampledata"
sampledata.int() |> derivative(unit: 1m)`,
  kind: derivativeKind,
  spec: (args) => ({
    unit: Number(unitOf(args)),
    columns: args.strings("columns", ["_value"]),
    timeColumn: args.string("timeColumn", "_time"),
    nonNegative: args.bool("nonNegative", false),
    initialZero: args.bool("initialZero", false),
  }),
});

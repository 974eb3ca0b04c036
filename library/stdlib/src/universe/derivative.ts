import { type Batch, type FlatColumn, isValid, tableStart } from "@tocsin/data/column";
import { type Duration, FluxError, invalid } from "@tocsin/data/value";
import { selectedRows, wholeBatchKind } from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";
import { passing } from "@tocsin/engine/plan";
import { type NumericColumn, numericAt, type TimeColumn, ValidBits } from "./numeric-column.ts";
import { timeColumnOf } from "./time-column.ts";

interface DerivativeSpec {
  /** Nanoseconds. */
  readonly unit: number;
  readonly columns: readonly string[];
  readonly timeColumn: string;
  readonly nonNegative: boolean;
  readonly initialZero: boolean;
}

const derivativeKind = wholeBatchKind<DerivativeSpec>(
  {
    name: "derivative",
    reads: ({ columns, timeColumn }, wanted) => passing(wanted, timeColumn, ...columns),
    describe: ({ columns }) => columns.join(", "),
  },
  (spec) => (batch) => derived(batch, spec),
);

function* derived(batch: Batch, spec: DerivativeSpec): Generator<Batch | undefined> {
  const times = timeColumnOf(batch, "derivative", spec.timeColumn);
  const rising = risingRows(batch, times);
  yield;
  const schema = [...batch.schema];
  const columns = [...batch.columns];
  for (const [i, { label, key, kind }] of batch.schema.entries()) {
    if (key || !spec.columns.includes(label)) continue;
    const column = numericAt(batch, i);
    if (column === undefined) {
      throw new FluxError(
        "failed precondition",
        `derivative: unsupported derivative column type ${label}:${kind}`,
      );
    }
    columns[i] = derivatives(batch, column, { times, rising, spec });
    schema[i] = { ...schema[i], kind: "float" };
    yield;
  }
  yield* dropped({ ...batch, schema, columns }, rising);
}

/** 1 for each row that is later than all before it in its table, 2 for the first of a table. */
function risingRows(batch: Batch, times: TimeColumn): Uint8Array {
  const rising = new Uint8Array(batch.rows);
  const { data, valid } = times;
  for (let table = 0; table < batch.tableEnds.length; table++) {
    const from = tableStart(batch, table);
    for (let row = from; row < batch.tableEnds[table]; row++) {
      if (valid !== undefined && !isValid(valid, row)) {
        throw new FluxError(
          "failed precondition",
          "derivative: derivative found null time in time column",
        );
      }
      if (row > from && data[row] < data[row - 1]) {
        throw new FluxError(
          "failed precondition",
          "derivative: derivative found out-of-order times in time column",
          { hint: 'sort by time before: sort(columns: ["_time"])' },
        );
      }
      rising[row] = row === from ? 2 : data[row] > data[row - 1] ? 1 : 0;
    }
  }
  return rising;
}

interface Work {
  readonly times: TimeColumn;
  readonly rising: Uint8Array;
  readonly spec: DerivativeSpec;
}

function derivatives(
  batch: Batch,
  column: NumericColumn,
  { times, rising, spec }: Work,
): FlatColumn {
  const data = new Float64Array(batch.rows);
  const valid = new ValidBits(batch.rows);
  const between = new TimeDifferences(times.data);
  for (let table = 0; table < batch.tableEnds.length; table++) {
    let last = -1;
    for (let row = tableStart(batch, table); row < batch.tableEnds[table]; row++) {
      if (rising[row] === 0 || !isValid(column.valid, row)) continue;
      if (last >= 0) {
        const step = stepOf(column, last, row);
        const falls = spec.nonNegative && step < 0;
        if (!falls || spec.initialZero) {
          const elapsed = between.of(last, row) / spec.unit;
          data[row] = falls ? 0 : step / elapsed;
          valid.set(row);
        }
      }
      last = row;
    }
  }
  return { kind: "float", form: "flat", data, valid: valid.finish() };
}

/** Differences of times as doubles, each rounded once: of halves, so that no bigint is made. */
class TimeDifferences {
  readonly #halves: Int32Array;

  constructor(times: BigInt64Array) {
    this.#halves = new Int32Array(times.buffer, times.byteOffset, 2 * times.length);
  }
  of(from: number, to: number): number {
    const halves = this.#halves;
    const high = halves[2 * to + 1] - halves[2 * from + 1];
    return high * 2 ** 32 + ((halves[2 * to] >>> 0) - (halves[2 * from] >>> 0));
  }
}

/** Differences of 64-bit integers are exact before they become floats. */
function stepOf(column: NumericColumn, from: number, to: number): number {
  return column.kind === "float"
    ? column.data[to] - column.data[from]
    : Number(column.data[to] - column.data[from]);
}

function* dropped(batch: Batch, rising: Uint8Array): Generator<Batch | undefined> {
  const rows = new Uint32Array(batch.rows);
  const ends = new Uint32Array(batch.tableEnds.length);
  let count = 0;
  for (let table = 0; table < ends.length; table++) {
    for (let row = tableStart(batch, table); row < batch.tableEnds[table]; row++)
      if (rising[row] === 1) rows[count++] = row;
    ends[table] = count;
  }
  yield;
  yield* selectedRows(batch, rows, ends);
}

/** A length of time in nanoseconds; a month has no fixed one. */
export function nanosecondsOf(name: string, unit: Duration): number {
  if (unit.months !== 0n)
    throw invalid(`${name}: unit cannot be in months, which differ in length`);
  return Number(unit.negative ? -unit.nanoseconds : unit.nanoseconds);
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
    unit: nanosecondsOf(
      "derivative",
      args.duration("unit", { months: 0n, nanoseconds: 1_000_000_000n, negative: false }),
    ),
    columns: args.strings("columns", ["_value"]),
    timeColumn: args.string("timeColumn", "_time"),
    nonNegative: args.bool("nonNegative", false),
    initialZero: args.bool("initialZero", false),
  }),
});

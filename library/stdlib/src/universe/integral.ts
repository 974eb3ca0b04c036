import {
  type Batch,
  cellAt,
  columnBuilder,
  indexOf,
  isValid,
  tableStart,
} from "@tocsin/data/column";
import { FluxError, invalid } from "@tocsin/data/value";
import { noSuchColumn, wholeBatchKind } from "@tocsin/engine/execute";
import { flux, transformation } from "@tocsin/engine/interpret";
import { nanosecondsOf } from "./derivative.ts";
import { type NumericColumn, numericAt, type TimeColumn } from "./numeric-column.ts";
import { evenEnds, keyAnd } from "./table-result.ts";
import { timeColumnOf } from "./time-column.ts";

interface IntegralSpec {
  readonly column: string;
  readonly timeColumn: string;
  /** Nanoseconds. */
  readonly unit: number;
  /** Whether the line of the first and the last two points is drawn out to the table's bounds. */
  readonly linear: boolean;
}

const integralKind = wholeBatchKind<IntegralSpec>(
  { name: "integral", describe: ({ column }) => column },
  (spec) => (batch) => {
    const starts = boundOf(batch, "_start");
    const stops = boundOf(batch, "_stop");
    const column = numbersOf(batch, spec.column);
    const times = timeColumnOf(batch, "integral", spec.timeColumn);
    const areas = columnBuilder("float", batch.tableEnds.length);
    for (let table = 0; table < batch.tableEnds.length; table++) {
      const rows = { from: tableStart(batch, table), to: batch.tableEnds[table] };
      const bounds = { start: starts(table), stop: stops(table) };
      areas.append(areaUnder(column, times, rows, { ...bounds, linear: spec.linear }) / spec.unit);
    }
    const made = [{ label: spec.column, column: areas.finish() }];
    return keyAnd(batch, made, evenEnds(batch.tableEnds.length));
  },
);

function boundOf(batch: Batch, label: string): (table: number) => bigint {
  const at = indexOf(batch.schema, label);
  const column = at < 0 ? undefined : batch.columns[at];
  if (column?.form !== "table" || column.kind !== "time")
    throw invalid(`integral: integral function needs ${label} column to be part of group key`);
  return (table) => cellAt(column.values, table) as bigint;
}

function numbersOf(batch: Batch, label: string): NumericColumn {
  const at = indexOf(batch.schema, label);
  if (at < 0) throw noSuchColumn(`integral: column "${label}" does not exist`, batch);
  if (batch.schema[at].key) throw failed("cannot aggregate columns that are part of the group key");
  const column = numericAt(batch, at);
  if (column !== undefined) return column;
  throw failed(`cannot perform integral over ${batch.schema[at].kind}`);
}

interface Stretch {
  readonly start: bigint;
  readonly stop: bigint;
  readonly linear: boolean;
}

/** Value times nanoseconds. Rows without a value or at the time of the one before do not count. */
function areaUnder(
  column: NumericColumn,
  times: TimeColumn,
  rows: { readonly from: number; readonly to: number },
  { start, stop, linear }: Stretch,
): number {
  const points = pointsOf(column, times, rows);
  const at = (i: number): { t: bigint; value: number } => {
    const row = points[i];
    return { t: times.data[row], value: Number(column.data[row]) };
  };
  if (points.length === 0) return 0;
  if (points.length === 1) return linear ? at(0).value * Number(stop - start) : 0;
  let sum = 0;
  for (let i = 1; i < points.length; i++) {
    const [left, right] = [at(i - 1), at(i)];
    sum += 0.5 * (left.value + right.value) * Number(right.t - left.t);
  }
  if (!linear) return sum;
  const [first, second] = [at(0), at(1)];
  const [beforeLast, last] = [at(points.length - 2), at(points.length - 1)];
  if (start < first.t) sum += drawnOut(second, first, start);
  return sum + drawnOut(beforeLast, last, stop);
}

interface Point {
  readonly t: bigint;
  readonly value: number;
}

/** The area under the line through two points, from the second one to the time `end`. */
function drawnOut(from: Point, to: Point, end: bigint): number {
  const slope = (to.value - from.value) / Number(to.t - from.t);
  const value = to.value + slope * Number(end - to.t);
  return 0.5 * (to.value + value) * Math.abs(Number(end - to.t));
}

function pointsOf(
  column: NumericColumn,
  times: TimeColumn,
  { from, to }: { readonly from: number; readonly to: number },
): number[] {
  const points: number[] = [];
  for (let row = from; row < to; row++) {
    if (!isValid(times.valid, row)) throw failed("integral found null time in time column");
    const step = row === from ? 1n : times.data[row] - times.data[row - 1];
    if (step < 0n) throw failed("integral found out-of-order times in time column");
    if (step > 0n && isValid(column.valid, row)) points.push(row);
  }
  return points;
}

function failed(message: string): FluxError {
  return new FluxError("failed precondition", `integral: ${message}`);
}

export const integral = transformation({
  name: "integral",
  type: `(
    <-tables: stream[A], ?unit: duration, ?timeColumn: string, ?column: string, ?interpolate: string,
  ) => stream[B] where A: Record, B: Record`,
  docs:
    "The area under the curve of each table's values, per `unit` of time (default 1s). With " +
    '`interpolate: "linear"` the curve is drawn out to the bounds `_start` and `_stop` of the table.',
  example: `import "sampledata"
sampledata.float()
    |> range(start: sampledata.start, stop: sampledata.stop)
    |> integral(unit: 10s)`,
  kind: integralKind,
  spec: (args) => {
    const interpolate = args.string("interpolate", "");
    if (interpolate !== "" && interpolate !== "linear")
      throw invalid(`integral: unknown interpolation "${interpolate}"`, 'use "linear" or ""');
    const second = { months: 0n, nanoseconds: 1_000_000_000n, negative: false };
    return {
      column: args.string("column", "_value"),
      timeColumn: args.string("timeColumn", "_time"),
      unit: nanosecondsOf("integral", args.duration("unit", second)),
      linear: interpolate === "linear",
    };
  },
});

export const timeWeightedAvg = flux({
  name: "timeWeightedAvg",
  type: `(<-tables: stream[A], unit: duration) =>
    stream[{B with _value: float, _value: float, _start: C, _stop: D}] where A: Record`,
  docs: "The mean of each table's values over time: the area under their curve, divided by its length.",
  example: `import "sampledata"
sampledata.float()
    |> range(start: sampledata.start, stop: sampledata.stop)
    |> timeWeightedAvg(unit: 1s)`,
  source: `(unit, tables=<-) =>
    tables
        |> integral(unit: unit, interpolate: "linear")
        |> map(
            fn: (r) => {
                length = int(v: r._stop) - int(v: r._start)

                return {r with _value: r._value * float(v: uint(v: unit)) / float(v: length)}
            },
        )`,
});

import { type Batch, cellAt, columnBuilder, indexOf, isValid } from "@tocsin/data/column";
import { FluxError, invalid } from "@tocsin/data/value";
import { noSuchColumn } from "@tocsin/engine/execute";
import { flux, transformation } from "@tocsin/engine/interpret";
import { foldingKind, type TableFold } from "./folding-kind.ts";
import { type NumericColumn, numericAt, type TimeColumn } from "./numeric-column.ts";
import type { ResultColumn } from "./table-result.ts";
import { timeColumnOf } from "./time-column.ts";
import { unitOf } from "./unit.ts";
import { WholeDifferences } from "./whole-differences.ts";

interface IntegralSpec {
  readonly column: string;
  readonly timeColumn: string;
  /** Nanoseconds. */
  readonly unit: number;
  /** Whether the line of the first and the last two points is drawn out to the table's bounds. */
  readonly linear: boolean;
}

const integralKind = foldingKind<IntegralSpec>(
  {
    name: "integral",
    reads: ({ column, timeColumn }) => new Set([column, timeColumn]),
    describe: ({ column }) => column,
  },
  (spec) => new Integral(spec),
);

/** Computes the area under the curve of each table. */
class Integral implements TableFold {
  readonly rowsEach = 1;
  readonly #spec: IntegralSpec;
  #areas = columnBuilder("float", 0);
  #area = new Area();
  #read: ((area: Area, from: number, to: number) => void) | undefined;
  #bounds: ((table: number) => { start: bigint; stop: bigint }) | undefined;
  #table = 0;

  constructor(spec: IntegralSpec) {
    this.#spec = spec;
  }
  begin(batch: Batch, ends: number): void {
    const { column: label, timeColumn } = this.#spec;
    const starts = boundOf(batch, "_start");
    const stops = boundOf(batch, "_stop");
    const column = numbersOf(batch, label);
    const times = timeColumnOf(batch, "integral", timeColumn);
    const between = new WholeDifferences(times.data);
    this.#read = (area, from, to) => area.add({ column, times, between }, from, to);
    this.#bounds = (table) => ({ start: starts(table), stop: stops(table) });
    this.#areas = columnBuilder("float", ends);
  }
  add(from: number, to: number, table: number): void {
    this.#table = table;
    this.#read?.(this.#area, from, to);
  }
  end(): void {
    const { linear, unit } = this.#spec;
    const bounds = linear ? this.#bounds?.(this.#table) : undefined;
    this.#areas.append(this.#area.within(bounds) / unit);
    this.#area = new Area();
  }
  made(): ResultColumn[] {
    return [{ label: this.#spec.column, column: this.#areas.finish() }];
  }
}

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

/** Values of rows, and their times. */
interface Readings {
  readonly column: NumericColumn;
  readonly times: TimeColumn;
  readonly between: WholeDifferences;
}

interface Point {
  readonly t: bigint;
  readonly value: number;
}

/** Adds up value times nanoseconds. Nulls, and rows at the same time as the row before, do not count. */
class Area {
  #sum = 0;
  /** The first two points, and the last two. */
  readonly #first: Point[] = [];
  #beforeLast: Point | undefined;
  #last: Point | undefined;
  /** Time of the last row. */
  #time: bigint | undefined;

  add({ column, times, between }: Readings, from: number, to: number): void {
    if (from === to) return;
    const pointAt = (row: number): Point => ({
      t: times.data[row],
      value: Number(column.data[row]),
    });
    // The last two of these rows that count; -1: there is none.
    let [before, last] = [-1, -1];
    for (let row = from; row < to; row++) {
      if (!isValid(times.valid, row)) throw failed("integral found null time in time column");
      const step = row === from ? this.#stepTo(times.data[row]) : between.of(row - 1, row);
      if (step < 0) throw failed("integral found out-of-order times in time column");
      if (step === 0 || !isValid(column.valid, row)) continue;
      if (last >= 0)
        this.#sum +=
          0.5 * (Number(column.data[last]) + Number(column.data[row])) * between.of(last, row);
      else if (this.#last !== undefined) this.#sum += areaBetween(this.#last, pointAt(row));
      if (this.#first.length < 2) this.#first.push(pointAt(row));
      [before, last] = [last, row];
    }
    this.#time = times.data[to - 1];
    if (last < 0) return;
    this.#beforeLast = before < 0 ? this.#last : pointAt(before);
    this.#last = pointAt(last);
  }
  /** The area; with bounds, the lines through the first and the last two points are extended to them. */
  within(bounds: { readonly start: bigint; readonly stop: bigint } | undefined): number {
    const [first, second] = this.#first;
    if (bounds === undefined || first === undefined) return this.#sum;
    const { start, stop } = bounds;
    if (this.#beforeLast === undefined || this.#last === undefined)
      return first.value * Number(stop - start);
    const sum = start < first.t ? this.#sum + drawnOut(second, first, start) : this.#sum;
    return sum + drawnOut(this.#beforeLast, this.#last, stop);
  }
  #stepTo(time: bigint): number {
    return this.#time === undefined ? 1 : Number(time - this.#time);
  }
}

const areaBetween = (left: Point, right: Point): number =>
  0.5 * (left.value + right.value) * Number(right.t - left.t);

/** The area under the line through two points, from the second one to the time `end`. */
function drawnOut(from: Point, to: Point, end: bigint): number {
  const slope = (to.value - from.value) / Number(to.t - from.t);
  const value = to.value + slope * Number(end - to.t);
  return 0.5 * (to.value + value) * Math.abs(Number(end - to.t));
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
    return {
      column: args.string("column", "_value"),
      timeColumn: args.string("timeColumn", "_time"),
      unit: Number(unitOf(args)),
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

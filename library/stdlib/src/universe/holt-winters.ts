import {
  cellAt,
  columnBuilder,
  expand,
  type FlatColumn,
  indexOf,
  type NamedColumn,
  type Table,
  tableFrom,
  tableKey,
} from "@tocsin/data/column";
import {
  addDuration,
  approximateNanoseconds,
  type Duration,
  FluxError,
  invalid,
  scaleDuration,
} from "@tocsin/data/value";
import { missingColumn, wholeTableKind } from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";
import type { Steps } from "@tocsin/platform/host";
import { forecast } from "./holt-winters-model.ts";

interface HoltWintersSpec {
  readonly n: number;
  readonly interval: Duration;
  readonly withFit: boolean;
  readonly column: string;
  readonly timeColumn: string;
  readonly seasonality: number;
  readonly withMinSSE: boolean;
}

/** More points than this are a wrong interval, not a series. */
const POINTS_MAX = 10_000_000;

const holtWintersKind = wholeTableKind<HoltWintersSpec>(
  { name: "holtWinters", describe: ({ n }) => `${n} ahead` },
  (spec) => (table) => forecastOf(table, spec),
);

function* forecastOf(table: Table, spec: HoltWintersSpec): Steps<Table> {
  const { points, start, stop } = evenlySpaced(table, spec);
  const { n: ahead, seasonality: season, withFit } = spec;
  const made = yield* forecast(points, { ahead, season, withFit });
  if (made === undefined)
    throw invalid("holtWinters: no forecast fits: the values of a season must not add up to 0");
  const times = columnBuilder("time", made.values.length);
  const values = columnBuilder("float", made.values.length);
  const errors = columnBuilder("float", made.values.length);
  made.values.forEach((value, i) => {
    const steps = BigInt(withFit ? i : i + 1);
    times.append(addDuration(withFit ? start : stop, scaleDuration(spec.interval, steps)));
    values.append(value);
    errors.append(made.error);
  });
  const columns: NamedColumn[] = [
    { label: "_time", column: times.finish() },
    { label: "_value", column: values.finish() },
  ];
  if (spec.withMinSSE) columns.push({ label: "minSSE", column: errors.finish() });
  return tableFrom(tableKey(table), columns, { rows: made.values.length });
}

interface Points {
  /** One a step of the interval; NaN where there is no value. */
  readonly points: Float64Array;
  readonly start: bigint;
  readonly stop: bigint;
}

/** The first value of each interval; rows without time are left out, as are nulls at the start. */
function evenlySpaced(table: Table, spec: HoltWintersSpec): Points {
  const times = columnOf(table, spec.timeColumn);
  const values = columnOf(table, spec.column);
  if (values.kind !== "float" && values.kind !== "int" && values.kind !== "uint") {
    throw new FluxError(
      "failed precondition",
      `holtWinters can work only on numerical types, got ${values.kind}`,
    );
  }
  const every = approximateNanoseconds(spec.interval);
  const points: number[] = [];
  let [start, stop, end] = [0n, 0n, 0n];
  for (let row = 0; row < table.rows; row++) {
    const time = cellAt(times, row);
    const value = numberAt(values, row);
    if (typeof time !== "bigint" || (points.length === 0 && value === undefined)) continue;
    const bucket = rounded(time, every);
    if (points.length === 0) [start, end] = [time, bucket];
    else if (bucket <= end) continue;
    else {
      if (BigInt(points.length) + (bucket - end) / every > POINTS_MAX)
        throw invalid(
          `holtWinters: the interval is too short: it makes more than ${POINTS_MAX} points`,
        );
      for (end += every; end < bucket; end += every) points.push(NaN);
      stop = time;
    }
    points.push(value ?? NaN);
  }
  return { points: Float64Array.from(points), start, stop };
}

function columnOf(table: Table, label: string): FlatColumn {
  const at = indexOf(table.schema, label);
  if (at < 0) throw missingColumn("holtWinters", label, table.schema);
  return expand(table.columns[at], table.tableEnds);
}

function numberAt(column: FlatColumn, row: number): number | undefined {
  const cell = cellAt(column, row);
  if (cell === null) return undefined;
  const value = Number(cell);
  if (!Number.isFinite(value)) throw invalid("holtWinters: NaN/Inf in input");
  return value;
}

/** To the nearest multiple of `every`, halves up. */
function rounded(time: bigint, every: bigint): bigint {
  const rest = time % every;
  return rest * 2n < every ? time - rest : time + every - rest;
}

export const holtWinters = transformation({
  name: "holtWinters",
  type: `(
    <-tables: stream[A], n: int, interval: duration, ?withFit: bool, ?column: string, ?timeColumn: string,
    ?seasonality: int, ?withMinSSE: bool,
  ) => stream[B] where A: Record, B: Record`,
  docs:
    "Forecasts `n` values at distances of `interval` by the damped method of Holt and Winters. `seasonality` is " +
    "the number of values in a season (0: none). `withFit` gives the fitted values too, `withMinSSE` the sum of " +
    "squared errors of the fit.",
  example: `import "sampledata"
sampledata.int() |> holtWinters(n: 2, interval: 10s)`,
  kind: holtWintersKind,
  spec: (args) => {
    const interval = args.duration("interval");
    if (approximateNanoseconds(interval) <= 0n)
      throw invalid("holtWinters: interval must be a positive duration");
    return {
      n: args.count("n"),
      interval,
      withFit: args.bool("withFit", false),
      column: args.string("column", "_value"),
      timeColumn: args.string("timeColumn", "_time"),
      seasonality: args.count("seasonality", 0),
      withMinSSE: args.bool("withMinSSE", false),
    };
  },
});

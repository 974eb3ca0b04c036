import { cellAt, columnBuilder, type FlatColumn, gather, rowsOf } from "@tocsin/data/column";
import { type ColumnKind, invalid, type Raw } from "@tocsin/data/value";
import type { BucketRead, StorageAggregate } from "@tocsin/engine/plan";
import type { FieldOfSeries } from "./predicate.ts";
import type { SeriesRows } from "./series-tables.ts";

/** Points of one field of a series, sorted by time; at least one. */
interface Points {
  readonly times: FlatColumn;
  readonly values: FlatColumn;
}

/**
 * The aggregate of a series as InfluxDB's storage answers it. Without windows: one row; selectors keep
 * the time of the point they chose, the others have no `_time`. With windows: a row a window, whose
 * `_time` is the window's end (or the range's, if that comes first); with `createEmpty` also for
 * windows without points, where `count` is 0 and all others have no value.
 */
export function aggregated(series: FieldOfSeries, points: Points, request: BucketRead): SeriesRows {
  const { aggregate } = request;
  if (aggregate === undefined) return points;
  checkKind(aggregate.function, series);
  if (aggregate.window === undefined) return whole(points, aggregate);
  return windowed(points, aggregate, request);
}

/** The type of what an aggregate makes of a field. */
export function resultKind(of: StorageAggregate["function"], kind: ColumnKind): ColumnKind {
  if (of === "count") return "int";
  return of === "mean" ? "float" : kind;
}

/** Whether an aggregate has a meaning for fields of a type. */
export function applies(name: StorageAggregate["function"], kind: FieldOfSeries["kind"]): boolean {
  if (kind !== "string" && kind !== "bool") return true;
  return name === "count" || name === "first" || name === "last";
}

/** Throws where an aggregate has no meaning for the type of a field. */
export function checkKind(name: StorageAggregate["function"], series: FieldOfSeries): void {
  if (applies(name, series.kind)) return;
  const type = series.kind === "bool" ? "boolean" : "string";
  const field = JSON.stringify(series.field);
  throw invalid(
    `unsupported input type for ${name} aggregate: ${type} (field ${field})`,
    `filter for a field with numbers before ${name}()`,
  );
}

function whole({ times, values }: Points, { function: name }: StorageAggregate): SeriesRows {
  const count = rowsOf(values);
  if (name === "sum" || name === "count" || name === "mean") {
    const made = columnBuilder(resultKind(name, values.kind), 1);
    made.append(reduced(name, values, 0, count));
    return { times: undefined, values: made.finish() };
  }
  const row = Uint32Array.of(chosen(name, values, 0, count));
  return { times: gather(times, row, 1), values: gather(values, row, 1) };
}

function windowed(points: Points, aggregate: StorageAggregate, request: BucketRead): SeriesRows {
  const { window, function: name } = aggregate;
  if (window === undefined || points.times.kind !== "time") return points;
  const times = points.times.data;
  const { every, offset, createEmpty } = window;
  const most = createEmpty ? windowsIn(request) : Math.min(times.length, windowsIn(request));
  const ends = columnBuilder("time", most);
  const cells = columnBuilder(resultKind(name, points.values.kind), most);
  const add = (from: bigint, cell: Raw): void => {
    const end = from + every;
    ends.append(end < request.stop ? end : request.stop);
    cells.append(cell);
  };
  const empty = name === "count" ? 0n : null;
  let next = floorWindow(request.start, every, offset);
  for (let row = 0; row < times.length;) {
    const from = row;
    const start = floorWindow(times[row], every, offset);
    for (; createEmpty && next < start; next += every) add(next, empty);
    next = start + every;
    while (row < times.length && times[row] < next) row++;
    add(start, windowCell(name, points.values, from, row));
  }
  for (; createEmpty && next < request.stop; next += every) add(next, empty);
  return { times: ends.finish(), values: cells.finish() };
}

/** How many windows a range can touch at most. */
function windowsIn({ start, stop, aggregate }: BucketRead): number {
  const every = aggregate?.window?.every ?? 0n;
  return every <= 0n ? 1 : Number((stop - start) / every) + 2;
}

function windowCell(
  name: StorageAggregate["function"],
  values: FlatColumn,
  from: number,
  to: number,
): Raw {
  if (name === "sum" || name === "count" || name === "mean") return reduced(name, values, from, to);
  return cellAt(values, chosen(name, values, from, to));
}

/** The start of the window that `time` lies in. */
export function floorWindow(time: bigint, every: bigint, offset: bigint): bigint {
  const past = (time - offset) % every;
  return time - (past < 0n ? past + every : past);
}

function chosen(
  name: "first" | "last" | "min" | "max",
  values: FlatColumn,
  from: number,
  to: number,
): number {
  if (name === "first") return from;
  if (name === "last") return to - 1;
  if (values.form !== "flat") return from;
  const { data } = values;
  let best = from;
  // Of equal values the first counts.
  for (let row = from + 1; row < to; row++) {
    if (name === "min" ? data[row] < data[best] : data[row] > data[best]) best = row;
  }
  return best;
}

function reduced(
  name: "sum" | "count" | "mean",
  values: FlatColumn,
  from: number,
  to: number,
): Raw {
  if (name === "count") return BigInt(to - from);
  if (values.kind === "float") {
    const total = floatSum(values.data, from, to);
    return name === "sum" ? total : total / (to - from);
  }
  if (values.kind === "int" || values.kind === "uint") {
    let total = 0n;
    for (let row = from; row < to; row++) total += values.data[row];
    if (name === "mean") return Number(total) / (to - from);
    return values.kind === "int" ? BigInt.asIntN(64, total) : BigInt.asUintN(64, total);
  }
  return null;
}

function floatSum(data: Float64Array, from: number, to: number): number {
  let total = 0;
  for (let row = from; row < to; row++) total += data[row];
  return total;
}

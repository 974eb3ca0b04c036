import type { FieldKind } from "@tocsin/data/codec";
import type { BucketRead, StorageAggregate } from "@tocsin/engine/plan";
import { floorWindow } from "./aggregate.ts";
import { pointsTable } from "./store-schema.ts";

/** An aggregate as SQL; its columns are series, then the number of the window or the time (where `timed`), and value. */
interface AggregateSql {
  readonly sql: string;
  readonly timed: boolean;
}

/** The windows of a request, numbered from the one that its start lies in. */
export interface WindowsOfRange {
  /** Start of the first. */
  readonly base: bigint;
  readonly every: bigint;
  readonly count: number;
}

/** The windows that a range touches. */
export function windowsOf(
  { start, stop }: BucketRead,
  { every, offset }: { readonly every: bigint; readonly offset: bigint },
): WindowsOfRange {
  const base = floorWindow(start, every, offset);
  return { base, every, count: Number((stop - base + every - 1n) / every) };
}

/**
 * The times of all windows: their ends, at most the range's own. Where the engine will cut the windows
 * again, a time that lies in each.
 */
export function windowTimes(
  { start, stop, pool }: BucketRead,
  { base, every, count }: WindowsOfRange,
): BigInt64Array {
  const times = new BigInt64Array(count);
  for (let i = 0, from = base; i < count; i++, from += every) {
    const end = from + every;
    times[i] = pool !== undefined ? (from < start ? start : from) : end < stop ? end : stop;
  }
  return times;
}

/** SQL for the number of the window that `time` lies in; it is not negative, and one division. */
export const windowSql = ({ base, every }: WindowsOfRange): string =>
  `(time - ${base}) // ${every}`;

/** The SQL that computes `aggregate` over the points of `kind` for which `where` holds. */
export function aggregateSql(
  kind: FieldKind,
  request: BucketRead,
  aggregate: StorageAggregate,
  where: string,
): AggregateSql {
  const { function: name, window } = aggregate;
  const table = pointsTable[kind];
  const value = reduction(name, kind);
  if (window !== undefined) {
    const windows = windowsOf(request, window);
    const sql = `SELECT series, (${windowSql(windows)})::INTEGER AS w, ${value} FROM ${table}
      WHERE ${where} GROUP BY series, w`;
    return { sql, timed: true };
  }
  if (name === "sum" || name === "count" || name === "mean") {
    const sql = `SELECT series, ${value} FROM ${table} WHERE ${where} GROUP BY series`;
    return { sql, timed: false };
  }
  if (name === "first" || name === "last") {
    const time = name === "first" ? "min(time)" : "max(time)";
    const sql = `SELECT series, ${time}, ${value} FROM ${table} WHERE ${where} GROUP BY series`;
    return { sql, timed: true };
  }
  // Of equal values the earliest counts.
  const sql = `WITH chosen AS (SELECT series, ${value} AS value FROM ${table} WHERE ${where} GROUP BY series)
    SELECT p.series, min(p.time), c.value FROM ${table} p JOIN chosen c USING (series)
    WHERE p.value = c.value AND ${where.replaceAll(/\b(time|series|value)\b/g, "p.$1")} GROUP BY ALL`;
  return { sql, timed: true };
}

const modulus = "18446744073709551616::HUGEINT";
const half = "9223372036854775808::HUGEINT";

/** SQL for what a function makes of values. */
export function reduction(name: StorageAggregate["function"], kind: FieldKind): string {
  switch (name) {
    case "first":
      return "arg_min(value, time)";
    case "last":
      return "arg_max(value, time)";
    case "min":
    case "max":
      return `${name}(value)`;
    case "count":
      return "count(*)::BIGINT";
    case "mean":
      return "sum(value)::DOUBLE / count(*)::DOUBLE";
    case "sum":
      // Sums wrap at 64 bits.
      if (kind === "int") {
        return `((((sum(value) + ${half}) % ${modulus}) + ${modulus}) % ${modulus} - ${half})::BIGINT`;
      }
      return kind === "uint" ? `(sum(value) % ${modulus})::UBIGINT` : "sum(value)";
  }
}

/** Whether its result depends on the order in which values are added. */
export const isOrdered = (name: StorageAggregate["function"], kind: FieldKind): boolean =>
  kind === "float" && (name === "sum" || name === "mean");

/** So many windows of a series, and of all series, are answered at most: a time and a bit for each is held. */
const windowsMax = 2n ** 22n;
const cellsMax = 2n ** 27n;

/** Whether SQL cannot number the windows: near the ends of time 64 bits overflow, or they are too many. */
export function overflows({ start, stop, aggregate, pool }: BucketRead, series: number): boolean {
  const window = aggregate?.window ?? pool?.window;
  if (window === undefined) return false;
  const reach = window.every * 2n + (window.offset < 0n ? -window.offset : window.offset);
  if (start - reach < -(2n ** 63n) || stop + reach >= 2n ** 63n) return true;
  const windows = (stop - start) / window.every + 2n;
  return windows > windowsMax || windows * BigInt(series) > cellsMax;
}

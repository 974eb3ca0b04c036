import type { FieldKind } from "@tocsin/data/codec";
import type { BucketRead, StorageAggregate } from "@tocsin/engine/plan";
import { pointsTable } from "./store-schema.ts";

/** An aggregate as SQL; its columns are series, time (where `timed`) and value. */
export interface AggregateSql {
  readonly sql: string;
  readonly timed: boolean;
  /** Floats are added in one thread: otherwise the last digits would change from run to run. */
  readonly oneThread: boolean;
}

/** The SQL that computes `aggregate` over the points of `kind` for which `where` holds. */
export function aggregateSql(
  kind: FieldKind,
  aggregate: StorageAggregate,
  where: string,
): AggregateSql {
  const { function: name, window } = aggregate;
  const table = pointsTable[kind];
  const oneThread = kind === "float" && (name === "sum" || name === "mean");
  const value = reduction(name, kind);
  if (window !== undefined) {
    const { every, offset } = window;
    const start = `time - ((time - ${offset}) % ${every} + ${every}) % ${every}`;
    const sql = `SELECT series, ${start} AS start, ${value} FROM ${table} WHERE ${where} GROUP BY series, start
      ORDER BY start`;
    return { sql, timed: true, oneThread };
  }
  if (name === "sum" || name === "count" || name === "mean") {
    const sql = `SELECT series, ${value} FROM ${table} WHERE ${where} GROUP BY series`;
    return { sql, timed: false, oneThread };
  }
  if (name === "first" || name === "last") {
    const time = name === "first" ? "min(time)" : "max(time)";
    const sql = `SELECT series, ${time}, ${value} FROM ${table} WHERE ${where} GROUP BY series`;
    return { sql, timed: true, oneThread };
  }
  // Of equal values the earliest counts.
  const sql = `WITH chosen AS (SELECT series, ${value} AS value FROM ${table} WHERE ${where} GROUP BY series)
    SELECT p.series, min(p.time), c.value FROM ${table} p JOIN chosen c USING (series)
    WHERE p.value = c.value AND ${where.replaceAll(/\b(time|series|value)\b/g, "p.$1")} GROUP BY ALL`;
  return { sql, timed: true, oneThread };
}

const modulus = "18446744073709551616::HUGEINT";
const half = "9223372036854775808::HUGEINT";

function reduction(name: StorageAggregate["function"], kind: FieldKind): string {
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

/** Whether windows near the ends of time would overflow SQL's 64 bits. */
export function overflows({ start, stop, aggregate }: BucketRead): boolean {
  const every = aggregate?.window?.every ?? 0n;
  const reach = every * 2n + (aggregate?.window?.offset ?? 0n);
  return start - reach < -(2n ** 63n) || stop + reach >= 2n ** 63n;
}

import { compareUtf8 } from "@tocsin/data/value";
import type { FieldKind } from "@tocsin/data/codec";
import type { FieldOfSeries } from "./predicate.ts";

/** A text that two fields of series share exactly when they are the same. */
export function seriesText(series: Pick<FieldOfSeries, "measurement" | "tags">): string {
  let text = `${series.measurement.length}:${series.measurement}`;
  for (const [key, value] of series.tags) text += `${key.length}:${key}${value.length}:${value}`;
  return text;
}

/** As `seriesText`, with the field and its type. */
export const fieldName = (
  of: Pick<FieldOfSeries, "measurement" | "tags" | "field" | "kind">,
): string => `${seriesText(of)}${of.kind}${of.field}`;

/**
 * Order of tables in storage's answers: by measurement, then by tags (key, value, key, value … as
 * bytes, a shorter list first), then by field; different types of one field by type.
 */
export function compareSeries(a: FieldOfSeries, b: FieldOfSeries): number {
  return (
    compareUtf8(a.measurement, b.measurement) ||
    compareTags(a.tags, b.tags) ||
    compareUtf8(a.field, b.field) ||
    compareUtf8(a.kind, b.kind)
  );
}

type Tags = FieldOfSeries["tags"];

function compareTags(a: Tags, b: Tags): number {
  if (a === b) return 0;
  const count = Math.min(a.length, b.length);
  for (let i = 0; i < count; i++) {
    const sign = compareUtf8(a[i][0], b[i][0]) || compareUtf8(a[i][1], b[i][1]);
    if (sign !== 0) return sign;
  }
  return a.length - b.length;
}

/** Nanoseconds of the week that InfluxDB keeps in one shard. */
const weekNanoseconds = 604_800_000_000_000n;
/** The epoch was a Thursday; shards begin on Mondays. */
const weekOffset = 345_600_000_000_000n;

/** Number of the week, from Monday to Monday in UTC, that `time` lies in. */
export function weekOf(time: bigint): bigint {
  const shifted = time - weekOffset;
  const week = shifted / weekNanoseconds;
  return shifted < 0n && week * weekNanoseconds !== shifted ? week - 1n : week;
}

/** The first time behind a week. */
export const endOfWeek = (week: bigint): bigint => (week + 1n) * weekNanoseconds + weekOffset;

/**
 * Which type each field has. As in InfluxDB a type holds per measurement, for all its series, and for
 * one week: what comes first decides. (InfluxDB then hides one of two types of different weeks from a
 * read over both; here each type is a table of its own.)
 */
export class FieldTypes {
  readonly #kinds = new Map<string, FieldKind>();

  /** The type that `field` has in that week, `kind` when it is new. */
  settle(measurement: string, field: string, week: bigint, kind: FieldKind): FieldKind {
    const name = `${week}:${measurement.length}:${measurement}${field}`;
    const known = this.#kinds.get(name);
    if (known !== undefined) return known;
    this.#kinds.set(name, kind);
    return kind;
  }
}

/** Why a point of another type is refused. */
export function conflict(
  measurement: string,
  field: string,
  has: FieldKind,
  is: FieldKind,
): string {
  const names = `${JSON.stringify(field)} of ${JSON.stringify(measurement)}`;
  return `field ${names} is ${withArticle(has)} there already, and ${withArticle(is)} here`;
}

function withArticle(kind: FieldKind): string {
  const words = {
    float: "a float",
    int: "an integer",
    uint: "an unsigned integer",
    string: "a string",
    bool: "a boolean",
  };
  return words[kind];
}

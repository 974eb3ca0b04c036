import type { FieldKind } from "@tocsin/data/codec";
import type { BucketRead } from "@tocsin/engine/plan";
import { valueSql } from "./sql.ts";

/** A condition for the points of a read; without `ids` of all series. */
export function pointsSql(
  { start, stop, predicate }: BucketRead,
  kind: FieldKind,
  ids: readonly number[] | undefined,
): string {
  const series = ids === undefined ? [] : [idsSql(ids)];
  const range = `time >= ${start} AND time < ${stop}`;
  return [range, ...series, valueSql(predicate, kind).sql].join(" AND ");
}

/** A condition for series of these numbers; runs of numbers as ranges, which skip blocks of a table. */
function idsSql(ids: readonly number[]): string {
  const sorted = ids.toSorted((a, b) => a - b);
  const ranges: string[] = [];
  const singles: number[] = [];
  for (let i = 0; i < sorted.length;) {
    let end = i;
    while (end + 1 < sorted.length && sorted[end + 1] === sorted[end] + 1) end++;
    if (end - i > 1) ranges.push(`series BETWEEN ${sorted[i]} AND ${sorted[end]}`);
    else singles.push(...sorted.slice(i, end + 1));
    i = end + 1;
  }
  if (singles.length > 0) ranges.push(`series IN (${singles.join(",")})`);
  return `(${ranges.join(" OR ")})`;
}

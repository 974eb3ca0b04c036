import type { FieldKind } from "@tocsin/data/codec";
import type { Numbers } from "./duckdb.ts";
import type { PointColumns } from "./point-columns.ts";
import { fieldKinds } from "./store-schema.ts";

/**
 * Rows of one table of a store, sorted by series and time, none twice: reads then find whole series in
 * few blocks, and DuckDB keeps times that follow each other in little space.
 */
export interface SortedPoints {
  readonly kind: FieldKind;
  /** The first and the last time of all. */
  readonly first: bigint;
  readonly last: bigint;
  readonly series: Int32Array;
  readonly times: BigInt64Array;
  readonly values: Numbers | readonly Uint8Array[];
}

/** The rows of one field, sorted by time. */
export interface FieldRows {
  readonly field: number;
  readonly times: BigInt64Array;
}

/** Which rows are taken, and where they belong. */
export interface Wanted {
  /** Points whose rows are left out. */
  readonly refused: ReadonlySet<number>;
  /** The number of a field's series. */
  readonly seriesOf: (field: number) => number;
}

/** Points put in order: of rows with one series and time the last stays. */
export function sorted(
  columns: PointColumns,
  { refused, seriesOf }: Wanted,
): { readonly tables: readonly SortedPoints[]; readonly fields: readonly FieldRows[] } {
  const counts = counted(columns, refused);
  const order = ordered(columns, counts, seriesOf);
  const all = order.reduce((sum, { field }) => sum + counts[field], 0);
  const times = new BigInt64Array(all);
  const values = new BigInt64Array(all);
  const ends = scattered(columns, { refused, order, counts }, { times, values });
  const series = new Int32Array(all);
  const fields: FieldRows[] = [];
  const extents = new Map<FieldKind, Extent>();
  let end = 0;
  for (const { field, id, kind } of order) {
    const [from, to] = [ends[field] - counts[field], ends[field]];
    const kept = inOrder(times, values, { from, to });
    if (end !== from) {
      times.copyWithin(end, from, from + kept);
      values.copyWithin(end, from, from + kept);
    }
    series.fill(id, end, end + kept);
    fields.push({ field, times: times.subarray(end, end + kept) });
    end += kept;
    const now = { first: times[end - kept], last: times[end - 1], end };
    extents.set(kind, extended(extents.get(kind), now));
  }
  let from = 0;
  const tables = [...extents].map(([kind, { first, last, end: to }]): SortedPoints => {
    const table = {
      kind,
      first,
      last,
      series: series.subarray(from, to),
      times: times.subarray(from, to),
      values: valuesOf(kind, values.subarray(from, to), columns),
    };
    from = to;
    return table;
  });
  return { tables, fields };
}

/** Where the rows of a table end, and their times. */
interface Extent {
  readonly first: bigint;
  readonly last: bigint;
  readonly end: number;
}
function extended(before: Extent | undefined, now: Extent): Extent {
  if (before === undefined) return now;
  const first = before.first < now.first ? before.first : now.first;
  const last = before.last > now.last ? before.last : now.last;
  return { first, last, end: now.end };
}

/** How many rows each field has. */
function counted(
  { fields, rows, fieldOf, pointOf }: PointColumns,
  refused: ReadonlySet<number>,
): Uint32Array {
  const counts = new Uint32Array(fields.length);
  const all = refused.size === 0;
  for (let row = 0; row < rows; row++)
    if (all || !refused.has(pointOf[row])) counts[fieldOf[row]]++;
  return counts;
}

interface Place {
  readonly field: number;
  readonly id: number;
  readonly kind: FieldKind;
}

/** The fields that have rows, table by table, by the numbers of their series. */
function ordered(
  { fields }: PointColumns,
  counts: Uint32Array,
  seriesOf: (field: number) => number,
): Place[] {
  const found = new Map(fieldKinds.map((kind) => [kind, [] as Place[]]));
  counts.forEach((count, field) => {
    const { kind } = fields[field];
    if (count > 0) found.get(kind)?.push({ field, id: seriesOf(field), kind });
  });
  return [...found.values()].flatMap((places) => places.sort((a, b) => a.id - b.id));
}

/** Puts rows field after field, otherwise in their order; gives where each field ends. */
function scattered(
  { rows, fieldOf, pointOf, times, longs }: PointColumns,
  of: {
    readonly refused: ReadonlySet<number>;
    readonly order: readonly Place[];
    readonly counts: Uint32Array;
  },
  to: { readonly times: BigInt64Array; readonly values: BigInt64Array },
): Uint32Array {
  const { refused, order, counts } = of;
  const next = new Uint32Array(counts.length);
  let end = 0;
  for (const { field } of order) {
    next[field] = end;
    end += counts[field];
  }
  // As words: of a 64-bit number code that is not warm makes an object.
  const [timesIn, valuesIn] = [new Int32Array(times.buffer), new Int32Array(longs.buffer)];
  const [timesOut, valuesOut] = [to.times, to.values].map(({ buffer }) => new Int32Array(buffer));
  const all = refused.size === 0;
  for (let row = 0; row < rows; row++) {
    if (!all && refused.has(pointOf[row])) continue;
    const [from, place] = [row * 2, next[fieldOf[row]]++ * 2];
    timesOut[place] = timesIn[from];
    timesOut[place + 1] = timesIn[from + 1];
    valuesOut[place] = valuesIn[from];
    valuesOut[place + 1] = valuesIn[from + 1];
  }
  return next;
}

/** Sorts the rows `from .. to`, which are of one field, by time; of equal times the last stays. Gives how many do. */
function inOrder(
  times: BigInt64Array,
  values: BigInt64Array,
  { from, to }: { readonly from: number; readonly to: number },
): number {
  if (increasing(times, from, to)) return to - from;
  const order = Uint32Array.from({ length: to - from }, (_, i) => from + i);
  order.sort((a, b) => (times[a] < times[b] ? -1 : times[a] > times[b] ? 1 : a - b));
  const [oldTimes, oldValues] = [times.slice(from, to), values.slice(from, to)];
  let kept = from;
  order.forEach((row, i) => {
    if (i + 1 < order.length && oldTimes[row - from] === oldTimes[order[i + 1] - from]) return;
    times[kept] = oldTimes[row - from];
    values[kept++] = oldValues[row - from];
  });
  return kept - from;
}

function increasing(times: BigInt64Array, from: number, to: number): boolean {
  const low = new Uint32Array(times.buffer);
  const high = new Int32Array(times.buffer);
  for (let i = from * 2 + 2; i < to * 2; i += 2) {
    const [before, now] = [high[i - 1], high[i + 1]];
    if (before > now || (before === now && low[i - 2] >= low[i])) return false;
  }
  return true;
}

function valuesOf(
  kind: FieldKind,
  values: BigInt64Array,
  columns: PointColumns,
): Numbers | readonly Uint8Array[] {
  switch (kind) {
    case "float":
      return new Float64Array(values.buffer, values.byteOffset, values.length);
    case "string":
      return Array.from(values, (number) => columns.texts.text(Number(number)));
    case "bool":
      return Uint8Array.from(values, Number);
    case "int":
    case "uint":
      return values;
  }
}

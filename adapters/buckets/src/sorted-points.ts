import type { FieldKind } from "@tocsin/data/codec";
import type { Cells } from "./duckdb.ts";
import type { PointColumns } from "./point-columns.ts";
import { fieldKinds } from "./store-schema.ts";

/**
 * Rows of one table of a store, sorted by series and time, none twice: reads then find whole series in
 * few blocks, and DuckDB keeps times that follow each other in little space.
 */
export interface SortedPoints {
  readonly kind: FieldKind;
  readonly runs: readonly Run[];
  readonly series: Int32Array;
  readonly times: BigInt64Array;
  readonly values: Cells;
}

/** The rows of one field: they are `from .. to` of their table. */
export interface Run {
  readonly field: number;
  /** The number of its series. */
  readonly series: number;
  readonly from: number;
  readonly to: number;
}

/** Which rows are taken, and where they belong. */
interface Wanted {
  /** Points whose rows are left out. */
  readonly refused: ReadonlySet<number>;
  /** The number of a field's series. */
  readonly seriesOf: (field: number) => number;
}

/** Points put in order, table by table: of rows with one series and time the last stays. */
export function sorted(columns: PointColumns, { refused, seriesOf }: Wanted): SortedPoints[] {
  const counts = counted(columns, refused);
  const order = ordered(columns, counts, seriesOf);
  const all = order.reduce((sum, { field }) => sum + counts[field], 0);
  const rows = { times: new BigInt64Array(all), values: new BigInt64Array(all) };
  const ends = scattered(columns, { refused, order, counts }, rows);
  const series = new Int32Array(all);
  const tables: SortedPoints[] = [];
  let end = 0;
  for (let i = 0; i < order.length;) {
    const { kind } = order[i];
    const [first, runs] = [end, [] as Run[]];
    for (; i < order.length && order[i].kind === kind; i++) {
      const { field, id } = order[i];
      const kept = inOrder(rows, ends[field] - counts[field], { to: ends[field], place: end });
      series.fill(id, end, end + kept);
      runs.push({ field, series: id, from: end - first, to: end - first + kept });
      end += kept;
    }
    tables.push({
      kind,
      runs,
      series: series.subarray(first, end),
      times: rows.times.subarray(first, end),
      values: valuesOf(kind, rows.values.subarray(first, end), columns),
    });
  }
  return tables;
}

/** Rows as they are put in order; values are bits. */
interface Rows {
  readonly times: BigInt64Array;
  readonly values: BigInt64Array;
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
  to: Rows,
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

/**
 * Sorts the rows `from .. to`, which are of one field, by time, and moves them to `place`, which is not
 * behind them. Of equal times the last stays. Gives how many do.
 */
function inOrder(
  { times, values }: Rows,
  from: number,
  { to, place }: { readonly to: number; readonly place: number },
): number {
  if (increasing(times, from, to)) {
    if (place === from) return to - from;
    times.copyWithin(place, from, to);
    values.copyWithin(place, from, to);
    return to - from;
  }
  const order = Uint32Array.from({ length: to - from }, (_, i) => from + i);
  order.sort((a, b) => (times[a] < times[b] ? -1 : times[a] > times[b] ? 1 : a - b));
  const [oldTimes, oldValues] = [times.slice(from, to), values.slice(from, to)];
  let kept = place;
  order.forEach((row, i) => {
    if (i + 1 < order.length && oldTimes[row - from] === oldTimes[order[i + 1] - from]) return;
    times[kept] = oldTimes[row - from];
    values[kept++] = oldValues[row - from];
  });
  return kept - place;
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

function valuesOf(kind: FieldKind, values: BigInt64Array, columns: PointColumns): Cells {
  switch (kind) {
    case "float":
      return new Float64Array(values.buffer, values.byteOffset, values.length);
    case "string":
      return columns.texts.cells(values);
    case "bool":
      return Uint8Array.from(values, Number);
    case "int":
    case "uint":
      return values;
  }
}

/** The first of the sorted times `from .. to` that is not before `limit`; most often it is none. */
export function firstNotBefore(
  times: BigInt64Array,
  limit: bigint,
  { from, to }: Pick<Run, "from" | "to">,
): number {
  let [low, high] = [from, to];
  if (low === high || times[high - 1] < limit) return high;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle] < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

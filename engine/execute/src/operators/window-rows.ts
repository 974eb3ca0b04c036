import {
  type Batch,
  type Column,
  type ColumnSpec,
  type FlatColumn,
  gather,
  indexOf,
  type Schema,
  slice,
} from "@tocsin/data/column";
import type { TimeBounds } from "@tocsin/engine/plan";
import type { AllWindows } from "../all-windows.ts";
import { pieceRows } from "../pushing.ts";
import type { WindowCut } from "../window-cut.ts";
import { constantTimes } from "./window-sums.ts";

/** What the rows of windows look like when they are one table again. */
interface WindowRowsSpec {
  /** The bounds in the key of the tables. */
  readonly range: TimeBounds;
  readonly timeFrom: "_start" | "_stop";
  /** Whether `_time` is the first column, if there was none; else it is the last. */
  readonly timeFirst: boolean;
}

/** What was made of the windows of a batch. */
interface MadeWindows {
  /** What was cut, and how. */
  readonly batch: Batch;
  readonly cut: WindowCut;
  /** A table for each segment: with the whole key, or without any. */
  readonly made: Batch;
}

/**
 * The windows of each table put together as one table, with the range as its bounds. Leaves out windows without rows,
 * and tables that have no others.
 */
export function joinedWindows({ batch, cut, made }: MadeWindows, spec: WindowRowsSpec): Batch {
  const tables: number[] = [];
  const ends: number[] = [];
  let before = 0;
  for (let segment = 0; segment < cut.tables.length;) {
    const table = cut.tables[segment];
    segment = endOfRun(cut.tables, segment);
    const end = made.tableEnds[segment - 1];
    if (end === before) continue;
    tables.push(table);
    ends.push(end);
    before = end;
  }
  const data = spec.timeFrom === "_stop" ? cut.stops : cut.starts;
  const times: FlatColumn = { kind: "time", form: "flat", data, valid: undefined };
  const segments = segmentsOf(made);
  return together({ batch, made, spec }, made.columns, {
    tables: Uint32Array.from(tables),
    tableEnds: Uint32Array.from(ends),
    times: segments === undefined ? times : gather(times, segments, made.rows),
  });
}

/**
 * As `joinedWindows`, but with a row for each of `all` windows: those without rows get the row that was made of
 * `cut.without`. Each segment must have become one row. Gives batches of about `pieceRows` rows.
 */
export function* filledWindows(
  { batch, cut, made }: MadeWindows,
  all: AllWindows,
  spec: WindowRowsSpec,
): Generator<Batch> {
  const count = batch.tableEnds.length;
  const atOnce = Math.max(1, Math.floor(pieceRows / (all.size + 1)));
  let segment = 0;
  for (let from = 0; from < count; from += atOnce) {
    const to = Math.min(count, from + atOnce);
    const places = placesOf({ cut, segment, from, to }, all, spec);
    segment = places.segment;
    const tables = Uint32Array.from(places.tableEnds, (_, i) => from + i);
    const { length } = places.rows;
    for (let first = 0; first < length; first += pieceRows) {
      const last = Math.min(length, first + pieceRows);
      const rows = places.rows.subarray(first, last);
      const columns = made.columns.map((column) =>
        column.form === "table" ? column : gather(column, rows, rows.length),
      );
      const times = slice(places.times, first, last);
      const tableEnds = to - from === 1 ? Uint32Array.of(rows.length) : places.tableEnds;
      const one = together({ batch, made, spec }, columns, { tables, tableEnds, times });
      yield { ...one, open: last < length };
    }
  }
}

/** The tables `from .. to`, and the first of their segments. */
interface CutTables {
  readonly cut: WindowCut;
  readonly segment: number;
  readonly from: number;
  readonly to: number;
}

/**
 * The segment that gives each window its row, the times of these rows, where each table ends; and the next segment.
 */
function placesOf(
  { cut, segment, from, to }: CutTables,
  all: AllWindows,
  { range, timeFrom }: WindowRowsSpec,
): { rows: Uint32Array; times: FlatColumn; tableEnds: Uint32Array; segment: number } {
  const { size, outsideAt } = all;
  const last = cut.without ?? cut.tables.length;
  const rows = new Uint32Array((to - from) * (size + 1)).fill(last);
  const tableEnds = new Uint32Array(to - from);
  const shared: number[] = [];
  let base = 0;
  for (let table = from; table < to; table++) {
    const first = segment;
    while (segment < last && cut.tables[segment] === table) segment++;
    const numbers = cut.numbers.subarray(first, segment);
    // Rows outside of all windows share one that is as long as the range.
    const outside = numbers.includes(size);
    for (let i = 0; i < numbers.length; i++) {
      const number = numbers[i];
      const place =
        number === size ? outsideAt : outside && number >= outsideAt ? number + 1 : number;
      rows[base + place] = first + i;
    }
    if (outside) shared.push(base + outsideAt);
    base += outside ? size + 1 : size;
    tableEnds[table - from] = base;
  }
  let data = all.times(timeFrom, to - from);
  const alone = timeFrom === "_stop" ? range.stop : range.start;
  if (shared.length > 0) data = withTimes(data, shared, alone);
  const times: FlatColumn = { kind: "time", form: "flat", data, valid: undefined };
  return { rows: rows.subarray(0, base), times, tableEnds, segment };
}

/** The times with `time` put in at each of some places, which ascend. */
function withTimes(times: BigInt64Array, places: readonly number[], time: bigint): BigInt64Array {
  const more = new BigInt64Array(times.length + places.length);
  let from = 0;
  places.forEach((place, i) => {
    more.set(times.subarray(from, place - i), from + i);
    more[place] = time;
    from = place - i;
  });
  more.set(times.subarray(from), from + places.length);
  return more;
}

/** Which tables of a batch are made, where each ends, and the times of their rows. */
interface Rows {
  readonly tables: Uint32Array;
  readonly tableEnds: Uint32Array;
  readonly times: FlatColumn;
}

/** The tables with their key, what was made of their windows, and the times. */
function together(
  {
    batch,
    made,
    spec,
  }: { readonly batch: Batch; readonly made: Batch; readonly spec: WindowRowsSpec },
  columns: readonly Column[],
  { tables, tableEnds, times }: Rows,
): Batch {
  const { range, timeFirst } = spec;
  const given = made.schema.some(({ key }) => key)
    ? made.schema
    : [...keyOf(batch), ...made.schema];
  const added = given.length - made.schema.length;
  const schema: ColumnSpec[] = [];
  const cells: Column[] = [];
  given.forEach((one, i) => {
    if (one.label === "_time") return;
    schema.push(one);
    if (one.label === "_start") cells.push(constantTimes(range.start, tables.length));
    else if (one.label === "_stop") cells.push(constantTimes(range.stop, tables.length));
    else if (!one.key) cells.push(columns[i - added]);
    else cells.push(keyColumn(batch, one.label, tables));
  });
  const before = indexOf(given, "_time");
  const at = before >= 0 ? before : timeFirst ? 0 : schema.length;
  schema.splice(at, 0, { label: "_time", kind: "time", key: false });
  cells.splice(at, 0, times);
  return { schema, columns: cells, rows: tableEnds.at(-1) ?? 0, tableEnds, open: false };
}

function keyColumn({ schema, columns }: Batch, label: string, tables: Uint32Array): Column {
  const column = columns[indexOf(schema, label)];
  return column.form === "table"
    ? { ...column, values: gather(column.values, tables, tables.length) }
    : column;
}

/** The key of the tables that were cut, and the bounds. */
function keyOf({ schema }: Batch): Schema {
  const key = schema.filter((one) => one.key);
  for (const label of ["_start", "_stop"])
    if (indexOf(key, label) < 0) key.push({ label, kind: "time", key: true });
  return key;
}

/** Where the run of equal numbers that begins at `from` ends. */
function endOfRun(numbers: Uint32Array, from: number): number {
  const number = numbers[from];
  let at = from + 1;
  while (at < numbers.length && numbers[at] === number) at++;
  return at;
}

/** The segment that each row lies in. Undefined: each segment is one row. */
function segmentsOf({ rows, tableEnds }: Batch): Uint32Array | undefined {
  if (rows === tableEnds.length && isEachOne(tableEnds)) return undefined;
  const segments = new Uint32Array(rows);
  let row = 0;
  for (let segment = 0; segment < tableEnds.length; segment++)
    while (row < tableEnds[segment]) segments[row++] = segment;
  return segments;
}

function isEachOne(ends: Uint32Array): boolean {
  for (let i = 0; i < ends.length; i++) if (ends[i] !== i + 1) return false;
  return true;
}

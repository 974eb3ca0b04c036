import {
  type Batch,
  type Column,
  type ColumnSpec,
  type FlatColumn,
  indexOf,
  pieces,
  type Schema,
  slice,
  tableStart,
} from "@tocsin/data/column";
import type { TimeBounds } from "@tocsin/engine/plan";
import { keepRows, withoutEmptyTables } from "../whole-batch.ts";
import { pieceRows } from "../pushing.ts";
import { canSum, type GridSpec, kindOfSum, type Summing, WindowGrid } from "../window-grid.ts";
import { timesOf } from "../times.ts";
import type { AllWindows } from "../all-windows.ts";

/** Where there are more windows than this for each row, going through all of them takes longer than cutting. */
const cellsPerRow = 4;

/** What is summed, and what the rows of windows look like. */
interface WindowSumsSpec {
  readonly what: Summing;
  /** The column that is summed. */
  readonly column: string;
  readonly range: TimeBounds;
  /** Which end of a window becomes the time of its row. */
  readonly timeFrom: "_start" | "_stop";
  readonly timeFirst: boolean;
  /** Windows without rows get a row too. */
  readonly createEmpty: boolean;
}

/** The windows of some tables of a batch, in the cells of a grid. */
interface GridTables {
  readonly batch: Batch;
  readonly grid: WindowGrid;
  /** The tables `from .. to` of the batch. The grid begins with the table `from`. */
  readonly from: number;
  readonly to: number;
}

/**
 * Sums up all windows of tables as rows come, or counts, or takes the mean. Of a table that goes on in the next batch
 * only the sums are held.
 */
export class WindowSums {
  readonly #spec: WindowSumsSpec;
  readonly #windows: AllWindows;
  #layout: Layout | undefined;
  /** Begins with the table that goes on in the next batch. */
  #open: WindowGrid | undefined;

  constructor(spec: WindowSumsSpec, windows: AllWindows) {
    this.#spec = spec;
    this.#windows = windows;
  }
  /** Whether a table has begun and goes on in the next batch. */
  get open(): boolean {
    return this.#open !== undefined;
  }
  get bytes(): number {
    return this.#open?.bytes ?? 0;
  }
  /**
   * Whether it can and should sum up these tables: the column is there, can be summed and is not in the key. Where
   * windows without rows get no row, enough windows must have rows.
   */
  takes({ schema, columns, rows, tableEnds }: Batch): boolean {
    const { what, column, createEmpty } = this.#spec;
    const at = indexOf(schema, column);
    if (at < 0 || columns[at].form === "table" || !canSum({ what, kind: schema[at].kind }))
      return false;
    const cells = tableEnds.length * this.#windows.size;
    return createEmpty || cells <= cellsPerRow * rows + 1024;
  }
  *add(batch: Batch): Generator<Batch | undefined> {
    for (const piece of pieces(batch, pieceRows)) yield* this.#addPiece(piece);
  }

  *#addPiece(batch: Batch): Generator<Batch | undefined> {
    const { what, column: label, createEmpty } = this.#spec;
    const column = batch.columns[indexOf(batch.schema, label)] as FlatColumn;
    const numbers = this.#windows.number(timesOf(batch, "_time"), batch.rows);
    const of = { what, kind: column.kind, createEmpty };
    const tables = batch.tableEnds.length;
    let grid = this.#open ?? this.#gridOf(of, tables);
    this.#open = undefined;
    let from = 0;
    for (let table = 0; table < tables; table++) {
      if (table - from === grid.tables) {
        yield* this.#made({ batch, grid, from, to: table });
        grid = this.#gridOf(of, tables - table);
        from = table;
      }
      const rows = { from: tableStart(batch, table), to: batch.tableEnds[table], ...numbers };
      grid.add(table - from, column, rows);
    }
    const last = tables - 1;
    if (!batch.open) yield* this.#made({ batch, grid, from, to: tables });
    else if (last === from) this.#open = grid;
    else {
      this.#open = grid.alone(last - from);
      yield* this.#made({ batch, grid, from, to: last });
    }
  }
  #gridOf(of: GridSpec, most: number): WindowGrid {
    const { size } = this.#windows;
    return new WindowGrid(of, size, Math.max(1, Math.min(most, Math.floor(pieceRows / size))));
  }
  /** The rows of the windows of some tables; those of a table with many windows come piece by piece. */
  *#made(tables: GridTables): Generator<Batch | undefined> {
    const { size } = this.#windows;
    const rows = (tables.to - tables.from) * size;
    for (let from = 0; from < rows; from += pieceRows) {
      const made = this.#rows(tables, from, Math.min(rows, from + pieceRows));
      yield this.#spec.createEmpty ? made : withoutEmptyTables(withRows(made, tables.grid));
    }
  }
  #rows({ batch, grid, from, to }: GridTables, first: number, last: number): Batch {
    const { size } = this.#windows;
    const count = to - from;
    const { range, timeFrom } = this.#spec;
    const times = this.#windows.times(timeFrom, count).subarray(first, last);
    const { schema, sources } = this.#layoutOf(batch.schema);
    const columns = sources.map((source): Column => {
      switch (source) {
        case "_time":
          return { kind: "time", form: "flat", data: times, valid: undefined };
        case "sums":
          return grid.cells(first, last);
        case "_start":
          return constantTimes(range.start, count);
        case "_stop":
          return constantTimes(range.stop, count);
        default:
          return tablesOf(batch.columns[source], from, to);
      }
    });
    const tableEnds = new Uint32Array(count);
    for (let table = 0; table < count; table++) tableEnds[table] = (table + 1) * size;
    if (count === 1) tableEnds[0] = last - first;
    return { schema, columns, rows: last - first, tableEnds, open: last < count * size };
  }
  #layoutOf(given: Schema): Layout {
    if (this.#layout?.given !== given) this.#layout = layoutOf(given, this.#spec);
    return this.#layout;
  }
}

/** The windows that have rows, of all windows of whole tables. */
function withRows(batch: Batch, grid: WindowGrid): Batch {
  const rows = grid.seen(batch.rows);
  return rows === undefined ? batch : keepRows(batch, rows);
}

/** Where the cells of a column come from: a column of the given batch, or what is made here. */
type Source = number | "_start" | "_stop" | "_time" | "sums";

/** The columns that are made for tables with the schema `given`. */
interface Layout {
  readonly given: Schema;
  readonly schema: Schema;
  readonly sources: readonly Source[];
}

/** The key of the tables, with the range as bounds, then the sums. The time replaces a `_time` of the key. */
function layoutOf(given: Schema, { what, column, timeFirst }: WindowSumsSpec): Layout {
  const made: { readonly spec: ColumnSpec; readonly source: Source }[] = [];
  const bound = (label: "_start" | "_stop"): void =>
    void made.push({ spec: { label, kind: "time", key: true }, source: label });
  let time = -1;
  given.forEach((spec, i) => {
    if (!spec.key) return;
    if (spec.label === "_time") time = made.length;
    else if (spec.label === "_start" || spec.label === "_stop") bound(spec.label);
    else made.push({ spec, source: i });
  });
  for (const label of ["_start", "_stop"] as const)
    if (made.every(({ source }) => source !== label)) bound(label);
  const { kind } = given[indexOf(given, column)];
  made.push({
    spec: { label: column, kind: kindOfSum({ what, kind }), key: false },
    source: "sums",
  });
  const at = time >= 0 ? time : timeFirst ? 0 : made.length;
  made.splice(at, 0, { spec: { label: "_time", kind: "time", key: false }, source: "_time" });
  return { given, schema: made.map(({ spec }) => spec), sources: made.map(({ source }) => source) };
}

function tablesOf(column: Column, from: number, to: number): Column {
  return column.form === "table" ? { ...column, values: slice(column.values, from, to) } : column;
}

/** The same time for each of some tables. */
export function constantTimes(time: bigint, count: number): Column {
  const data = new BigInt64Array(count).fill(time);
  return {
    kind: "time",
    form: "table",
    values: { kind: "time", form: "flat", data, valid: undefined },
  };
}

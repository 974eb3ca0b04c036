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
import { timesOf } from "../window-cut.ts";
import type { AllWindows } from "../all-windows.ts";

/** Of tables with more windows than that for each row not all are gone through to find those with rows. */
const cellsPerRow = 4;

/** What is summed, and how the rows of its windows look. */
interface WindowSumsSpec {
  readonly what: Summing;
  /** The column that is summed. */
  readonly column: string;
  readonly range: TimeBounds;
  /** The time of a window's row: where it ends, or where it begins. */
  readonly timeFrom: "_start" | "_stop";
  readonly timeFirst: boolean;
  /** Windows without rows get a row too. */
  readonly createEmpty: boolean;
}

/** Some tables of a batch, each with all windows: in the cells of a grid. */
interface GridTables {
  readonly batch: Batch;
  readonly grid: WindowGrid;
  /** The tables of the batch; the first is at the first place of the grid. */
  readonly from: number;
  readonly to: number;
}

/**
 * Sums, means or counts of all windows of tables, also of those without rows, as rows come: of a table that goes on
 * in the next batch only its sums are kept.
 */
export class WindowSums {
  readonly #spec: WindowSumsSpec;
  readonly #windows: AllWindows;
  #layout: Layout | undefined;
  /** Of a table that goes on, at its first place. */
  #open: WindowGrid | undefined;

  constructor(spec: WindowSumsSpec, windows: AllWindows) {
    this.#spec = spec;
    this.#windows = windows;
  }
  /** Whether a table was begun and goes on. */
  get open(): boolean {
    return this.#open !== undefined;
  }
  get bytes(): number {
    return this.#open?.bytes ?? 0;
  }
  /**
   * Whether it can do so: there is such a column, which is no key, and can be summed. Where windows without rows get
   * none, most of them should have some.
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
  /** The rows of the windows of some tables; of a table with many windows piece by piece. */
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

/** All windows of whole tables without those that have no rows. */
function withRows(batch: Batch, grid: WindowGrid): Batch {
  const rows = grid.seen(batch.rows);
  return rows === undefined ? batch : keepRows(batch, rows);
}

/** Where the cells of a column come from: a column of what is given, or what is made. */
type Source = number | "_start" | "_stop" | "_time" | "sums";

/** The columns of what is made of tables with some schema. */
interface Layout {
  readonly given: Schema;
  readonly schema: Schema;
  readonly sources: readonly Source[];
}

/**
 * The key of the tables, with the range as their bounds; the sums; and the time, which takes the place of one in the
 * key.
 */
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

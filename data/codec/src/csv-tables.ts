import type { Batch, Column, Schema } from "@tocsin/data/column";
import { invalid } from "@tocsin/data/value";
import type { CsvHead } from "./csv-annotations.ts";
import type { CsvCells, CsvColumn } from "./csv-cells.ts";
import { csvCells, unreadCells } from "./csv-columns.ts";
import { CsvKeyRun, Remembered, type RunCell } from "./csv-key-run.ts";
import type { CsvRows, Stop } from "./csv-rows.ts";
import { CsvTexts } from "./csv-texts.ts";

interface KeyCells {
  readonly cells: CsvCells;
  readonly at: number;
  /** The present table's cell. */
  readonly present: Remembered;
}

/** How tables are made of CSV; see `CsvOptions`. */
interface CsvTablesOptions {
  readonly emptyText: boolean;
  /** Distinct texts of each column, by its label. */
  readonly texts: Map<string, CsvTexts>;
  readonly columns: ReadonlySet<string> | undefined;
}

/** Rows that are decoded column by column at a time: their cells fit the processor's cache. */
const blockRows = 512;
/** Rows of a batch, and tables of one. */
const batchRows = 16_384;

/** What the last row had in the cell `table` and in those of the key. */
export type RowPlace = readonly Uint8Array[];

/** Position of the cell `table` in a row. */
const tableAt = 2;

/** Neighbouring cells of a row that are read together: a run of group columns, or one other column. */
type Stretch =
  | { readonly run: CsvKeyRun; readonly keys: readonly KeyCells[] }
  | { readonly run: undefined; readonly cells: CsvCells };

/**
 * Turns the rows of one block of annotated CSV into batches of tables. A table ends where its number
 * or a cell of a group column changes. Upstream lets group columns vary within a table, whose key is
 * then that of its first row; here a key is always what all rows of a table have.
 */
export class CsvTables {
  readonly head: CsvHead;
  rows = 0;
  readonly #schema: Schema;
  readonly #read: readonly CsvCells[];
  readonly #keys: readonly KeyCells[];
  readonly #flat: readonly { cells: CsvCells; at: number }[];
  readonly #number = new Remembered();
  readonly #stretches: readonly Stretch[];
  /** Too few lines of a sweep were read as they stood: so many blocks are read by the cell. */
  #pause = 0;
  /** Ends of the tables that are finished. */
  #ends: number[] = [];
  #started = false;
  #everStarted = false;
  #boundary = new Uint8Array(0);

  constructor(head: CsvHead, options: CsvTablesOptions) {
    this.head = head;
    const first = head.width - head.columns.length;
    const textsOf = (label: string): CsvTexts => {
      const texts = options.texts.get(label) ?? new CsvTexts();
      options.texts.set(label, texts);
      return texts;
    };
    const columns = options.emptyText
      ? head.columns.map((one) =>
          one.kind === "string" ? { ...one, fallback: one.fallback ?? "" } : one,
        )
      : head.columns;
    const isRead = readColumns(columns, options.columns);
    const all = columns.map((column) =>
      isRead(column) ? csvCells(column, () => textsOf(column.label)) : unreadCells(column),
    );
    this.#read = all.filter(({ unread }) => !unread);
    this.#schema = this.#read.map(({ column: { label, kind, key } }) => ({ label, kind, key }));
    const placed = all.map((cells, i) => ({ cells, at: first + i }));
    this.#keys = placed
      .filter(({ cells }) => cells.column.key)
      .map((one) => ({ ...one, present: new Remembered() }));
    this.#flat = placed.filter(({ cells }) => !cells.column.key);
    this.#stretches = stretchesOf(placed, this.#number, this.#keys);
    checkLabels(columns.map(({ label }) => label));
    all.forEach(checkFallback);
  }
  /** Whether a row was read. */
  get begun(): boolean {
    return this.#everStarted;
  }
  /** Whether there is no room for more rows or tables: time to `take` them. */
  get full(): boolean {
    return this.rows >= batchRows || this.#ends.length + 1 >= batchRows;
  }
  /** Reads a block of rows, of which `leading` cells come before the data; says why it stopped. */
  step(rows: CsvRows, leading: number): Stop {
    const room = Math.min(blockRows, batchRows - this.rows);
    if (leading > 0 && this.#sweep(rows, room) > 0) return "full";
    const stop = rows.scan(this.head.width, room, leading > 0);
    if (rows.count > 0) this.add(rows, leading);
    return stop;
  }
  /** Forgets what came before: the next row is the first. */
  begin(): void {
    for (const cells of this.#read) if (cells.rows > 0) cells.finish();
    this.rows = 0;
    this.#ends = [];
    this.#number.length = -1;
    for (const { present } of this.#keys) present.length = -1;
    this.#started = this.#everStarted = false;
  }
  /** Where the rows so far have come to. */
  get place(): RowPlace {
    return [this.#number, ...this.#keys.map(({ present }) => present)].map(({ bytes, length }) =>
      bytes.slice(0, Math.max(0, length)),
    );
  }
  /** Goes on with the table of a row that was read before. */
  goOn(place: RowPlace): void {
    const remembered = [this.#number, ...this.#keys.map(({ present }) => present)];
    remembered.forEach((one, i) => one.set(place[i], 0, place[i].length));
    this.#everStarted = true;
    this.#beginAgain();
  }
  /** The rows of the block that `rows` holds; `leading` cells come before the data. */
  add(rows: CsvRows, leading: number): void {
    const { width } = this.head;
    const { count } = rows;
    if (this.#boundary.length < count) this.#boundary = new Uint8Array(count * 2);
    this.#boundary.fill(0, 0, count);
    if (leading > 0) this.#changes(rows, tableAt, this.#number, true);
    for (const key of this.#keys) this.#changes(rows, key.at, key.present, false);
    for (let row = 0; row < count; row++) {
      if (this.#boundary[row] === 1 || !this.#everStarted) this.#begin(rows, row);
    }
    for (const { cells, at } of this.#flat) cells.block(rows, at, width, 0, count);
    this.rows += count;
  }
  /**
   * Reads up to `room` rows whose cells are as they stand in most files, column by column; gives how
   * many it read. Rows after them need a closer look, or more bytes.
   */
  #sweep(rows: CsvRows, room: number): number {
    if (this.#pause > 0) {
      this.#pause--;
      return 0;
    }
    const found = rows.findLines(room);
    if (found === 0) return 0;
    if (this.#boundary.length < found) this.#boundary = new Uint8Array(found * 2);
    this.#boundary.fill(0, 0, found);
    let count = found;
    this.#stretches.forEach((one, i) => {
      const last = i === this.#stretches.length - 1;
      if (count === 0) return;
      count =
        one.run === undefined
          ? one.cells.sweep(rows, count, last)
          : one.run.sweep(rows, count, this.#boundary);
    });
    this.#keep(rows, count);
    rows.readLines(count, found);
    if (count < found / 8) this.#pause = 16;
    return count;
  }
  #keep(rows: CsvRows, count: number): void {
    for (let line = 0; line < count; line++)
      if (this.#boundary[line] === 1 || !this.#everStarted) this.#beginSwept(rows, line);
    for (const one of this.#stretches) {
      if (one.run === undefined) one.cells.keep(count);
      else one.run.keep(rows, count);
    }
    this.rows += count;
  }
  #beginSwept(rows: CsvRows, line: number): void {
    if (this.#started) this.#ends.push(this.rows + line);
    this.#started = this.#everStarted = true;
    for (const one of this.#stretches) {
      if (one.run === undefined) continue;
      const change = one.run.at(line);
      one.keys.forEach(({ cells, present }, i) => {
        cells.reserve(cells.rows + 1);
        const bytes = change === undefined ? present.bytes : rows.bytes;
        const from = change?.starts[i] ?? 0;
        const to = change?.ends[i] ?? present.length;
        if (!cells.cell(bytes, from, to)) throw cells.misfit(rows.text(from, to), rows.line + line);
      });
    }
  }
  /** The block is over: so is its last table. A block without rows is a table without rows. */
  end(): void {
    if (this.#started) this.#ends.push(this.rows);
    else if (!this.#everStarted) this.#emptyTable();
    this.#started = false;
  }
  /** The rows so far as a batch. `open`: its last table may go on. */
  take(open: boolean): Batch | undefined {
    const goesOn = open && this.#started;
    if (this.#started) this.#ends.push(this.rows);
    if (this.#ends.length === 0) return undefined;
    const columns = this.#read.map((cells): Column => {
      const made = cells.finish();
      return cells.column.key ? { kind: made.kind, form: "table", values: made } : made;
    });
    const tableEnds = Uint32Array.from(this.#ends);
    const batch = { schema: this.#schema, columns, rows: this.rows, tableEnds, open: goesOn };
    this.#ends = [];
    this.rows = 0;
    this.#started = false;
    if (goesOn) this.#beginAgain();
    return batch;
  }

  /** Marks the rows whose cell differs from the row before. */
  #changes(rows: CsvRows, at: number, present: Remembered, emptyIsSame: boolean): void {
    const { bytes, starts, ends, count } = rows;
    const { width } = this.head;
    for (let row = 0, cell = at; row < count; row++, cell += width) {
      const end = ends[cell] < 0 ? rows.plain(cell) : ends[cell];
      const start = starts[cell];
      if (present.is(bytes, start, end)) continue;
      if (emptyIsSame && start === end && present.length >= 0) continue;
      present.set(bytes, start, end);
      this.#boundary[row] = 1;
    }
  }
  #begin(rows: CsvRows, row: number): void {
    const { width } = this.head;
    if (this.#started) this.#ends.push(this.rows + row);
    this.#started = this.#everStarted = true;
    for (const { cells, at } of this.#keys) cells.block(rows, at, width, row, row + 1);
  }
  /** The table that goes on in a new batch needs its key there too. */
  #beginAgain(): void {
    this.#started = true;
    for (const { cells, present } of this.#keys) {
      cells.reserve(1);
      cells.cell(present.bytes, 0, present.length);
    }
  }
  #emptyTable(): void {
    if (this.head.table === "" && this.head.width > this.head.columns.length) {
      throw invalid("missing table ID: a table without rows needs it in the default annotation");
    }
    for (const { cells } of this.#keys) {
      cells.reserve(1);
      cells.cell(nothing, 0, 0);
    }
    this.#ends.push(this.rows);
  }
}

/** Which columns are read: all of a table that lacks one of those that are wanted. */
function readColumns(
  columns: readonly CsvColumn[],
  wanted: ReadonlySet<string> | undefined,
): (column: CsvColumn) => boolean {
  const labels = new Set(columns.map(({ label }) => label));
  if (wanted === undefined || [...wanted].some((label) => !labels.has(label))) return () => true;
  return ({ label, key }) => key || wanted.has(label);
}

/** The cells of a row in their order, first those before the data. */
function stretchesOf(
  placed: readonly { readonly cells: CsvCells; readonly at: number }[],
  number: Remembered,
  keys: readonly KeyCells[],
): readonly Stretch[] {
  const leading: RunCell[] = [
    { present: new Remembered(), counts: "never" },
    { present: new Remembered(), counts: "never" },
    { present: number, counts: "unless empty" },
  ];
  const stretches: Stretch[] = [{ run: new CsvKeyRun(leading, placed.length === 0), keys: [] }];
  let run: KeyCells[] = [];
  placed.forEach(({ cells, at }, i) => {
    run.push(...keys.filter((key) => key.at === at));
    const last = i === placed.length - 1;
    if (run.length > 0 && (last || !placed[i + 1].cells.column.key)) {
      const ran = run.map(({ present }): RunCell => ({ present, counts: "always" }));
      stretches.push({ run: new CsvKeyRun(ran, last), keys: run });
      run = [];
    }
    if (!cells.column.key) stretches.push({ run: undefined, cells });
  });
  return stretches;
}

const nothing = new Uint8Array(0);

function checkFallback(cells: CsvCells): void {
  const { label, fallback } = cells.column;
  cells.reserve(1);
  if (!cells.cell(nothing, 0, 0)) {
    const [name, text] = [label, fallback].map((one) => JSON.stringify(one));
    throw invalid(`column ${name} has the default ${text}, which is not of its type`);
  }
  if (cells.unread) cells.rows = 0;
  else cells.finish();
}

function checkLabels(labels: readonly string[]): void {
  const seen = new Set<string>();
  for (const label of labels) {
    if (seen.has(label))
      throw invalid(`column ${JSON.stringify(label)} occurs twice in the header`);
    seen.add(label);
  }
}

import { type Batch, blankColumn, type Column, type Schema } from "@tocsin/data/column";
import { invalid } from "@tocsin/data/value";
import type { CsvHead } from "./csv-annotations.ts";
import type { CsvCells, CsvColumn } from "./csv-cells.ts";
import { csvCells, unreadCells } from "./csv-columns.ts";
import type { CsvKernel } from "./csv-kernel.ts";
import type { CsvKernels } from "./csv-kernels.ts";
import type { ColumnPlace, KernelStretch, Place, RunPlace } from "./csv-kernel-plan.ts";
import { CsvKeyRun, Remembered, type RunCell } from "./csv-key-run.ts";
import type { CsvRows, Stop } from "./csv-rows.ts";
import { CsvTexts } from "./csv-texts.ts";

/** A column's cells, and which cell of a row they are. */
interface PlacedCells {
  readonly cells: CsvCells;
  readonly at: number;
}
interface KeyCells extends PlacedCells {
  /** The present table's cell. */
  readonly present: Remembered;
}

/** See `CsvOptions`. */
interface CsvTablesOptions {
  readonly emptyText: boolean;
  /** Distinct texts of each column, by its label. */
  readonly texts: Map<string, CsvTexts>;
  readonly columns: ReadonlySet<string> | undefined;
  readonly values: ReadonlySet<string> | undefined;
  /** Undefined: all rows are read cell by cell. */
  readonly kernels: CsvKernels | undefined;
}

/** Rows that are decoded at once, column by column: their cells fit into the processor's cache. */
const blockRows = 512;
/** The most rows of a batch, and the most tables. */
const batchRows = 16_384;
/** With more columns than these a batch is limited by cells, so that what is held does not grow with its width. */
const wideColumns = 8;
const batchCells = 5 * batchRows;
/** Bytes of the texts that are not coded, of a batch. */
const batchBytes = 256 * 1024;

/** Position of the cell `table` in a row. */
const tableAt = 2;

/** Neighbouring cells of a row that are read together: a run of group columns, or one other column. */
type Stretch =
  | { readonly run: CsvKeyRun; readonly keys: readonly KeyCells[] }
  | { readonly run: undefined; readonly cells: CsvCells };

/** Machine code for a head pays once this many bytes of its rows are there, or this many rows were read. */
const worthBytes = 32 * 1024;
const worthRows = 512;
/** Code for many columns takes longer to make, and has to learn many texts: it pays later. */
const wideStretches = 32;
const worthWideRows = 4096;

/**
 * Turns the rows of one block of annotated CSV into batches of tables. A table ends where its number
 * or a cell of a group column changes. Upstream lets group columns vary within a table, whose key is
 * then that of its first row; here a key is always what all rows of a table have.
 */
export class CsvTables {
  readonly head: CsvHead;
  rows = 0;
  /** The most rows of a batch. */
  readonly #most: number;
  readonly #schema: Schema;
  readonly #read: readonly CsvCells[];
  readonly #keys: readonly KeyCells[];
  readonly #flat: readonly PlacedCells[];
  readonly #number = new Remembered();
  readonly #stretches: readonly Stretch[];
  /** The stretches with their places in the kernel's memory: runs and other columns. */
  readonly #runs: { run: CsvKeyRun; keys: readonly KeyCells[]; place: RunPlace }[] = [];
  readonly #columns: { cells: CsvCells; place: ColumnPlace }[] = [];
  /** Whether the kernel knows what each run held in the row before. */
  #told = false;
  /** Whether the kernel stopped at a row that it does not read. */
  #stopped = false;
  readonly #kernels: CsvKernels | undefined;
  /** Undefined: not worth making yet; null: there can be none. */
  #kernel: CsvKernel | null | undefined;
  /** Rows that were read cell by cell. */
  #seen = 0;
  /** Rows to be read cell by cell before the kernel is tried again. */
  #careful = 1;
  /** Ends of the tables that are finished. */
  #ends: number[] = [];
  #started = false;
  #everStarted = false;
  #boundary = new Uint8Array(0);

  constructor(head: CsvHead, options: CsvTablesOptions) {
    this.head = head;
    const first = head.width - head.columns.length;
    const textsOf = (label: string): CsvTexts => {
      const texts = options.texts.get(label) ?? new CsvTexts(head.width);
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
      isRead(column) && (column.key || options.values?.has(column.label) !== false)
        ? csvCells(column, () => textsOf(column.label))
        : unreadCells(column),
    );
    const few = Math.max(blockRows, Math.floor(batchCells / all.length));
    this.#most = all.length <= wideColumns ? batchRows : few;
    this.#read = all.filter(({ column }) => isRead(column));
    this.#schema = this.#read.map(({ column: { label, kind, key } }) => ({ label, kind, key }));
    const placed = all.map((cells, i) => ({ cells, at: first + i }));
    this.#keys = placed
      .filter(({ cells }) => cells.column.key)
      .map((one) => ({ ...one, present: new Remembered() }));
    this.#flat = placed.filter(({ cells }) => !cells.column.key);
    this.#stretches = stretchesOf(placed, this.#number, this.#keys);
    this.#kernels = options.kernels;
    checkLabels(columns.map(({ label }) => label));
    all.forEach(checkFallback);
  }
  /** Whether there is no room for more rows, tables or texts: time to `take` them. */
  get full(): boolean {
    return this.rows >= this.#most || this.#ends.length + 1 >= batchRows || this.#isLong();
  }
  /** Reads a block of rows, which have `leading` cells before the data; says why it stopped. */
  step(rows: CsvRows, leading: number): Stop {
    const room = this.#most - this.rows;
    if (leading > 0 && this.#sweep(rows, room) > 0) return "full";
    const few = (this.#kernel ?? null) === null ? blockRows : this.#careful;
    const stop = rows.scan(this.head.width, Math.min(few, room), leading > 0);
    if (rows.count > 0) this.add(rows, leading);
    return stop;
  }
  /** Takes the rows that `rows` holds, which have `leading` cells before the data. */
  add(rows: CsvRows, leading: number): void {
    this.#told = false;
    const { width } = this.head;
    const { count } = rows;
    if (this.#boundary.length < count) this.#boundary = new Uint8Array(count * 2);
    this.#boundary.fill(0, 0, count);
    if (leading > 0) this.#changes(rows, tableAt, this.#number, true);
    for (const key of this.#keys) this.#changes(rows, key.at, key.present, false);
    // Of several wrong rows the error names the first.
    let fits = count;
    let misfit: PlacedCells | undefined;
    for (let row = 0; row < fits; row++) {
      if (this.#boundary[row] === 0 && this.#everStarted) continue;
      misfit = this.#begin(rows, row);
      if (misfit !== undefined) fits = row;
    }
    for (const one of this.#flat) {
      const read = one.cells.block(rows, one.at, width, fits);
      if (read < fits) misfit = one;
      fits = read;
    }
    if (misfit !== undefined) throw misfitOf(rows, misfit, fits, width);
    for (const { cells } of this.#flat) cells.keep(count);
    this.rows += count;
    this.#seen += count;
  }
  /** Reads up to `room` rows by the kernel; gives how many. The row after them needs a closer look, or more bytes. */
  #sweep(rows: CsvRows, room: number): number {
    const kernel = this.#stopped ? undefined : this.#kernelFor(rows);
    this.#stopped = false;
    if (kernel === undefined) return 0;
    let most = Math.min(kernel.layout.lines, room);
    for (const { cells, place } of this.#columns) {
      cells.expect(kernel, place);
      most = Math.min(most, cells.most);
    }
    if (!this.#told) for (const { run, place } of this.#runs) kernel.expect(place, run.expected());
    // The memory may have grown for texts of these columns.
    rows.moveTo(kernel.memory);
    const found = kernel.run(rows.from, rows.to, most);
    let count = found;
    if (found > 0)
      for (const { cells, place } of this.#columns) count = cells.take(kernel, place, count);
    this.#told = this.#keep(rows, kernel, count);
    this.#stopped = count < most;
    // Among many rows that the kernel cannot read it is not tried at each.
    if (count === 0) this.#careful = Math.min(blockRows, this.#careful * 2);
    else if (count >= 64) this.#careful = 1;
    return count;
  }
  #isLong(): boolean {
    let bytes = 0;
    for (const { cells } of this.#flat) bytes += cells.bytes;
    return bytes >= batchBytes;
  }
  /** Undefined while there are few rows, or where there can be none. */
  #kernelFor(rows: CsvRows): CsvKernel | undefined {
    if (this.#kernel === undefined) {
      // Machine code that another head has made costs nothing more.
      const kinds = this.#stretches.map(kernelStretch);
      if (!this.#isWorthwhile(rows) && this.#kernels?.has(kinds) !== true) return undefined;
      this.#kernel = this.#kernels?.of(kinds) ?? null;
      this.#kernel?.layout.places.forEach((place, i) => this.#put(this.#stretches[i], place));
    }
    if (this.#kernel === null) return undefined;
    this.#kernel.begin();
    return this.#kernel;
  }
  #isWorthwhile({ from, to }: CsvRows): boolean {
    if (this.#stretches.length > wideStretches) return this.#seen >= worthWideRows;
    return this.#seen >= worthRows || to - from >= worthBytes;
  }
  #put(stretch: Stretch, place: Place): void {
    const { run } = stretch;
    if (run !== undefined && place.run !== undefined)
      this.#runs.push({ run, keys: stretch.keys, place: place.run });
    else if (run === undefined && place.run === undefined)
      this.#columns.push({ cells: stretch.cells, place: place.at });
  }
  /** Takes the first `count` rows that the kernel has read. Whether it can go on from the last of them. */
  #keep(rows: CsvRows, kernel: CsvKernel, count: number): boolean {
    const begins: number[] = this.#everStarted || count === 0 ? [] : [0];
    let told = true;
    for (const { run, place } of this.#runs) told = run.take(kernel, place, count, begins) && told;
    if (begins.length > 1) begins.sort((a, b) => a - b);
    let last = -1;
    for (const line of begins) {
      if (line > last) this.#beginSwept(rows, kernel, line);
      last = line;
    }
    for (const { cells } of this.#columns) cells.keep(count);
    for (const { run } of this.#runs) run.keep(kernel.bytes);
    if (count > 0) rows.passed(kernel.endOf(count - 1), kernel.linesOf(count));
    this.rows += count;
    return told;
  }
  /** A table begins at a row that the kernel has read. */
  #beginSwept(rows: CsvRows, kernel: CsvKernel, line: number): void {
    if (this.#started) this.#ends.push(this.rows + line);
    this.#started = this.#everStarted = true;
    for (const { run, keys } of this.#runs) {
      const change = run.at(line);
      keys.forEach(({ cells, present }, i) => {
        cells.reserve(cells.rows + 1);
        const bytes = change === undefined ? present.bytes : rows.bytes;
        const from = change === undefined ? 0 : run.from(change, i);
        const to = change === undefined ? present.length : run.to(change, i);
        if (cells.cell(bytes, from, to)) return;
        const at = line === 0 ? rows.from : kernel.endOf(line - 1);
        throw cells.misfit(rows.text(from, to), rows.lineAt(at));
      });
    }
  }
  /**
   * Ends the block, and with it the last table. A block without rows is a table without rows. Another block with the
   * same head may follow.
   */
  end(): void {
    if (this.#started) this.#ends.push(this.rows);
    else if (!this.#everStarted) this.#emptyTable();
    this.#started = this.#everStarted = false;
    this.#told = this.#stopped = false;
    this.#number.length = -1;
    for (const { present } of this.#keys) present.length = -1;
  }
  /** The rows so far as a batch. `open`: the last table may go on. */
  take(open: boolean): Batch | undefined {
    const goesOn = open && this.#started;
    if (this.#started) this.#ends.push(this.rows);
    if (this.#ends.length === 0) return undefined;
    const columns = this.#read.map((cells): Column => {
      if (cells.unread) return blankColumn(cells.column.kind, this.rows);
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
  /** A table begins; gives the first group column whose cell is not of its type. */
  #begin(rows: CsvRows, row: number): PlacedCells | undefined {
    const { width } = this.head;
    if (this.#started) this.#ends.push(this.rows + row);
    this.#started = this.#everStarted = true;
    for (const key of this.#keys) {
      const cell = row * width + key.at;
      const end = rows.ends[cell] < 0 ? rows.plain(cell) : rows.ends[cell];
      key.cells.reserve(key.cells.rows + 1);
      if (!key.cells.cell(rows.bytes, rows.starts[cell], end)) return key;
    }
    return undefined;
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
      cells.reserve(cells.rows + 1);
      cells.cell(nothing, 0, 0);
    }
    this.#ends.push(this.rows);
  }
}

/** Which columns are read; all if one that is wanted is missing. */
function readColumns(
  columns: readonly CsvColumn[],
  wanted: ReadonlySet<string> | undefined,
): (column: CsvColumn) => boolean {
  const labels = new Set(columns.map(({ label }) => label));
  if (wanted === undefined || [...wanted].some((label) => !labels.has(label))) return () => true;
  return ({ label, key }) => key || wanted.has(label);
}

/** The cells of a row in order, those before the data included. */
function stretchesOf(
  placed: readonly PlacedCells[],
  number: Remembered,
  keys: readonly KeyCells[],
): readonly Stretch[] {
  const leading: RunCell[] = [
    { present: new Remembered(), counts: "never" },
    { present: new Remembered(), counts: "never" },
    { present: number, counts: "unless empty" },
  ];
  const stretches: Stretch[] = [{ run: new CsvKeyRun(leading), keys: [] }];
  let run: KeyCells[] = [];
  placed.forEach(({ cells, at }, i) => {
    run.push(...keys.filter((key) => key.at === at));
    const last = i === placed.length - 1;
    if (run.length > 0 && (last || !placed[i + 1].cells.column.key)) {
      const ran = run.map(({ present }): RunCell => ({ present, counts: "always" }));
      stretches.push({ run: new CsvKeyRun(ran), keys: run });
      run = [];
    }
    if (!cells.column.key) stretches.push({ run: undefined, cells });
  });
  return stretches;
}

/** What the kernel needs to know of a stretch. */
function kernelStretch(stretch: Stretch): KernelStretch {
  if (stretch.run !== undefined) return { run: stretch.run.size };
  const { column, unread } = stretch.cells;
  const nullable = column.fallback === undefined;
  return { kind: column.kind, plain: column.layout === undefined, unread, nullable };
}

/** The error for a cell that is not of its column's type. */
function misfitOf(rows: CsvRows, { cells, at }: PlacedCells, row: number, width: number): Error {
  const cell = row * width + at;
  return cells.misfit(rows.text(rows.starts[cell], rows.ends[cell]), rows.lines[row]);
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

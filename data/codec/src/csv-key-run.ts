import { cellEnd } from "./csv-cells.ts";
import type { CsvRows } from "./csv-rows.ts";

const comma = 0x2c;
const newline = 0x0a;
const carriageReturn = 0x0d;
const quote = 0x22;

/** Bytes that are compared with the cells of following rows, and kept when the rows are gone. */
export class Remembered {
  bytes = new Uint8Array(32);
  length = -1;

  set(bytes: Uint8Array, from: number, to: number): void {
    if (to - from > this.bytes.length) this.bytes = new Uint8Array((to - from) * 2);
    const mine = this.bytes;
    for (let i = from, j = 0; i < to; i++, j++) mine[j] = bytes[i];
    this.length = to - from;
  }
  is(bytes: Uint8Array, from: number, to: number): boolean {
    if (to - from !== this.length) return false;
    const mine = this.bytes;
    for (let i = from, j = 0; i < to; i++, j++) if (bytes[i] !== mine[j]) return false;
    return true;
  }
}

/** A line in which the cells of a run are not those of the line before. */
interface Change {
  readonly line: number;
  /** Where each cell begins and ends. */
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

/** A cell of a run: what it held last, and which of its differences make a new table. */
export interface RunCell {
  readonly present: Remembered;
  readonly counts: "always" | "unless empty" | "never";
}

/**
 * Neighbouring cells that are the same in all rows of a table: as long as the bytes of the whole run
 * repeat, its cells need not be looked at one by one.
 */
export class CsvKeyRun {
  readonly #cells: readonly RunCell[];
  readonly #last: boolean;
  #bytes = new Uint8Array(64);
  #view = new DataView(this.#bytes.buffer);
  /** Bytes of the run as it stands in a row; -1: they could be other cells as well. */
  #length = -1;
  /** What each cell held in the line before. */
  readonly #before: readonly Remembered[];
  #changes: Change[] = [];
  #asked = 0;

  /** `last`: the run ends its rows. */
  constructor(cells: readonly RunCell[], last: boolean) {
    this.#cells = cells;
    this.#last = last;
    this.#before = cells.map(() => new Remembered());
  }
  /** As `CsvCells.sweep`. Marks the lines in which a cell differs from the line before. */
  sweep(rows: CsvRows, count: number, marks: Uint8Array): number {
    this.#changes = [];
    this.#asked = 0;
    this.#compose();
    const { view, cursors, stops, bytes } = rows;
    const last = this.#last;
    for (let line = 0; line < count; line++) {
      const from = cursors[line];
      const end = from + this.#length;
      const ends = last ? end === stops[line] : bytes[end] === comma;
      if (ends && this.#length >= 0 && this.#same(view, from)) cursors[line] = end + 1;
      else if (!this.#differs(rows, line, marks)) return line;
    }
    return count;
  }
  /**
   * The last change up to line `line`, where the cells are then; undefined: they are what they were
   * before the block. Lines are asked for in their order.
   */
  at(line: number): Change | undefined {
    const changes = this.#changes;
    while (this.#asked < changes.length && changes[this.#asked].line <= line) this.#asked++;
    return this.#asked === 0 ? undefined : changes[this.#asked - 1];
  }
  /** Only the first `count` lines count: what their cells held last is remembered. */
  keep(rows: CsvRows, count: number): void {
    this.#cells.forEach(({ present, counts }, i) => {
      for (let at = this.#changes.length - 1; at >= 0; at--) {
        const { line, starts, ends } = this.#changes[at];
        const isSame = counts === "unless empty" && starts[i] === ends[i] && present.length >= 0;
        if (line >= count || isSame) continue;
        present.set(rows.bytes, starts[i], ends[i]);
        return;
      }
    });
  }

  #same(view: DataView, from: number): boolean {
    const mine = this.#view;
    const length = this.#length;
    let i = 0;
    for (; i + 4 <= length; i += 4)
      if (view.getInt32(from + i, true) !== mine.getInt32(i, true)) return false;
    for (; i < length; i++) if (view.getUint8(from + i) !== mine.getUint8(i)) return false;
    return true;
  }
  /** The remembered cells as they stand in a row, unless they need quotes there. */
  #compose(): void {
    let length = 0;
    let plain = true;
    this.#cells.forEach(({ present }, at) => {
      const before = this.#before[at];
      before.set(present.bytes, 0, Math.max(0, present.length));
      before.length = present.length;
      if (present.length < 0) plain = false;
      this.#reserve(length + present.length + 2);
      if (at > 0) this.#bytes[length++] = comma;
      for (let i = 0; i < present.length; i++) {
        const b = present.bytes[i];
        if (b === comma || b === newline || b === carriageReturn || b === quote) plain = false;
        this.#bytes[length++] = b;
      }
    });
    this.#length = plain ? length : -1;
  }
  /** Looks at the cells of a line one by one; false when they need a closer look. */
  #differs(rows: CsvRows, line: number, marks: Uint8Array): boolean {
    const { bytes, cursors } = rows;
    const count = this.#cells.length;
    const starts: number[] = [];
    const ends: number[] = [];
    const from = cursors[line];
    let at = from;
    for (let i = 0; i < count; i++) {
      const end = cellEnd(rows, line, at, this.#last && i === count - 1);
      if (end < 0) return false;
      starts.push(at);
      ends.push(end);
      at = end + 1;
    }
    if (this.#note(bytes, { line, starts, ends })) marks[line] = 1;
    this.#length = at - 1 - from;
    this.#reserve(this.#length);
    for (let i = 0; i < this.#length; i++) this.#bytes[i] = bytes[from + i];
    cursors[line] = at;
    return true;
  }
  /** Takes the cells of a line as they are; whether they begin a table. */
  #note(bytes: Uint8Array, change: Change): boolean {
    const { starts, ends } = change;
    let changed = false;
    let begins = false;
    for (let i = 0; i < this.#cells.length; i++) {
      const before = this.#before[i];
      if (before.is(bytes, starts[i], ends[i])) continue;
      const { counts } = this.#cells[i];
      if (counts === "unless empty" && starts[i] === ends[i] && before.length >= 0) continue;
      before.set(bytes, starts[i], ends[i]);
      if (counts !== "never") begins = true;
      changed = true;
    }
    if (changed) this.#changes.push(change);
    return begins;
  }
  #reserve(length: number): void {
    if (length <= this.#bytes.length) return;
    const larger = new Uint8Array(length * 2);
    larger.set(this.#bytes);
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}

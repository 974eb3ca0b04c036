import type { CsvKernel } from "./csv-kernel.ts";
import type { RunPlace } from "./csv-kernel-plan.ts";

const comma = 0x2c;
const newline = 0x0a;
const carriageReturn = 0x0d;
const quote = 0x22;

/** A copy of a cell's bytes, with which the cells of later rows are compared. */
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

/** A cell of a run: what it held last, and whether a difference begins a new table. */
export interface RunCell {
  readonly present: Remembered;
  readonly counts: "always" | "unless empty" | "never";
}

/**
 * Neighbouring cells that are the same in all rows of a table. While the bytes of the whole run repeat, the kernel
 * does not look at the cells one by one.
 */
export class CsvKeyRun {
  readonly #cells: readonly RunCell[];
  /** What each cell held in the line before. */
  readonly #before: readonly Remembered[];
  #bytes = new Uint8Array(64);
  /** Where in the kernel's words the changes that matter are: each is a line, then where each cell begins and ends. */
  #changes: number[] = [];
  #words: Int32Array = new Int32Array(0);
  #asked = 0;

  constructor(cells: readonly RunCell[]) {
    this.#cells = cells;
    this.#before = cells.map(() => new Remembered());
  }
  get size(): number {
    return this.#cells.length;
  }
  /** The remembered cells as a row would hold them. Undefined: there are none, or they would need quotes. */
  expected(): Uint8Array | undefined {
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
    return plain ? this.#bytes.subarray(0, length) : undefined;
  }
  /**
   * Takes the changes that the kernel has seen in the first `count` lines, and adds the lines that begin a table to
   * `begins`. False: it has seen others after these lines, and would compare with the last of them.
   */
  take({ bytes, words }: CsvKernel, place: RunPlace, count: number, begins: number[]): boolean {
    this.#words = words;
    if (this.#changes.length > 0) this.#changes = [];
    this.#asked = 0;
    const step = place.changeBytes / 4;
    let change = place.changes / 4;
    let left = words[place.changed / 4];
    for (; left > 0 && words[change] < count; left--, change += step)
      if (this.#note(bytes, change)) begins.push(words[change]);
    return left === 0;
  }
  /**
   * The last change up to `line`, which says where the cells are. Undefined: they are as before the block. To be asked
   * for ascending lines.
   */
  at(line: number): number | undefined {
    const changes = this.#changes;
    while (this.#asked < changes.length && this.#words[changes[this.#asked]] <= line) this.#asked++;
    return this.#asked === 0 ? undefined : changes[this.#asked - 1];
  }
  /** Where cell `cell` begins and ends in a change. */
  from(change: number, cell: number): number {
    return this.#words[change + 1 + 2 * cell];
  }
  to(change: number, cell: number): number {
    return this.#words[change + 2 + 2 * cell];
  }
  /** Remembers what the cells held last. */
  keep(bytes: Uint8Array): void {
    if (this.#changes.length === 0) return;
    this.#cells.forEach(({ present, counts }, cell) => {
      for (let i = this.#changes.length - 1; i >= 0; i--) {
        const from = this.from(this.#changes[i], cell);
        const to = this.to(this.#changes[i], cell);
        if (counts === "unless empty" && from === to && present.length >= 0) continue;
        present.set(bytes, from, to);
        return;
      }
    });
  }

  /** Takes the cells of a line; whether they begin a table. */
  #note(bytes: Uint8Array, change: number): boolean {
    let changed = false;
    let begins = false;
    for (let cell = 0; cell < this.#cells.length; cell++) {
      const before = this.#before[cell];
      const from = this.from(change, cell);
      const to = this.to(change, cell);
      if (before.is(bytes, from, to)) continue;
      const { counts } = this.#cells[cell];
      if (counts === "unless empty" && from === to && before.length >= 0) continue;
      before.set(bytes, from, to);
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
  }
}

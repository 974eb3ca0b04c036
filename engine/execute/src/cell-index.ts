import {
  columnBuilder,
  type ColumnBuilder,
  compareCells,
  Dictionary,
  type FlatColumn,
  isValid,
  materialized,
  rowsOf,
} from "@tocsin/data/column";
import type { ColumnKind, Raw } from "@tocsin/data/value";

/** The order of kinds among the cells of one label: upstream sorts tables so. */
const kindOrder: readonly ColumnKind[] = ["string", "int", "uint", "float", "bool", "time"];

/**
 * Numbers the distinct cells of one label from 0, over all batches: cells are compared as numbers
 * from then on. Cells of different kinds differ; two nulls of one kind are the same.
 */
export class CellIndex {
  readonly #kinds: ColumnKind[] = [];
  readonly #cells: Raw[] = [];
  readonly #nulls = new Map<ColumnKind, number>();
  readonly #numbers = new Map<ColumnKind, Map<Raw, number>>();
  readonly #text = new Dictionary();
  #ofText: number[] = [];
  #dictionary: Dictionary | undefined;
  #remap = new Int32Array(0);

  get size(): number {
    return this.#cells.length;
  }
  kind(code: number): ColumnKind {
    return this.#kinds[code];
  }
  cell(code: number): Raw {
    return this.#cells[code];
  }
  /** The numbers of all cells of `column`, written to `codes`. */
  codesOf(column: FlatColumn, codes: Uint32Array): void {
    const real = materialized(column);
    if (real.form === "coded") return this.#coded(real, codes);
    const rows = rowsOf(real);
    if (real.form === "plain") {
      for (let row = 0; row < rows; row++) {
        codes[row] = isValid(real.valid, row)
          ? this.#textCode(real.bytes, real.offsets[row], real.offsets[row + 1])
          : this.#null("string");
      }
      return;
    }
    const { data, kind, valid } = real;
    const known = this.#known(kind);
    // Series have their times in the same order: the next cell is often the next number.
    let next = 0;
    for (let row = 0; row < rows; row++) {
      if (!isValid(valid, row)) codes[row] = this.#null(kind);
      else {
        const cell = data[row];
        if (this.#cells[next] !== cell || this.#kinds[next] !== kind)
          next = this.#code(kind, known, cell);
        codes[row] = next++;
      }
    }
  }
  /** For each number, its place in the order of cells. */
  ranks(): Uint32Array {
    const codes = Uint32Array.from({ length: this.size }, (_, code) => code);
    codes.sort((a, b) => this.compare(a, b));
    const ranks = new Uint32Array(codes.length);
    codes.forEach((code, rank) => (ranks[code] = rank));
    return ranks;
  }
  compare(a: number, b: number): number {
    if (a === b) return 0;
    if (this.#kinds[a] !== this.#kinds[b])
      return kindOrder.indexOf(this.#kinds[a]) - kindOrder.indexOf(this.#kinds[b]);
    return compareCells(this.#cells[a], this.#cells[b]);
  }
  /** A column of the cells with these numbers, which are all of kind `kind`. */
  column(kind: ColumnKind, codes: Uint32Array): FlatColumn {
    const builder: ColumnBuilder = columnBuilder(kind, codes.length);
    for (const code of codes) builder.append(this.#cells[code]);
    return builder.finish();
  }

  #coded(column: Extract<FlatColumn, { form: "coded" }>, codes: Uint32Array): void {
    const { dictionary, valid } = column;
    if (this.#dictionary !== dictionary || this.#remap.length < dictionary.size) {
      const before = this.#dictionary === dictionary ? this.#remap : new Int32Array(0);
      this.#remap = new Int32Array(Math.max(dictionary.size, before.length * 2)).fill(-1);
      this.#remap.set(before);
      this.#dictionary = dictionary;
    }
    const remap = this.#remap;
    const rows = column.codes.length;
    for (let row = 0; row < rows; row++) {
      if (valid !== undefined && !isValid(valid, row)) {
        codes[row] = this.#null("string");
        continue;
      }
      const local = column.codes[row];
      let code = remap[local];
      if (code === -1) {
        const bytes = dictionary.bytes(local);
        code = remap[local] = this.#textCode(bytes, 0, bytes.length);
      }
      codes[row] = code;
    }
  }
  #textCode(bytes: Uint8Array, from: number, to: number): number {
    const text = this.#text.codeOfBytes(bytes, from, to);
    if (text < this.#ofText.length) return this.#ofText[text];
    const code = this.#add("string", this.#text.text(text));
    this.#ofText.push(code);
    return code;
  }
  #known(kind: ColumnKind): Map<Raw, number> {
    let known = this.#numbers.get(kind);
    if (known === undefined) this.#numbers.set(kind, (known = new Map()));
    return known;
  }
  #code(kind: ColumnKind, known: Map<Raw, number>, cell: number | bigint): number {
    const found = known.get(cell);
    if (found !== undefined) return found;
    const code = this.#add(kind, kind === "bool" ? cell === 1 : cell);
    known.set(cell, code);
    return code;
  }
  #null(kind: ColumnKind): number {
    let code = this.#nulls.get(kind);
    if (code === undefined) this.#nulls.set(kind, (code = this.#add(kind, null)));
    return code;
  }
  #add(kind: ColumnKind, cell: Raw): number {
    this.#kinds.push(kind);
    return this.#cells.push(cell) - 1;
  }
}

/**
 * Numbers pairs of numbers: what makes a group of the cells of several columns. Runs of equal pairs,
 * as sorted series have them, cost one comparison.
 */
export class PairIndex {
  readonly #known = new Map<number, number>();
  readonly left: number[] = [];
  readonly right: number[] = [];

  /** Replaces `left[i]` by the number of the pair `left[i], right[i]`. */
  number(left: Uint32Array, right: Uint32Array): void {
    let lastLeft = -1;
    let lastRight = -1;
    let last = -1;
    for (let i = 0; i < left.length; i++) {
      if (left[i] !== lastLeft || right[i] !== lastRight) {
        lastLeft = left[i];
        lastRight = right[i];
        // Equal series come with equal pairs in the same order: the next one is often the next number.
        const next = last + 1;
        last =
          this.left[next] === lastLeft && this.right[next] === lastRight
            ? next
            : this.#pair(lastLeft, lastRight);
      }
      left[i] = last;
    }
  }
  #pair(left: number, right: number): number {
    // Both are below 2^26: a stream has no more distinct cells or tables than that.
    const key = left * 67_108_864 + right;
    let pair = this.#known.get(key);
    if (pair === undefined) {
      pair = this.left.length;
      this.left.push(left);
      this.right.push(right);
      this.#known.set(key, pair);
    }
    return pair;
  }
}

import { type FlatColumn, isValid, rowsOf, slice } from "@tocsin/data/column";
import type { ColumnKind } from "@tocsin/data/value";
import { CellIndex } from "@tocsin/engine/execute";

type Numbers = Float64Array | BigInt64Array | BigUint64Array;

const isWide = (kind: ColumnKind): boolean => kind !== "string" && kind !== "bool";

/**
 * One column of a pivot's row key: its cells in the rows of the result, and in the batch at hand. Numbers
 * and times are kept as they are, in two words each; texts and booleans as numbers of an index.
 */
export class PivotKey {
  readonly kind: ColumnKind;
  readonly #cells = new CellIndex();
  readonly #width: 1 | 2;
  #stored = new Uint32Array(128);
  #storedNumbers: Numbers;
  /** Rows of the result without a value: a bit each, once there is one. */
  #valid: Uint8Array | undefined;
  #column: FlatColumn | undefined;
  /** Of the batch; undefined: some rows have no value. */
  #words: Uint32Array | undefined;
  #numbers: Numbers;

  constructor(kind: ColumnKind) {
    this.kind = kind;
    this.#width = isWide(kind) ? 2 : 1;
    this.#storedNumbers = this.#numbers = numbersOf(kind, this.#stored);
  }
  /** Takes the column of the batch at hand. */
  take(column: FlatColumn): void {
    this.#column = column;
    if (column.form === "flat" && column.kind !== "bool") {
      const { buffer, byteOffset, length } = column.data;
      const words = new Uint32Array(buffer, byteOffset, length * 2);
      this.#numbers = column.data;
      this.#words = column.valid === undefined ? words : undefined;
    } else {
      this.#words = new Uint32Array(rowsOf(column));
      this.#cells.codesOf(column, this.#words);
    }
  }
  /** How many of the rows `row .. to` of the batch are as the rows of the result from `place` on. */
  same(row: number, to: number, place: number): number {
    const words = this.#words;
    if (words === undefined || this.#valid !== undefined) return 0;
    const stored = this.#stored;
    const width = this.#width;
    const shift = (place - row) * width;
    const end = to * width;
    let at = row * width;
    while (at < end && words[at] === stored[at + shift]) at++;
    return Math.floor(at / width) - row;
  }
  /** How many of the rows `row .. to` of the batch ascend; 0 when order says nothing. */
  ascending(row: number, to: number): number {
    if (this.#words === undefined || this.#width === 1) return 0;
    const numbers = this.#numbers;
    let end = row + 1;
    while (end < to && numbers[end] > numbers[end - 1]) end++;
    return end - row;
  }
  /** Whether row `row` of the batch is more than row `place` of the result. */
  isAbove(row: number, place: number): boolean {
    return this.#numbers[row] > this.#storedNumbers[place];
  }
  /** The first of the rows `from .. to` of the result, which ascend, that is not less than a row. */
  firstFrom(row: number, from: number, to: number): number {
    const cell = this.#numbers[row];
    const stored = this.#storedNumbers;
    let [low, high] = [from, to];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (stored[middle] < cell) low = middle + 1;
      else high = middle;
    }
    return low;
  }
  /** The rows `from .. to` of the batch are the rows of the result from `place` on. */
  store(from: number, to: number, place: number): void {
    const width = this.#width;
    this.#reserve(place + to - from);
    if (this.#words !== undefined) {
      this.#stored.set(this.#words.subarray(from * width, to * width), place * width);
      if (this.#valid !== undefined) this.#mark(undefined, { from, to }, place);
      return;
    }
    const numbers = this.#numbers.subarray(from, to);
    (this.#storedNumbers as Float64Array).set(numbers as Float64Array, place);
    this.#mark(this.#column?.valid, { from, to }, place);
  }
  /** Numbers of the cells `from .. to` of the batch. */
  codes(from: number, to: number): Uint32Array {
    const words = this.#words;
    if (this.#width === 1 && words !== undefined) return words.subarray(from, to);
    return this.#codesOf(slice(this.#column as FlatColumn, from, to), to - from);
  }
  /** Numbers of the cells of the rows `from .. to` of the result. */
  storedCodes(from: number, to: number): Uint32Array {
    if (this.#width === 1) return this.#stored.subarray(from, to);
    return this.#codesOf(slice(this.column(to), from, to), to - from);
  }
  /** The first `rows` rows of the result. */
  column(rows: number): FlatColumn {
    const { kind } = this;
    if (this.#width === 1) return this.#cells.column(kind, this.#stored.subarray(0, rows));
    const data = this.#storedNumbers.subarray(0, rows);
    return { kind, form: "flat", data, valid: this.#valid } as FlatColumn;
  }

  #codesOf(column: FlatColumn, rows: number): Uint32Array {
    const codes = new Uint32Array(rows);
    this.#cells.codesOf(column, codes);
    return codes;
  }
  #reserve(rows: number): void {
    if (rows * this.#width <= this.#stored.length) return;
    const larger = new Uint32Array(Math.max(rows * this.#width, this.#stored.length * 2));
    larger.set(this.#stored);
    this.#stored = larger;
    this.#storedNumbers = numbersOf(this.kind, larger);
  }
  #mark(
    valid: Uint8Array | undefined,
    { from, to }: { readonly from: number; readonly to: number },
    place: number,
  ): void {
    const bytes = (this.#storedNumbers.length + 7) >> 3;
    const before = this.#valid;
    if (before === undefined || before.length < bytes) {
      this.#valid = new Uint8Array(bytes).fill(before === undefined ? 255 : 0);
      this.#valid.set(before ?? []);
    }
    const bits = this.#valid as Uint8Array;
    for (let row = from; row < to; row++) {
      const at = place + row - from;
      if (isValid(valid, row)) bits[at >> 3] |= 1 << (at & 7);
      else bits[at >> 3] &= ~(1 << (at & 7));
    }
  }
}

function numbersOf(kind: ColumnKind, words: Uint32Array<ArrayBuffer>): Numbers {
  const { buffer } = words;
  const length = words.length >> 1;
  if (kind === "float") return new Float64Array(buffer, 0, length);
  return kind === "uint"
    ? new BigUint64Array(buffer, 0, length)
    : new BigInt64Array(buffer, 0, length);
}

import {
  type Cells,
  cellsOf,
  Dictionary,
  type FlatColumn,
  isValid,
  materialized,
  type Validity,
} from "@tocsin/data/column";
import type { ColumnKind } from "@tocsin/data/value";

const manyRows = 250_000;

/** A growing column that is written in any order. Rows that are never written are null. */
export class ScatterColumn {
  readonly kind: ColumnKind;
  #data: Cells;
  #valid = new Uint8Array(8);
  readonly #dictionary = new Dictionary();
  #foreign: Dictionary | undefined;
  #remap = new Int32Array(0);

  constructor(kind: ColumnKind) {
    this.kind = kind;
    this.#data = cellsOf(kind, 64);
  }
  /**
   * Writes the rows `from .. to` of a column of the same kind to the places `places[from .. to]`, all less than
   * `rows`.
   */
  write(
    column: FlatColumn,
    { from, to }: { from: number; to: number },
    places: Uint32Array,
    rows: number,
  ): void {
    this.#grow(rows);
    const real = materialized(column);
    if (real.form === "flat") this.#writeNumbers(real.data, { from, to }, places);
    else if (real.form === "coded") this.#writeCodes(real, { from, to }, places);
    else {
      const codes = this.#data as Uint32Array;
      for (let row = from; row < to; row++) {
        const { bytes, offsets } = real;
        codes[places[row]] = this.#dictionary.codeOfBytes(bytes, offsets[row], offsets[row + 1]);
      }
    }
    this.#mark(real.valid, { from, to }, places);
  }
  /** As `write`, to the places from `place` on. */
  writeAt(
    column: FlatColumn,
    { from, to }: { from: number; to: number },
    place: number,
    rows: number,
  ): void {
    const real = materialized(column);
    if (real.form !== "flat" || real.valid !== undefined) {
      const places = new Uint32Array(to);
      for (let row = from; row < to; row++) places[row] = place + row - from;
      return this.write(real, { from, to }, places, rows);
    }
    this.#grow(rows);
    (this.#data as Float64Array).set(real.data.subarray(from, to) as Float64Array, place);
    setBits(this.#valid, place, place + to - from);
  }
  finish(rows: number): FlatColumn {
    this.#grow(rows);
    const bits = this.#valid.subarray(0, (rows + 7) >> 3);
    const valid = allSet(bits, rows) ? undefined : bits;
    const { kind } = this;
    if (kind === "string") {
      const codes = this.#data.subarray(0, rows) as Uint32Array;
      return { kind, form: "coded", codes, dictionary: this.#dictionary, valid };
    }
    return { kind, form: "flat", data: this.#data.subarray(0, rows), valid } as FlatColumn;
  }

  #writeNumbers(
    data: Cells,
    { from, to }: { from: number; to: number },
    places: Uint32Array,
  ): void {
    if (data instanceof Float64Array) {
      const target = this.#data as Float64Array;
      for (let row = from; row < to; row++) target[places[row]] = data[row];
    } else if (data instanceof BigInt64Array) {
      const target = this.#data as BigInt64Array;
      for (let row = from; row < to; row++) target[places[row]] = data[row];
    } else if (data instanceof BigUint64Array) {
      const target = this.#data as BigUint64Array;
      for (let row = from; row < to; row++) target[places[row]] = data[row];
    } else {
      const target = this.#data as Uint8Array;
      for (let row = from; row < to; row++) target[places[row]] = data[row];
    }
  }
  #writeCodes(
    { codes, dictionary, valid }: Extract<FlatColumn, { form: "coded" }>,
    { from, to }: { from: number; to: number },
    places: Uint32Array,
  ): void {
    if (this.#foreign !== dictionary || this.#remap.length < dictionary.size) {
      this.#remap = new Int32Array(dictionary.size).fill(-1);
      this.#foreign = dictionary;
    }
    const target = this.#data as Uint32Array;
    for (let row = from; row < to; row++) {
      if (!isValid(valid, row)) continue;
      let code = this.#remap[codes[row]];
      if (code === -1) {
        const bytes = dictionary.bytes(codes[row]);
        code = this.#remap[codes[row]] = this.#dictionary.codeOfBytes(bytes, 0, bytes.length);
      }
      target[places[row]] = code;
    }
  }
  #mark(valid: Validity, { from, to }: { from: number; to: number }, places: Uint32Array): void {
    const bits = this.#valid;
    for (let row = from; row < to; row++) {
      const place = places[row];
      if (isValid(valid, row)) bits[place >> 3] |= 1 << (place & 7);
      else bits[place >> 3] &= ~(1 << (place & 7));
    }
  }
  #grow(rows: number): void {
    if (rows <= this.#data.length) return;
    // Memory costs little until it is written to; copying costs more.
    const factor = this.#data.length < manyRows ? 4 : 2;
    const data = cellsOf(this.kind, Math.max(rows, this.#data.length * factor));
    (data as Float64Array).set(this.#data as Float64Array);
    this.#data = data;
    const valid = new Uint8Array((data.length + 7) >> 3);
    valid.set(this.#valid);
    this.#valid = valid;
  }
}

function setBits(bits: Uint8Array, from: number, to: number): void {
  const whole = Math.min(to, (from + 7) & ~7);
  for (let at = from; at < whole; at++) bits[at >> 3] |= 1 << (at & 7);
  bits.fill(255, whole >> 3, Math.max(whole, to & ~7) >> 3);
  for (let at = Math.max(whole, to & ~7); at < to; at++) bits[at >> 3] |= 1 << (at & 7);
}

/** Whether the first `count` bits are all 1. */
export function allSet(bits: Uint8Array, count: number): boolean {
  const whole = count >> 3;
  for (let i = 0; i < whole; i++) if (bits[i] !== 255) return false;
  const rest = (1 << (count & 7)) - 1;
  return (bits[whole] & rest) === rest;
}

import {
  type BoolColumn,
  compareCells,
  Dictionary,
  type FlatColumn,
  type FloatColumn,
  type IntColumn,
  isValid,
  kindOrder,
  materialized,
  type UintColumn,
  type Validity,
} from "@tocsin/data/column";
import type { ColumnKind, Raw } from "@tocsin/data/value";
import type { Steps } from "@tocsin/platform/host";
import { numberWords, wordRanks } from "./number-order.ts";
import { textRanks } from "./text-order.ts";
import { translate } from "./translate.ts";

/**
 * Numbers the distinct cells of one label from 0, over all batches, so that they can be compared as numbers. Cells of
 * different kinds are different; nulls of one kind are the same.
 */
export class CellIndex {
  /** The kind of each number's cell, and its place among the cells of that kind; -1 for null. */
  readonly #kinds: ColumnKind[] = [];
  readonly #places: number[] = [];
  readonly #nulls = new Map<ColumnKind, number>();
  readonly #words = new Map<ColumnKind, WordIndex>();
  readonly #text = new Dictionary();
  readonly #ofText: number[] = [];
  #dictionary: Dictionary | undefined;
  #remap = new Int32Array(0);

  get size(): number {
    return this.#kinds.length;
  }
  kind(code: number): ColumnKind {
    return this.#kinds[code];
  }
  cell(code: number): Raw {
    const kind = this.#kinds[code];
    const place = this.#places[code];
    if (place < 0) return null;
    return kind === "string" ? this.#text.text(place) : this.#store(kind).cell(kind, place);
  }
  /** The numbers of all cells of `column`, written to `codes`. */
  codesOf(column: FlatColumn, codes: Uint32Array): void {
    const real = materialized(column);
    switch (real.form) {
      case "coded":
        return this.#coded(real, codes);
      case "plain":
        return this.#plain(real, codes);
      case "flat":
        return real.kind === "bool" ? this.#bools(real, codes) : this.#numbers(real, codes);
    }
  }
  /** The rank of each number's cell in the order of cells. */
  *ranks(): Steps<Uint32Array> {
    const ranks = new Uint32Array(this.size);
    let before = 0;
    for (const kind of kindOrder) {
      const codes = new Uint32Array(this.#kinds.length);
      let count = 0;
      for (let code = 0; code < codes.length; code++)
        if (this.#kinds[code] === kind) codes[count++] = code;
      if (count > 0) yield* this.#rank(kind, codes.subarray(0, count), { ranks, before });
      before += count;
    }
    return ranks;
  }
  compare(a: number, b: number): number {
    if (a === b) return 0;
    return this.#compareKinds(a, b) || compareCells(this.cell(a), this.cell(b));
  }
  /** A column of the cells with these numbers, which are all of kind `kind`. */
  column(kind: ColumnKind, codes: Uint32Array): FlatColumn {
    const places = codes.map((code) => Math.max(0, this.#places[code]));
    const valid = this.#validity(codes);
    if (kind === "string")
      return { kind, form: "coded", codes: places, dictionary: this.#text, valid };
    return this.#store(kind).column(kind, places, valid);
  }

  /** Ranks of all numbers of one kind, counted from `before`. */
  *#rank(
    kind: ColumnKind,
    codes: Uint32Array,
    { ranks, before }: { readonly ranks: Uint32Array; readonly before: number },
  ): Steps {
    const places = new Uint32Array(codes.length);
    let count = 0;
    for (const code of codes) if (this.#places[code] >= 0) places[count++] = this.#places[code];
    const some = places.subarray(0, count);
    const order =
      kind === "string"
        ? yield* textRanks(this.#text.plain, some)
        : yield* this.#store(kind).ranks(kind, some);
    // Null is less than any value; there is one number for it.
    const nulls = codes.length - count;
    let at = 0;
    for (const code of codes)
      ranks[code] = before + (this.#places[code] < 0 ? 0 : nulls + order[at++]);
  }
  #validity(codes: Uint32Array): Validity {
    if (codes.every((code) => this.#places[code] >= 0)) return undefined;
    const valid = new Uint8Array((codes.length + 7) >> 3);
    codes.forEach((code, row) => {
      if (this.#places[code] >= 0) valid[row >> 3] |= 1 << (row & 7);
    });
    return valid;
  }
  #compareKinds(a: number, b: number): number {
    return kindOrder.indexOf(this.#kinds[a]) - kindOrder.indexOf(this.#kinds[b]);
  }
  #plain(column: Extract<FlatColumn, { form: "plain" }>, codes: Uint32Array): void {
    const { bytes, offsets, valid } = column;
    for (let row = 0; row + 1 < offsets.length; row++) {
      codes[row] = isValid(valid, row)
        ? this.#textCode(bytes, offsets[row], offsets[row + 1])
        : this.#null("string");
    }
  }
  #bools({ data, valid }: BoolColumn, codes: Uint32Array): void {
    const store = this.#store("bool");
    // The numbers of false, true and null; -1 until they occur.
    const known = new Int32Array(3).fill(-1);
    for (let row = 0; row < data.length; row++) {
      if (valid === undefined) row = translate({ numbers: data, into: codes }, known, row);
      if (row === data.length) return;
      const cell = valid === undefined || isValid(valid, row) ? data[row] : 2;
      if (known[cell] < 0)
        known[cell] = cell === 2 ? this.#null("bool") : this.#word("bool", store, cell, 0);
      codes[row] = known[cell];
    }
  }
  #numbers(column: FloatColumn | IntColumn | UintColumn, codes: Uint32Array): void {
    const { data, kind, valid } = column;
    const store = this.#store(kind);
    // Byte order is little-endian on every machine that runs Tocsin.
    const words = new Uint32Array(data.buffer, data.byteOffset, data.length * 2);
    // Series have their times in the same order: the next cell is often the next number.
    let next = 0;
    for (let row = 0; row < data.length; row++) {
      if (valid !== undefined && !isValid(valid, row)) {
        codes[row] = this.#null(kind);
        continue;
      }
      let low = words[2 * row];
      let high = words[2 * row + 1];
      if (kind === "float") {
        if (low === 0 && high === 0x80000000) high = 0;
        else if (Number.isNaN(data[row])) [low, high] = [0, 0x7ff80000];
      }
      if (this.#kinds[next] !== kind || !store.is(this.#places[next], low, high))
        next = this.#word(kind, store, low, high);
      codes[row] = next++;
    }
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
    const all = { numbers: column.codes, into: codes };
    for (let row = 0; row < rows; row++) {
      if (valid === undefined) {
        row = translate(all, remap, row);
        if (row === rows) return;
      } else if (!isValid(valid, row)) {
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
    const place = this.#text.codeOfBytes(bytes, from, to);
    if (place === this.#ofText.length) this.#ofText.push(this.#add("string", place));
    return this.#ofText[place];
  }
  #word(kind: ColumnKind, store: WordIndex, low: number, high: number): number {
    const before = store.size;
    const place = store.placeOf(low, high);
    if (place === before) store.numbers.push(this.#add(kind, place));
    return store.numbers[place];
  }
  #store(kind: ColumnKind): WordIndex {
    let store = this.#words.get(kind);
    if (store === undefined) this.#words.set(kind, (store = new WordIndex()));
    return store;
  }
  #null(kind: ColumnKind): number {
    let code = this.#nulls.get(kind);
    if (code === undefined) this.#nulls.set(kind, (code = this.#add(kind, -1)));
    return code;
  }
  #add(kind: ColumnKind, place: number): number {
    this.#kinds.push(kind);
    return this.#places.push(place) - 1;
  }
}

/** Distinct 64-bit words, each in two halves, with open addressing. */
class WordIndex {
  #low = new Uint32Array(16);
  #high = new Uint32Array(16);
  #slots = new Int32Array(32).fill(-1);
  size = 0;
  /** The number that the owner gave to each word. */
  readonly numbers: number[] = [];

  low(place: number): number {
    return this.#low[place];
  }
  high(place: number): number {
    return this.#high[place];
  }
  is(place: number, low: number, high: number): boolean {
    return this.#low[place] === low && this.#high[place] === high;
  }
  /** The place of a word, which is added if it is new. */
  placeOf(low: number, high: number): number {
    const mask = this.#slots.length - 1;
    let slot = hashOf(low, high) & mask;
    for (;;) {
      const place = this.#slots[slot];
      if (place === -1) return this.#add(low, high, slot);
      if (this.#low[place] === low && this.#high[place] === high) return place;
      slot = (slot + 1) & mask;
    }
  }
  cell(kind: ColumnKind, place: number): Raw {
    if (kind === "bool") return this.#low[place] === 1;
    halves[0] = this.#low[place];
    halves[1] = this.#high[place];
    if (kind === "float") return asFloat[0];
    return kind === "uint" ? asUint[0] : asInt[0];
  }
  /** The places of some words in the order of their cells. */
  ranks(kind: Exclude<ColumnKind, "string">, places: Uint32Array): Steps<Uint32Array> {
    const column = this.column(kind, places, undefined);
    return wordRanks(numberWords(column as Parameters<typeof numberWords>[0]));
  }
  column(kind: Exclude<ColumnKind, "string">, places: Uint32Array, valid: Validity): FlatColumn {
    if (kind === "bool") {
      const data = Uint8Array.from(places, (place) => this.#low[place]);
      return { kind, form: "flat", data, valid };
    }
    const words = new Uint32Array(places.length * 2);
    for (let row = 0; row < places.length; row++) {
      words[2 * row] = this.#low[places[row]];
      words[2 * row + 1] = this.#high[places[row]];
    }
    switch (kind) {
      case "float":
        return { kind, form: "flat", data: new Float64Array(words.buffer), valid };
      case "uint":
        return { kind, form: "flat", data: new BigUint64Array(words.buffer), valid };
      default:
        return { kind, form: "flat", data: new BigInt64Array(words.buffer), valid };
    }
  }

  #add(low: number, high: number, slot: number): number {
    const place = this.size++;
    if (place >= this.#low.length) {
      this.#low = doubled(this.#low);
      this.#high = doubled(this.#high);
    }
    this.#low[place] = low;
    this.#high[place] = high;
    this.#slots[slot] = place;
    if (this.size * 2 > this.#slots.length) this.#rehash();
    return place;
  }
  #rehash(): void {
    const slots = new Int32Array(this.#slots.length * 2).fill(-1);
    const mask = slots.length - 1;
    for (let place = 0; place < this.size; place++) {
      let slot = hashOf(this.#low[place], this.#high[place]) & mask;
      while (slots[slot] !== -1) slot = (slot + 1) & mask;
      slots[slot] = place;
    }
    this.#slots = slots;
  }
}

const halves = new Uint32Array(2);
const asFloat = new Float64Array(halves.buffer);
const asInt = new BigInt64Array(halves.buffer);
const asUint = new BigUint64Array(halves.buffer);

function hashOf(low: number, high: number): number {
  const mixed = Math.imul(low ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b);
  return mixed ^ (mixed >>> 13) ^ (mixed >>> 22);
}

function doubled(words: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(words.length * 2);
  larger.set(words);
  return larger;
}

/** Pairs of smaller numbers are looked up in a list. */
const listedLeft = 4096;
const listedRight = 256;

/**
 * Numbers pairs of numbers, which makes one number of the cells of several columns. A run of equal pairs, as sorted
 * series have them, costs one comparison for each.
 */
export class PairIndex {
  readonly #words = new WordIndex();
  /** For small numbers the pair's number, at `left * listedRight + right`; -1: it has none yet. */
  #listed = new Int32Array(16 * listedRight).fill(-1);

  /** How many pairs there are. */
  get size(): number {
    return this.#words.size;
  }
  left(pair: number): number {
    return this.#words.low(pair);
  }
  right(pair: number): number {
    return this.#words.high(pair);
  }
  /** Replaces `left[i]` by the number of the pair `left[i], right[i]`. */
  number(left: Uint32Array, right: Uint32Array): void {
    const words = this.#words;
    let lastLeft = -1;
    let lastRight = -1;
    let last = -1;
    for (let i = 0; i < left.length; i++) {
      if (left[i] < listedLeft && right[i] < listedRight) {
        const at = left[i] * listedRight + right[i];
        last = at < this.#listed.length ? this.#listed[at] : -1;
        if (last < 0) last = this.#list(left[i], right[i]);
        left[i] = last;
        lastLeft = -1;
        continue;
      }
      if (left[i] !== lastLeft || right[i] !== lastRight) {
        lastLeft = left[i];
        lastRight = right[i];
        // Series often have the same pairs in the same order: then the next pair has the next number.
        const next = last + 1;
        const follows = next < words.size && words.is(next, lastLeft, lastRight);
        last = follows ? next : words.placeOf(lastLeft, lastRight);
      }
      left[i] = last;
    }
  }
  #list(left: number, right: number): number {
    const at = left * listedRight + right;
    if (at >= this.#listed.length) {
      const larger = new Int32Array(2 ** Math.ceil(Math.log2(at + 1))).fill(-1);
      larger.set(this.#listed);
      this.#listed = larger;
    }
    return (this.#listed[at] = this.#words.placeOf(left, right));
  }
}

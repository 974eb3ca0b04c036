import { wasmInstance, type WasmInstance } from "@tocsin/platform/host";
import { lineKernelModule } from "./line-kernel-code.ts";
import { inputBytes, kindNumbers, knownKey, knownSeries, place } from "./line-kernel-plan.ts";
import { byte } from "./line-point.ts";
import { withCleanTexts } from "./line-texts.ts";
import type { LineBlock, ParsedLine } from "./parsed-line.ts";
import { writePowers } from "./powers-of-ten.ts";

const pageBytes = 65_536;
const firstSlots = 1024;
/** Longer series and keys are left to others, and so are series once so much is known. */
const seriesBytesMax = 1024;
const keyBytesMax = 255;
/** Keys of a series; more are left to others. */
const keysMax = 64;
const heapBytesMax = 64 * 1024 * 1024;
const newline = 0x0a;

/** What timestamps mean, in nanoseconds. */
interface Timing {
  /** Of lines without a timestamp. */
  readonly now: bigint;
  /** What a timestamp counts, and the last time that there can be. */
  readonly unit: bigint;
  readonly latest: bigint;
}

/** Where a series is known, and its keys. */
interface KnownSeries {
  readonly at: number;
  keys: number;
  lastKey: number;
}

/** A line that the kernel did not read, and the bytes that it was read from. */
interface Lesson {
  readonly line: ParsedLine;
  readonly bytes: Uint8Array;
  readonly seriesFrom: number;
  readonly seriesTo: number;
}

/**
 * Reads lines whose series and keys are known with machine code. It decides nothing: a line that is new
 * to it, or unusual in any way, is where it stops; who reads that line by other means tells it what it
 * `learn`s from it.
 */
export class LineKernel {
  readonly #instance: WasmInstance;
  #bytes: Uint8Array<ArrayBuffer>;
  #words: Int32Array;
  #heap: number = place.heap;
  #table = { at: 0, slots: 0 };
  #known = 0;
  /** By the codes of series. */
  readonly #series: (KnownSeries | undefined)[] = [];

  private constructor(instance: WasmInstance, { now, unit, latest }: Timing) {
    this.#instance = instance;
    const { buffer } = instance.memory;
    this.#bytes = new Uint8Array(buffer);
    this.#words = new Int32Array(buffer);
    writePowers(buffer, place.powers, place.halves);
    const set = (at: number, value: bigint): void =>
      void new BigInt64Array(buffer, at, 1).fill(value);
    set(place.now, now);
    set(place.unit, unit);
    set(place.latest, latest / unit);
    this.#words[place.line / 4] = 1;
    this.#enlargeTable(firstSlots);
  }
  /** Undefined where the platform has no machine code. */
  static of(timing: Timing): LineKernel | undefined {
    const instance = wasmInstance(
      lineKernelModule(Math.ceil((place.heap + firstSlots * 8) / pageBytes)),
    );
    return instance === undefined ? undefined : new LineKernel(instance, timing);
  }
  /** Takes bytes to be read, at most `inputBytes`. */
  load(bytes: Uint8Array): void {
    this.#bytes.set(bytes, place.input);
    this.#bytes[place.input + bytes.length] = newline;
  }
  /** Reads lines of the loaded bytes `from .. to`; gives how many. */
  run(from: number, to: number): number {
    return this.#instance.run(place.input + from, place.input + to);
  }
  /** Where the line begins that was not read. */
  get stop(): number {
    return this.#words[place.stop / 4] - place.input;
  }
  /** The lines that `run` read. */
  block(of: Pick<LineBlock, "lines" | "number" | "columns">): LineBlock {
    const { buffer } = this.#bytes;
    const rows = this.#words[place.rows / 4];
    const block = {
      ...of,
      rows,
      codes: new Int32Array(buffer, place.codes, rows),
      lineOf: new Int32Array(buffer, place.lines, rows),
      times: new BigInt64Array(buffer, place.times, rows),
      values: new BigInt64Array(buffer, place.values, rows),
      texts: new Uint8Array(buffer, place.texts, inputBytes),
    };
    return this.#words[place.textBits / 4] < 0x80 ? block : withCleanTexts(block);
  }
  /** Learns the series and keys of the line that was not read, so that its like will be; false: it knew them. */
  learn(lesson: Lesson): boolean {
    const { line } = lesson;
    let series = this.#series[line.seriesCode];
    if (series === undefined && !this.#isPlain(lesson)) return false;
    let learned = false;
    for (let i = 0; i < line.count; i++) {
      const known = series === undefined ? undefined : this.#keyOf(series, line.keyCodes[i]);
      if (known === undefined && series?.keys === keysMax) continue;
      const key = known ?? this.#addKey(lesson, i);
      if (key === undefined) continue;
      if (known === undefined || this.#words[(key + knownKey.code) / 4] !== line.codes[i])
        learned = true;
      this.#words[(key + knownKey.kind) / 4] = kindNumbers[line.kinds[i]];
      this.#words[(key + knownKey.code) / 4] = line.codes[i];
      if (known !== undefined) continue;
      series ??= this.#addSeries(lesson, key);
      this.#link(series, key);
    }
    return learned;
  }

  /** Whether the series is the one that was looked for, and holds nothing that makes lines end elsewhere. */
  #isPlain({ bytes, seriesFrom, seriesTo }: Lesson): boolean {
    const length = seriesTo - seriesFrom;
    const sought = this.#words[place.seriesEnd / 4] - this.#words[place.stop / 4];
    if (length !== sought || length > seriesBytesMax || this.#heap > heapBytesMax) return false;
    for (let i = seriesFrom; i < seriesTo; i++) {
      if (bytes[i] === byte.quote) return false;
      if (bytes[i] === byte.backslash && bytes[i + 1] === byte.backslash) return false;
    }
    return true;
  }
  #addSeries({ line, bytes, seriesFrom, seriesTo }: Lesson, firstKey: number): KnownSeries {
    const at = this.#put(bytes.subarray(seriesFrom, seriesTo), knownSeries.bytes);
    const words = this.#words;
    words[(at + knownSeries.length) / 4] = seriesTo - seriesFrom;
    words[(at + knownSeries.firstKey) / 4] = firstKey;
    this.#known += 1;
    if (this.#known * 2 > this.#table.slots) this.#enlargeTable(this.#table.slots * 2);
    this.#enter(this.#words[place.hash / 4], at);
    return (this.#series[line.seriesCode] = { at, keys: 0, lastKey: firstKey });
  }
  /** The address of a key, which is not linked yet; undefined when it is left to others. */
  #addKey({ line, bytes }: Lesson, field: number): number | undefined {
    const [from, to] = [line.keyFrom[field], line.keyTo[field]];
    // What begins with a tab may stand elsewhere, but not first.
    const long = to - from > keyBytesMax || this.#heap > heapBytesMax;
    if (long || bytes[from] <= byte.space) return undefined;
    const at = this.#put(bytes.subarray(from, to + 1), knownKey.bytes);
    this.#words[(at + knownKey.length) / 4] = to + 1 - from;
    this.#words[(at + knownKey.keyCode) / 4] = line.keyCodes[field];
    return at;
  }
  #link(series: KnownSeries, key: number): void {
    const words = this.#words;
    words[(key + knownKey.next) / 4] = words[(series.at + knownSeries.firstKey) / 4];
    words[(series.lastKey + knownKey.next) / 4] = key;
    series.lastKey = key;
    series.keys += 1;
  }
  #keyOf(series: KnownSeries, keyCode: number): number | undefined {
    let key = series.lastKey;
    for (let i = 0; i < series.keys; i++) {
      key = this.#words[(key + knownKey.next) / 4];
      if (this.#words[(key + knownKey.keyCode) / 4] === keyCode) return key;
    }
    return undefined;
  }
  /** Puts bytes on the heap, behind `head` bytes for what is known of them; zeros follow. */
  #put(bytes: Uint8Array, head: number): number {
    const at = this.#allot(head + bytes.length + 8);
    this.#bytes.set(bytes, at + head);
    return at;
  }
  #allot(size: number): number {
    const at = this.#heap;
    this.#heap += Math.ceil(size / 8) * 8;
    const { memory } = this.#instance;
    const missing = this.#heap - memory.buffer.byteLength;
    if (missing > 0) {
      memory.grow(Math.ceil((missing + this.#heap / 2) / pageBytes));
      this.#bytes = new Uint8Array(memory.buffer);
      this.#words = new Int32Array(memory.buffer);
    }
    return at;
  }
  #enter(hash: number, series: number): void {
    const { at, slots } = this.#table;
    const words = this.#words;
    let slot = hash & (slots - 1);
    while (words[(at + slot * 8) / 4 + 1] !== 0) slot = (slot + 1) & (slots - 1);
    words[(at + slot * 8) / 4] = hash;
    words[(at + slot * 8) / 4 + 1] = series;
  }
  #enlargeTable(slots: number): void {
    const before = this.#table;
    this.#table = { at: this.#allot(slots * 8), slots };
    this.#words[place.table / 4] = this.#table.at;
    this.#words[place.mask / 4] = slots - 1;
    for (let slot = 0; slot < before.slots; slot++) {
      const at = (before.at + slot * 8) / 4;
      if (this.#words[at + 1] !== 0) this.#enter(this.#words[at], this.#words[at + 1]);
    }
  }
}

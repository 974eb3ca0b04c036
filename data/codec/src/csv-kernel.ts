import { wasmInstance, type WasmInstance } from "@tocsin/platform/host";
import type { KernelMemory } from "./csv-kernel-memory.ts";
import { kernelModule } from "./csv-kernel-code.ts";
import {
  type ColumnPlace,
  type KernelLayout,
  kernelLayout,
  type KernelStretch,
  isText,
  knownBytes,
  knownLength,
  knownTexts,
  longBytes,
  longEntries,
  longTextsBytes,
  runBytesMax,
  type RunPlace,
  slotBytes,
  slotCount,
  slotsBeside,
} from "./csv-kernel-plan.ts";
import { writePowers } from "./powers-of-ten.ts";

const newline = 0x0a;
/** Of so many columns the code would be long. */
const stretchesMax = 128;
/** What a known text begins with: its length, and whether its bytes need rework. */
const knownMark = (length: number, reworked: boolean): number => length + (reworked ? 256 : 0);

/**
 * Reads lines of one kind of rows with machine code that is made for them. The rows lie in its memory,
 * and so does what it makes of them: values of each column, and lists of what it left to others. It leaves out nothing: a line that it cannot take apart is where it stops.
 */
export class CsvKernel {
  readonly layout: KernelLayout;
  readonly memory: KernelMemory;
  readonly #instance: WasmInstance;
  /** Words that count what a call lists. */
  readonly #counts: Int32Array;
  readonly #columns: readonly ColumnPlace[];

  #user: object | undefined;

  private constructor(layout: KernelLayout, memory: KernelMemory, instance: WasmInstance) {
    this.layout = layout;
    this.memory = memory;
    this.#instance = instance;
    this.#counts = Int32Array.from(layout.places, (place) =>
      place.run === undefined ? place.at.odd / 4 : place.run.changed / 4,
    );
    this.#columns = layout.places.flatMap((place) => (place.run === undefined ? [place.at] : []));
  }
  /** Undefined where it would be too long, or the platform makes no machine code. */
  static of(stretches: readonly KernelStretch[], memory: KernelMemory): CsvKernel | undefined {
    if (stretches.length > stretchesMax) return undefined;
    const layout = kernelLayout(stretches, memory.rowsAt);
    const instance = wasmInstance(kernelModule(layout), memory.wasm);
    if (instance === undefined) return undefined;
    memory.claim(layout.size);
    return new CsvKernel(layout, memory, instance);
  }
  /** All of its memory, as bytes and as words. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.memory.bytes;
  }
  get words(): Int32Array {
    return this.memory.words;
  }
  /**
   * Before it reads for somebody. Of another user the codes of texts that are known are those of another
   * dictionary. Rows are no longer in its part of the memory.
   */
  serve(user: object): void {
    if (this.#user === user) return;
    if (this.#user === undefined) this.#begin();
    this.#user = user;
    for (const place of this.#columns)
      if (isText(place.column)) {
        this.#forgetKnown(place);
        this.#forgetLong(place);
      }
  }
  #begin(): void {
    const { layout } = this;
    const { buffer } = this.memory.bytes;
    writePowers(buffer, layout.powers, layout.halves);
    const units = new BigInt64Array(buffer, layout.fractions, 10);
    for (let i = 1; i < 10; i++) units[i] = 10n ** BigInt(9 - i);
    const days = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    this.bytes.set(days, layout.months);
    this.bytes.fill(255, layout.ones, layout.ones + knownLength);
    this.bytes.fill(0, layout.ones + knownLength, layout.ones + 2 * knownLength);
    for (const place of this.#columns) this.#forgetLack(place);
  }
  /** Reads up to `lines` (at most those of its layout) of the rows `from .. to`; gives how many it read. */
  run(from: number, to: number, lines: number): number {
    const { words } = this;
    for (const count of this.#counts) words[count] = 0;
    for (const place of this.#columns) if (words[place.lacking / 4] !== 0) this.#forgetLack(place);
    words[this.layout.broken / 4] = 0;
    return this.#instance.run(from, to, lines);
  }
  /** A bit of each line, 0 where a column has no value there; undefined: all lines have one. */
  presentIn({ present, lacking }: ColumnPlace): Uint8Array | undefined {
    if (this.words[lacking / 4] === 0) return undefined;
    return this.bytes.subarray(present, present + this.layout.lines / 8);
  }
  /** How many lines of the file the first `count` rows have: line breaks may stand in cells. */
  linesOf(count: number): number {
    return count + this.words[this.layout.brokenBy / 4 + count - 1];
  }
  /** The byte behind a line that was read. */
  endOf(line: number): number {
    return this.words[this.layout.ends / 4 + line];
  }
  /** What a run is compared with from the next line on; undefined: it is looked at by the cell. */
  expect(run: RunPlace, bytes: Uint8Array | undefined): void {
    const known = bytes !== undefined && bytes.length <= runBytesMax;
    if (known) this.bytes.set(bytes, run.bytes);
    this.words[run.length / 4] = known ? bytes.length : -1;
    this.words[run.breaks / 4] = known ? bytes.filter((byte) => byte === newline).length : 0;
  }
  /** Texts are copied from now on, the first one to where `base` texts end; undefined: coded. */
  copyTexts({ copies, base }: ColumnPlace, from: number | undefined): void {
    const { words } = this;
    words[copies / 4] = from === undefined ? 0 : 1;
    words[base / 4] = from ?? 0;
  }
  /** The code that an empty cell has from now on. */
  codeEmpty({ empty }: ColumnPlace, code: number): void {
    this.words[empty / 4] = code;
  }
  /** The code of a text that was the odd cell at the word `odd`: it will not be so again. */
  learn(place: ColumnPlace, odd: number, code: number): void {
    const { bytes, words } = this;
    const from = words[odd + 1];
    const reworked = words[odd + 2] < 0;
    const to = reworked ? -words[odd + 2] - 1 : words[odd + 2];
    const slot = words[odd + 3];
    if (to - from > knownLength) return this.#learnLong(place, odd, code, { from, to, reworked });
    // It was odd several times in a call.
    if (this.#isKnown(place, slot, code)) return;
    // No room: those that still occur are soon learnt again.
    if (words[place.knownUsed / 4] + 1 === knownTexts) this.#forgetKnown(place);
    const number = (words[place.knownUsed / 4] += 1);
    const entry = place.known + number * knownBytes;
    words[entry / 4] = knownMark(to - from, reworked);
    words[entry / 4 + 1] = code;
    bytes.copyWithin(entry + 8, from, to);
    bytes.fill(0, entry + 8 + to - from, entry + knownBytes);
    this.#putInto(place.slots, slot, number);
  }
  #isKnown({ slots, known }: ColumnPlace, slot: number, code: number): boolean {
    const { bytes, words } = this;
    for (let beside = 0; beside < slotsBeside; beside++) {
      const at = slots + (slot ^ beside) * slotBytes;
      const number = bytes[at] | (bytes[at + 1] << 8);
      if (number > 0 && words[(known + number * knownBytes) / 4 + 1] === code) return true;
    }
    return false;
  }
  /** Some texts may have the same slot: they are put into those beside it. */
  #putInto(slots: number, slot: number, number: number): void {
    const { bytes } = this;
    let beside = 0;
    const at = (): number => slots + (slot ^ beside) * slotBytes;
    while (beside < slotsBeside && (bytes[at()] | bytes[at() + 1]) > 0) beside++;
    if (beside === slotsBeside) beside = number % slotsBeside;
    bytes[at()] = number & 255;
    bytes[at() + 1] = number >> 8;
  }
  #learnLong(
    { long, longUsed, longTexts }: ColumnPlace,
    odd: number,
    code: number,
    { from, to, reworked }: { from: number; to: number; reworked: boolean },
  ): void {
    const { bytes, words } = this;
    const length = to - from;
    if (length > longTextsBytes / 16) return;
    // No room: those that still occur are soon learnt again.
    if (words[longUsed / 4] + length > longTextsBytes) this.#forgetLong({ long, longUsed });
    const at = longTexts + words[longUsed / 4];
    const entry = (words[odd + 3] - 1) / 4;
    words[entry] = 2 * length + (reworked ? 1 : 0);
    words[entry + 1] = code;
    words[entry + 2] = at;
    bytes.copyWithin(at, from, to);
    words[longUsed / 4] += length;
  }
  #forgetKnown({ slots, knownUsed }: ColumnPlace): void {
    this.bytes.fill(0, slots, slots + slotCount * slotBytes);
    this.words[knownUsed / 4] = 0;
  }
  #forgetLack({ present, lacking }: ColumnPlace): void {
    this.bytes.fill(255, present, present + this.layout.lines / 8);
    this.words[lacking / 4] = 0;
  }
  #forgetLong({ long, longUsed }: Pick<ColumnPlace, "long" | "longUsed">): void {
    this.bytes.fill(0, long, long + longEntries * longBytes);
    this.words[longUsed / 4] = 0;
  }
}

import { hashStart, hashStep } from "@tocsin/data/column";
import { wasmInstance, type WasmInstance } from "@tocsin/platform/host";
import { kernelModule } from "./csv-kernel-code.ts";
import {
  type ColumnPlace,
  type KernelLayout,
  kernelLayout,
  type KernelStretch,
  isText,
  knownBytes,
  knownTexts,
  runBytesMax,
  type RunPlace,
} from "./csv-kernel-plan.ts";
import { writePowers } from "./powers-of-ten.ts";

const pageBytes = 65_536;
/** Bytes of rows that there is room for at once: more than come in one piece from a file. */
const rowsBytes = 24 * pageBytes;
/** Of so many columns the code would be long. */
const stretchesMax = 128;

/**
 * Reads lines of one kind of rows with machine code that is made for them. The rows lie in its memory
 * (see `rowsAt`), and so does what it makes of them: values of each column, and lists of what it left
 * to others. It leaves out nothing: a line that it cannot take apart is where it stops.
 */
export class CsvKernel {
  readonly layout: KernelLayout;
  /** All of its memory, as bytes and as words. */
  bytes: Uint8Array<ArrayBuffer>;
  words: Int32Array;
  readonly #instance: WasmInstance;
  /** Words that count what a call lists. */
  readonly #counts: Int32Array;

  private constructor(layout: KernelLayout, instance: WasmInstance) {
    this.layout = layout;
    this.#instance = instance;
    this.#counts = Int32Array.from(layout.places, (place) =>
      place.run === undefined ? place.at.odd / 4 : place.run.changed / 4,
    );
    const { buffer } = instance.memory;
    this.bytes = new Uint8Array(buffer);
    this.words = new Int32Array(buffer);
    writePowers(buffer, layout.powers, layout.halves);
    const units = new BigInt64Array(buffer, layout.fractions, 10);
    for (let i = 1; i < 10; i++) units[i] = 10n ** BigInt(9 - i);
    const days = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    new Uint8Array(buffer, layout.months, days.length).set(days);
  }
  /** Undefined where it would be too long, or the platform makes no machine code. */
  static of(stretches: readonly KernelStretch[]): CsvKernel | undefined {
    if (stretches.length > stretchesMax) return undefined;
    const layout = kernelLayout(stretches);
    const pages = Math.ceil((layout.size + rowsBytes) / pageBytes);
    const instance = wasmInstance(kernelModule(layout, pages));
    return instance === undefined ? undefined : new CsvKernel(layout, instance);
  }
  /** Address of the first byte of rows. */
  get rowsAt(): number {
    return this.layout.size;
  }
  /** The codes of texts that are known are those of another dictionary now. */
  forget(): void {
    for (const place of this.layout.places)
      if (place.run === undefined && isText(place.at.column))
        this.bytes.fill(0, place.at.known, place.at.known + knownTexts * knownBytes);
  }
  /** Makes room for so many bytes of rows. */
  reserve(bytes: number): void {
    const { memory } = this.#instance;
    const missing = this.rowsAt + bytes - memory.buffer.byteLength;
    if (missing <= 0) return;
    memory.grow(Math.ceil(missing / pageBytes));
    this.bytes = new Uint8Array(memory.buffer);
    this.words = new Int32Array(memory.buffer);
  }
  /** Reads up to `lines` (at most those of its layout) of the rows `from .. to`; gives how many it read. */
  run(from: number, to: number, lines: number): number {
    for (const count of this.#counts) this.words[count] = 0;
    this.words[this.layout.broken / 4] = 0;
    return this.#instance.run(from, to, lines);
  }
  /** Whether line breaks stand in cells of what was read last: a row may have more lines than one. */
  get broken(): boolean {
    return this.words[this.layout.broken / 4] !== 0;
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
  }
  /** Texts are copied from now on, the first one to where `base` texts end; undefined: coded. */
  copyTexts({ copies, base }: ColumnPlace, from: number | undefined): void {
    const { words } = this;
    words[copies / 4] = from === undefined ? 0 : 1;
    words[base / 4] = from ?? 0;
  }
  /** The code of a text that was odd: it will not be so again. */
  learn({ known }: ColumnPlace, from: number, to: number, code: number): void {
    const { bytes, words } = this;
    if (to - from > knownBytes - 8) return;
    let hash = hashStart;
    for (let i = from; i < to; i++) hash = hashStep(hash, bytes[i]);
    const at = known + (hash & (knownTexts - 1)) * knownBytes;
    words[at / 4] = to - from;
    words[at / 4 + 1] = code;
    bytes.copyWithin(at + 8, from, to);
  }
}

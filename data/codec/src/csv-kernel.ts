import { wasmInstance, type WasmInstance } from "@tocsin/platform/host";
import type { KernelMemory } from "./csv-kernel-memory.ts";
import { kernelModule } from "./csv-kernel-code.ts";
import {
  type ColumnPlace,
  type KernelLayout,
  kernelLayout,
  type KernelStretch,
  runBytesMax,
  type RunPlace,
} from "./csv-kernel-plan.ts";
import type { KnownTexts } from "./csv-known-texts.ts";

const newline = 0x0a;
/** The code for more stretches would be too long. */
const stretchesMax = 128;

/**
 * Reads rows of one head with machine code made for it. The rows lie in its memory, and so does what it makes of them:
 * the values of each column, and lists of the cells that it leaves to others. It skips nothing: it stops at a row that
 * it cannot take apart.
 */
export class CsvKernel {
  readonly layout: KernelLayout;
  readonly memory: KernelMemory;
  readonly #instance: WasmInstance;
  /** Addresses, in words, of the counts of what a call lists. */
  readonly #counts: Int32Array;
  readonly #columns: readonly ColumnPlace[];

  private constructor(layout: KernelLayout, memory: KernelMemory, instance: WasmInstance) {
    this.layout = layout;
    this.memory = memory;
    this.#instance = instance;
    this.#counts = Int32Array.from(layout.places, (place) =>
      place.run === undefined ? place.at.odd / 4 : place.run.changed / 4,
    );
    this.#columns = layout.places.flatMap((place) => (place.run === undefined ? [place.at] : []));
  }
  /** Undefined: the code would be too long, or the platform has no WebAssembly. */
  static of(stretches: readonly KernelStretch[], memory: KernelMemory): CsvKernel | undefined {
    if (stretches.length > stretchesMax) return undefined;
    const at = memory.turn(kernelLayout(stretches, 0).size);
    const layout = kernelLayout(stretches, at);
    const instance = wasmInstance(kernelModule(layout), memory.wasm);
    if (instance === undefined) return undefined;
    return new CsvKernel(layout, memory, instance);
  }
  /** Its memory as bytes and as words. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.memory.bytes;
  }
  get words(): Int32Array {
    return this.memory.words;
  }
  /** To be called before `run` when another kernel may have run meanwhile. */
  begin(): void {
    if (this.memory.changes(this)) for (const place of this.#columns) this.#forgetLack(place);
  }
  /** Reads up to `lines` of the rows `from .. to`, at most those of its layout; gives how many it has read. */
  run(from: number, to: number, lines: number): number {
    const { words } = this;
    for (const count of this.#counts) words[count] = 0;
    for (const place of this.#columns) if (words[place.lacking / 4] !== 0) this.#forgetLack(place);
    words[this.layout.broken / 4] = 0;
    return this.#instance.run(from, to, lines);
  }
  /** A bit for each line, 0 where the column has no value. Undefined: all lines have one. */
  presentIn({ present, lacking }: ColumnPlace): Uint8Array | undefined {
    if (this.words[lacking / 4] === 0) return undefined;
    return this.bytes.subarray(present, present + this.layout.lines / 8);
  }
  /** How many lines of the file the first `count` rows take: cells may hold line breaks. */
  linesOf(count: number): number {
    return count + this.words[this.layout.brokenBy / 4 + count - 1];
  }
  /** The address behind a line that was read. */
  endOf(line: number): number {
    return this.words[this.layout.ends / 4 + line];
  }
  /** Says what a run is compared with from the next line on. Undefined: the next line differs. */
  expect(run: RunPlace, bytes: Uint8Array | undefined): void {
    const known = bytes !== undefined && bytes.length <= runBytesMax;
    if (known) this.bytes.set(bytes, run.bytes);
    this.words[run.length / 4] = known ? bytes.length : -1;
    this.words[run.breaks / 4] = known ? bytes.filter((byte) => byte === newline).length : 0;
  }
  /** From now on the texts of a column are copied; `from` is where those before them end. */
  copyTexts({ copies, base }: ColumnPlace, from: number): void {
    const { words } = this;
    words[copies / 4] = 1;
    words[base / 4] = from;
  }
  /** From now on the texts of a column get the codes in `known`, and empty cells get `empty`. */
  codeTexts(place: ColumnPlace, known: KnownTexts, empty: number): void {
    const { words } = this;
    words[place.copies / 4] = 0;
    words[place.known / 4] = known.at;
    words[place.empty / 4] = empty;
  }
  #forgetLack({ present, lacking }: ColumnPlace): void {
    this.bytes.fill(255, present, present + this.layout.lines / 8);
    this.words[lacking / 4] = 0;
  }
}

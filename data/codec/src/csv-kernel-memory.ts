import { wasmMemory, type WasmMemory } from "@tocsin/platform/host";
import { kernelConstants, knownTextsBytes } from "./csv-kernel-plan.ts";
import { KnownTexts } from "./csv-known-texts.ts";
import { writePowers } from "./powers-of-ten.ts";

const pageBytes = 65_536;
/** Bytes of rows that there is room for at first: more than a piece of a file has. */
const rowsBytes = 24 * pageBytes;
/** Columns whose texts are known at once, more than a kernel has. Memory that is never touched costs nothing. */
const knownColumnsMax = 256;

/**
 * The memory that the kernels of a stream share: rows, what a call makes of them, and the texts that are known of each
 * column. Only the known texts outlive a call, so that kernels take turns in one place. Rows stay in place when a
 * block of other columns begins.
 */
export class KernelMemory {
  /** All of it, as bytes and as words. */
  bytes: Uint8Array<ArrayBuffer>;
  words: Int32Array;
  /** The addresses between which there is room for rows. */
  rowsAt: number;
  rowsEnd: number;
  /** The kernel that was called last. */
  #user: object | undefined;
  readonly wasm: WasmMemory;
  /** The first address that is not in use. */
  #end: number;
  /** Where kernels take turns. */
  #turns = { at: 0, bytes: 0 };
  /** Known texts by their owner, the most recently used last. */
  readonly #known = new Map<object, KnownTexts>();
  readonly #free: KnownTexts[] = [];

  private constructor(wasm: WasmMemory) {
    this.wasm = wasm;
    this.bytes = new Uint8Array(wasm.buffer);
    this.words = new Int32Array(wasm.buffer);
    this.#writeConstants();
    this.rowsAt = this.rowsEnd = this.#end = kernelConstants.size;
    this.reserve(rowsBytes);
  }
  /** Undefined: the platform has no such memory. */
  static make(): KernelMemory | undefined {
    const wasm = wasmMemory(rowsBytes / pageBytes + 1);
    return wasm === undefined ? undefined : new KernelMemory(wasm);
  }
  /** The address of `bytes` bytes that a kernel may use while it is called. */
  turn(bytes: number): number {
    // With some bytes to spare, as the next kernel may need a little more.
    if (bytes > this.#turns.bytes)
      this.#turns = { at: this.#claim(bytes * 1.5), bytes: bytes * 1.5 };
    return this.#turns.at;
  }
  /** Whether another kernel was called before this one. */
  changes(user: object): boolean {
    const changes = user !== this.#user;
    this.#user = user;
    return changes;
  }
  /** The known texts of a column. */
  knownOf(texts: object): KnownTexts {
    const known = this.#known.get(texts) ?? this.#unused();
    this.#known.delete(texts);
    this.#known.set(texts, known);
    return known;
  }
  /** Forgets the texts of a column. */
  forget(texts: object): void {
    const known = this.#known.get(texts);
    if (known === undefined) return;
    this.#known.delete(texts);
    known.forget();
    this.#free.push(known);
  }
  /** Makes room for `bytes` bytes of rows, perhaps elsewhere: then the rows must be moved there. */
  reserve(bytes: number): void {
    if (bytes <= this.rowsEnd - this.rowsAt) return;
    if (this.rowsEnd !== this.#end) this.rowsAt = this.#end;
    this.#claim(bytes - (this.#end - this.rowsAt));
    this.rowsEnd = this.#end;
  }

  #unused(): KnownTexts {
    for (const [texts] of this.#known) {
      if (this.#free.length > 0 || this.#known.size < knownColumnsMax) break;
      this.forget(texts);
    }
    return this.#free.pop() ?? new KnownTexts(this, this.#claim(knownTextsBytes));
  }
  /** The address of `bytes` bytes that were never used. */
  #claim(bytes: number): number {
    const at = this.#end;
    this.#end += Math.ceil(bytes / 8) * 8;
    const missing = this.#end - this.wasm.buffer.byteLength;
    if (missing > 0) {
      this.wasm.grow(Math.ceil(missing / pageBytes));
      this.bytes = new Uint8Array(this.wasm.buffer);
      this.words = new Int32Array(this.wasm.buffer);
    }
    return at;
  }
  #writeConstants(): void {
    const { powers, halves, fractions, months, ones, onesBytes } = kernelConstants;
    const { buffer } = this.bytes;
    writePowers(buffer, powers, halves);
    const units = new BigInt64Array(buffer, fractions, 10);
    for (let i = 1; i < 10; i++) units[i] = 10n ** BigInt(9 - i);
    this.bytes.set([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], months);
    this.bytes.fill(255, ones, ones + onesBytes);
  }
}

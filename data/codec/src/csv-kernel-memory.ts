import { wasmMemory, type WasmMemory } from "@tocsin/platform/host";

const pageBytes = 65_536;
/** Bytes of rows that there is room for at once: more than come in one piece from a file. */
const rowsBytes = 24 * pageBytes;

/**
 * The memory that the kernels of a stream share: each has a part of its own, and behind these lie the rows.
 * So rows stay where they are when a block of other columns begins.
 */
export class KernelMemory {
  /** All of it, as bytes and as words. */
  bytes: Uint8Array<ArrayBuffer>;
  words: Int32Array;
  /** Address of the first byte of rows. It moves up when a part is claimed. */
  rowsAt = 64;
  readonly wasm: WasmMemory;

  private constructor(wasm: WasmMemory) {
    this.wasm = wasm;
    this.bytes = new Uint8Array(wasm.buffer);
    this.words = new Int32Array(wasm.buffer);
  }
  /** Undefined where the platform gives none. */
  static make(): KernelMemory | undefined {
    const wasm = wasmMemory(rowsBytes / pageBytes);
    return wasm === undefined ? undefined : new KernelMemory(wasm);
  }
  /** Takes the bytes up to `end` for a kernel. Rows must be moved before they are used again. */
  claim(end: number): void {
    this.rowsAt = end;
    this.reserve(rowsBytes);
  }
  /** Makes room for so many bytes of rows. */
  reserve(bytes: number): void {
    const missing = this.rowsAt + bytes - this.wasm.buffer.byteLength;
    if (missing <= 0) return;
    this.wasm.grow(Math.ceil(missing / pageBytes));
    this.bytes = new Uint8Array(this.wasm.buffer);
    this.words = new Int32Array(this.wasm.buffer);
  }
}

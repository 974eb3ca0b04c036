// WebAssembly exists wherever Tocsin can run, but the pure floors compile without it. It is declared here, once, and
// used only through `wasmMemory` and `wasmInstance`.
declare const WebAssembly: {
  readonly Memory: new (size: { initial: number }) => WasmMemory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
};

/** Memory that grows in pages of 64 KiB, and then has a new buffer. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}
/** A running module: its memory, and the one function that it exports. */
export interface WasmInstance {
  readonly memory: WasmMemory;
  readonly run: (...numbers: readonly number[]) => number;
}

/** Memory for several modules; undefined where the platform refuses it. */
export function wasmMemory(pages: number): WasmMemory | undefined {
  try {
    return new WebAssembly.Memory({ initial: pages });
  } catch {
    return undefined;
  }
}

/**
 * Starts a module that exports `memory` and `run`, and imports a given `memory` as `m.memory`. Undefined where the
 * platform refuses: without permission to make machine code, or without the address space that it keeps free behind
 * a memory.
 */
export function wasmInstance(module: Uint8Array, memory?: WasmMemory): WasmInstance | undefined {
  try {
    const made = new WebAssembly.Module(module);
    return new WebAssembly.Instance(made, { m: { memory } }).exports as WasmInstance;
  } catch {
    return undefined;
  }
}

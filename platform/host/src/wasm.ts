// WebAssembly exists wherever Tocsin can run, but the pure floors compile without it: it is declared
// here, once, and reached only through `wasmInstance`.
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: object };
};

/** A module at work: its memory, which grows in pages of 64 KiB, and the one function that it exports. */
export interface WasmInstance {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readonly run: (...numbers: readonly number[]) => number;
}

/**
 * Starts a module that exports `memory` and `run`. Undefined where the platform refuses: without
 * permission to make machine code, or without the address space that it keeps free behind a memory.
 */
export function wasmInstance(module: Uint8Array): WasmInstance | undefined {
  try {
    return new WebAssembly.Instance(new WebAssembly.Module(module)).exports as WasmInstance;
  } catch {
    return undefined;
  }
}

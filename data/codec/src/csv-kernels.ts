import { CsvKernel } from "./csv-kernel.ts";
import { KernelMemory } from "./csv-kernel-memory.ts";
import type { KernelStretch } from "./csv-kernel-plan.ts";

/** Kernels that are kept: where all tables differ, memory must not grow with them. */
const kernelsMax = 8;

/** The kernels of a stream: tables of the same columns share one. */
export class CsvKernels {
  readonly #made = new Map<string, CsvKernel | undefined>();
  #memory: KernelMemory | undefined;

  /** Whether one was made already. */
  has(stretches: readonly KernelStretch[]): boolean {
    return this.#made.get(nameOf(stretches)) !== undefined;
  }
  /** Undefined: there can be none, or too many others were made. */
  of(stretches: readonly KernelStretch[]): CsvKernel | undefined {
    const name = nameOf(stretches);
    if (!this.#made.has(name) && this.#made.size < kernelsMax) {
      const memory = (this.#memory ??= KernelMemory.make());
      this.#made.set(name, memory === undefined ? undefined : CsvKernel.of(stretches, memory));
    }
    return this.#made.get(name);
  }
}

const nameOf = (stretches: readonly KernelStretch[]): string => JSON.stringify(stretches);

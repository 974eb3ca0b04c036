import { f64, i32, WasmFunction, wasmModule } from "@tocsin/data/codec";
import { wasmInstance, type WasmInstance } from "@tocsin/platform/host";

const pageBytes = 65_536;
/** So many values are counted in a call. */
const rowsAtOnce = 16_384;
/** More bounds are left to others. */
const boundsMost = 1023;

/** Where things are in its memory: counts of four bytes in eight, bounds, values. */
const boundsAt = 8 * (boundsMost + 1);
const valuesAt = boundsAt + 8 * boundsMost;
const pages = Math.ceil((valuesAt + 8 * rowsAtOnce) / pageBytes);

/** Counts values by bounds with machine code, which is fast from the first one on. */
export class BinKernel {
  readonly #instance: WasmInstance;
  readonly #counts: Int32Array;
  readonly #values: Float64Array;

  private constructor(instance: WasmInstance, bounds: Float64Array) {
    const { buffer } = instance.memory;
    this.#instance = instance;
    this.#counts = new Int32Array(buffer, 0, 2 * (bounds.length + 1));
    this.#values = new Float64Array(buffer, valuesAt, rowsAtOnce);
    new Float64Array(buffer, boundsAt, bounds.length).set(bounds);
  }
  /** Of sorted bounds, one less than a power of two. Undefined: too many, or the platform makes no machine code. */
  static of(bounds: Float64Array): BinKernel | undefined {
    if (bounds.length > boundsMost) return undefined;
    const instance = wasmInstance(kernelModule(bounds.length));
    return instance === undefined ? undefined : new BinKernel(instance, bounds);
  }
  /**
   * Adds to `counts` below how many values of the rows `from .. to` lie no bounds, one, two, …: a value
   * equal to a bound is not above it, NaN is above all.
   */
  count(
    values: Float64Array,
    { from, to }: { readonly from: number; readonly to: number },
    counts: Float64Array,
  ): void {
    this.#counts.fill(0);
    for (let row = from; row < to; row += rowsAtOnce) {
      const some = values.subarray(row, Math.min(to, row + rowsAtOnce));
      this.#values.set(some);
      this.#instance.run(some.length);
    }
    for (let bin = 0; bin < counts.length; bin++) counts[bin] += this.#counts[2 * bin];
  }
}

/** `run(rows)` halves the bounds for each value, without a branch: values in any order would make it slow. */
function kernelModule(bounds: number): Uint8Array {
  const f = new WasmFunction(1);
  const [rows] = f.parameters;
  const [row, below, value] = [f.local(), f.local(), f.local("f64")];
  f.block((end) => {
    f.loop((again) => {
      f.goIf(end, i32.ge(row.get, rows.get));
      f.do(value.set(f64.load(i32.shl(row.get, i32.const(3)), valuesAt)), below.set(i32.const(0)));
      for (let half = (bounds + 1) / 2; half >= 1; half /= 2) {
        const bound = f64.load(below.get, boundsAt + 8 * (half - 1));
        const isAbove = i32.eqz(f64.le(value.get, bound));
        f.do(below.set(i32.add(below.get, i32.shl(isAbove, i32.const(3 + Math.log2(half))))));
      }
      f.do(
        i32.store(below.get, i32.add(i32.load(below.get), i32.const(1))),
        row.set(i32.add(row.get, i32.const(1))),
      );
      f.go(again);
    });
  });
  f.do(i32.const(0));
  return wasmModule([f], pages);
}

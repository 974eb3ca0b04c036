import type { FloatColumn } from "@tocsin/data/column";
import {
  type Code,
  f64,
  i32,
  type Local,
  v128,
  WasmFunction,
  wasmModule,
} from "@tocsin/data/codec";
import { wasmInstance, type WasmInstance } from "@tocsin/platform/host";

const pageBytes = 65_536;
/** Values that are counted in one call. */
const rowsAtOnce = 16_384;
/** The most bounds that it takes. */
const boundsMost = 1023;
/** Comparing with each of this many bounds takes less time than a binary search. */
const fewBounds = 14;

/** Addresses in its memory, after the counts (eight bytes each, four of them used): bounds, values, validity bits. */
const boundsAt = 8 * (boundsMost + 1);
const valuesAt = boundsAt + 8 * boundsMost;
const validAt = valuesAt + 8 * (rowsAtOnce + 8);
const validBytes = rowsAtOnce / 8 + 1;
const pages = Math.ceil((validAt + validBytes) / pageBytes);

/** Counts values in bins with WebAssembly, which is fast from the first value on. */
export class BinKernel {
  readonly #instance: WasmInstance;
  readonly #counts: Int32Array;
  /** How many bounds are compared with: those after the first infinite one would change nothing. */
  readonly #compared: number;
  readonly #values: Float64Array;
  readonly #valid: Uint8Array;

  private constructor(instance: WasmInstance, bounds: Float64Array) {
    const { buffer } = instance.memory;
    this.#compared = comparedOf(bounds);
    this.#instance = instance;
    this.#counts = new Int32Array(buffer, 0, 2 * (bounds.length + 1));
    this.#values = new Float64Array(buffer, valuesAt, rowsAtOnce + 8);
    this.#valid = new Uint8Array(buffer, validAt, validBytes);
    new Float64Array(buffer, boundsAt, bounds.length).set(bounds);
  }
  /** `bounds`: sorted, one less than a power of two. Undefined: they are too many, or there is no WebAssembly. */
  static of(bounds: Float64Array): BinKernel | undefined {
    if (bounds.length > boundsMost) return undefined;
    const compared = comparedOf(bounds);
    const code = compared <= fewBounds ? comparing(compared) : halving(bounds.length);
    const instance = wasmInstance(kernelModule(code));
    return instance === undefined ? undefined : new BinKernel(instance, bounds);
  }
  /**
   * Counts the rows `from .. to` by how many bounds lie below their value, and adds that to `counts`. A bound does not
   * lie below a value equal to it; all bounds lie below NaN. Nulls do not count.
   */
  count(
    { data, valid }: Pick<FloatColumn, "data" | "valid">,
    { from, to }: { readonly from: number; readonly to: number },
    counts: Float64Array,
  ): void {
    this.#counts.fill(0);
    if (valid === undefined) this.#valid.fill(255);
    for (let row = from; row < to; row += rowsAtOnce) {
      const some = data.subarray(row, Math.min(to, row + rowsAtOnce));
      // Values begin at the bit of their row, as bits can only be copied by the byte.
      const first = valid === undefined ? 0 : row & 7;
      if (valid !== undefined)
        this.#valid.set(valid.subarray(row >> 3, (row + some.length + 7) >> 3));
      this.#values.set(some, first);
      this.#instance.run(first, first + some.length);
    }
    const compared = this.#compared;
    for (let bin = 0; bin < compared; bin++) counts[bin] += this.#counts[2 * bin];
    for (let bin = compared; bin < counts.length; bin++)
      counts[counts.length - 1] += this.#counts[2 * bin];
  }
}

const comparedOf = (bounds: Float64Array): number => {
  const endless = bounds.indexOf(Infinity);
  return endless < 0 ? bounds.length : endless + 1;
};

/** Writes code that counts the values of a row and the next, which may lie behind the last one. */
type CountTwo = (f: WasmFunction, row: Local, count: (at: Code, below: Code) => void) => void;

/** A binary search among the bounds for each value. */
const halving =
  (bounds: number): CountTwo =>
  (f, row, count) => {
    const [below, value] = [f.local(), f.local("f64")];
    for (const more of [0, 1]) {
      const at = i32.add(row.get, i32.const(more));
      f.do(value.set(f64.load(i32.shl(at, i32.const(3)), valuesAt)), below.set(i32.const(0)));
      for (let half = (bounds + 1) / 2; half >= 1; half /= 2) {
        const bound = f64.load(below.get, boundsAt + 8 * (half - 1));
        const isAbove = i32.eqz(f64.le(value.get, bound));
        f.do(below.set(i32.add(below.get, i32.shl(isAbove, i32.const(3 + Math.log2(half))))));
      }
      count(at, below.get);
    }
  };
/** Compares two values at once with each bound. */
const comparing =
  (bounds: number): CountTwo =>
  (f, row, count) => {
    const [values, notAbove] = [f.local("v128"), f.local("v128")];
    f.do(values.set(v128.load(i32.shl(row.get, i32.const(3)), valuesAt)));
    const each = Array.from({ length: bounds }, (_, i) =>
      v128.leFloats(values.get, v128.loadTwice(i32.const(0), boundsAt + 8 * i)),
    );
    f.do(notAbove.set(each.reduce((sum, one) => v128.addHalves(sum, one))));
    for (const half of [0, 1] as const) {
      // Each bound that is not below has added -1.
      const below = i32.add(i32.of(v128.half(half, notAbove.get)), i32.const(bounds));
      count(i32.add(row.get, i32.const(half)), i32.shl(below, i32.const(3)));
    }
  };

/**
 * `run(row, rows)` counts the values `row .. rows` without branches, which random values and nulls would mispredict.
 */
function kernelModule(countTwo: CountTwo): Uint8Array {
  const f = new WasmFunction(2);
  const [row, rows] = f.parameters;
  const next = i32.add(row.get, i32.const(1));
  /** `below`: eight times the number of bounds below. */
  const count = (at: Code, below: Code): void => {
    const eighth = i32.load8(i32.shr(at, i32.const(3)), validAt);
    const isOne = i32.and(i32.shr(eighth, i32.and(at, i32.const(7))), i32.lt(at, rows.get));
    f.do(i32.store(below, i32.add(i32.load(below), isOne)));
  };
  f.block((end) => {
    f.loop((again) => {
      f.goIf(end, i32.ge(row.get, rows.get));
      countTwo(f, row, count);
      f.do(row.set(i32.add(next, i32.const(1))));
      f.go(again);
    });
  });
  f.do(i32.const(0));
  return wasmModule([f], pages);
}

import { f64, i32, i64, type Label, WasmFunction, wasmModule } from "@tocsin/data/codec";
import { wasmInstance, type WasmInstance } from "@tocsin/platform/host";

const pageBytes = 65_536;
/** Times that are numbered in one call. */
const rowsAtOnce = 16_384;
/** Longer lists are not worth a copy. */
const edgesMost = 2 ** 17;
/** Differences of times must fit into 64 bits with a sign. */
const spanMost = 2n ** 62n;

/** Addresses in its memory: how many windows there are, how many in a nanosecond, times, numbers, edges. */
const sizeAt = 0;
const densityAt = 8;
const timesAt = 64;
const numbersAt = timesAt + 8 * rowsAtOnce;
const edgesAt = numbersAt + 4 * rowsAtOnce;

/**
 * Finds the window of each time with WebAssembly, which is fast from the first row on. Window `i` begins at `edges[i]`
 * and ends at `edges[i + 1]`.
 */
export class WindowKernel {
  readonly #instance: WasmInstance;
  readonly #times: BigInt64Array;
  readonly #numbers: Uint32Array;

  private constructor(instance: WasmInstance, edges: BigInt64Array, density: number) {
    const { buffer } = instance.memory;
    this.#instance = instance;
    this.#times = new BigInt64Array(buffer, timesAt, rowsAtOnce);
    this.#numbers = new Uint32Array(buffer, numbersAt, rowsAtOnce);
    new Int32Array(buffer, sizeAt, 1)[0] = edges.length - 1;
    new Float64Array(buffer, densityAt, 1)[0] = density;
    new BigInt64Array(buffer, edgesAt, edges.length).set(edges);
  }
  /** Undefined: there are no windows or too many, or the platform has no WebAssembly. */
  static of(edges: BigInt64Array, density: number): WindowKernel | undefined {
    const size = edges.length - 1;
    if (size < 1 || edges.length > edgesMost || edges[size] - edges[0] > spanMost) return undefined;
    const pages = Math.ceil((edgesAt + 8 * edges.length) / pageBytes);
    const instance = wasmInstance(kernelModule(pages));
    return instance === undefined ? undefined : new WindowKernel(instance, edges, density);
  }
  /** Writes the number of the window of each time `from .. to`; all bits are set where it is in none. */
  number(times: BigInt64Array, from: number, to: number, numbers: Uint32Array): void {
    for (let row = from; row < to; row += rowsAtOnce) {
      const some = times.subarray(row, Math.min(to, row + rowsAtOnce));
      this.#times.set(some);
      this.#instance.run(some.length);
      numbers.set(this.#numbers.subarray(0, some.length), row - from);
    }
  }
}

type Code = ReturnType<typeof i32.const>;

const nothing = i32.const(0);
const one = i32.const(1);

/** The variables of the function, and the steps that it is made of. */
class Numbering {
  readonly f = new WasmFunction(1);
  readonly row = this.f.local();
  /** The number of the window at hand, which lies between `start` and `stop`: that of the time before. */
  readonly near = this.f.local();
  readonly size = this.f.local();
  readonly t = this.f.local("i64");
  readonly start = this.f.local("i64");
  readonly stop = this.f.local("i64");

  before(time: Code): Code {
    return i64.ltSigned(this.t.get, time);
  }
  edge(number: Code, further = 0): Code {
    return i64.load(i32.shl(number, i32.const(3)), edgesAt + 8 * further);
  }
  get isHere(): Code {
    return i32.and(i32.eqz(this.before(this.start.get)), this.before(this.stop.get));
  }
  enter(number: Code): Code {
    return [this.start.set(this.edge(number)), this.stop.set(this.edge(number, 1))];
  }
  put(number: Code): void {
    const { f, row } = this;
    f.do(i32.store(i32.shl(row.get, i32.const(2)), number, numbersAt));
    f.do(row.set(i32.add(row.get, one)));
  }
}

/** `run(rows)` numbers the first `rows` times. */
function kernelModule(pages: number): Uint8Array {
  const numbering = new Numbering();
  const { f, row, near, size, t } = numbering;
  const [rows] = f.parameters;
  f.do(near.set(i32.const(-1)), size.set(i32.load(nothing, sizeAt)));
  f.block((end) => {
    f.loop((again) => {
      f.goIf(end, i32.ge(row.get, rows.get));
      f.do(t.set(i64.load(i32.shl(row.get, i32.const(3)), timesAt)));
      f.block((found) => {
        f.goIf(found, numbering.isHere);
        f.block((none) => {
          f.goIf(none, numbering.before(numbering.edge(nothing)));
          f.goIf(none, i32.eqz(numbering.before(numbering.edge(size.get))));
          tryNext(numbering, found);
          guess(numbering, found);
          halve(numbering);
          f.go(found);
        });
        numbering.put(i32.const(-1));
        f.go(again);
      });
      numbering.put(near.get);
      f.go(again);
    });
  });
  f.do(nothing);
  return wasmModule([f], pages);
}

/** Goes to `found` if the window after the one at hand holds the time. */
function tryNext(numbering: Numbering, found: Label): void {
  const { f, near, size } = numbering;
  const next = f.local();
  f.block((far) => {
    f.do(next.set(i32.add(near.get, one)));
    f.goIf(far, i32.ge(next.get, size.get));
    f.do(numbering.enter(next.get));
    f.goIf(far, i32.eqz(numbering.isHere));
    f.do(near.set(next.get));
    f.go(found);
  });
}

/** Goes to `found` if the time's window is where it would be if all were equally long. */
function guess(numbering: Numbering, found: Label): void {
  const { f, near, size, t } = numbering;
  const since = f64.ofSigned(i64.sub(t.get, numbering.edge(nothing)));
  f.do(near.set(i32.of(i64.ofFloat(f64.mul(since, f64.load(nothing, densityAt))))));
  f.if(i32.ge(near.get, size.get), () => f.do(near.set(i32.sub(size.get, one))));
  f.do(numbering.enter(near.get));
  f.goIf(found, numbering.isHere);
}

/** Finds the time's window by halving. */
function halve(numbering: Numbering): void {
  const { f, near, size } = numbering;
  const [high, middle] = [f.local(), f.local()];
  f.do(near.set(nothing), high.set(size.get));
  f.block((narrowed) => {
    f.loop((again) => {
      f.goIf(narrowed, i32.le(i32.sub(high.get, near.get), one));
      f.do(middle.set(i32.shr(i32.add(near.get, high.get), one)));
      f.block((earlier) => {
        f.goIf(earlier, numbering.before(numbering.edge(middle.get)));
        f.do(near.set(middle.get));
        f.go(again);
      });
      f.do(high.set(middle.get));
      f.go(again);
    });
  });
  f.do(numbering.enter(near.get));
}

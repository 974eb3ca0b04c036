import type { Cursor } from "./csv-kernel-cells.ts";
import { type Code, i32, i64, type Label, type Local } from "./wasm-code.ts";

type DigitCursor = Pick<Cursor, "f" | "at" | "b">;

/** Appends the digits at `at` to `number`, and moves behind them. */
export function readDigits({ f, at, b }: DigitCursor, number: Local): void {
  f.block((end) => {
    f.loop((again) => {
      f.do(b.set(i32.sub(i32.load8(at.get), i32.const(0x30))));
      f.goIf(end, i32.gt(b.get, i32.const(9)));
      f.do(number.set(i64.add(i64.mul(number.get, i64.const(10n)), i64.of(b.get))));
      f.do(at.set(i32.add(at.get, i32.const(1))));
      f.go(again);
    });
  });
}

const each = (byte: bigint): Code => i64.const(byte * 0x0101010101010101n);
const point = i64.const(0x2en ^ 0x30n);

/**
 * Reads the digits of a number that ends within eight bytes without a branch for each, as their count varies from row
 * to row. Goes to `long` if the number is longer, or there is none at `at`.
 */
export class ShortNumber {
  readonly #cursor: DigitCursor;
  /** Eight bytes, in which digits are numbers below ten; and the upper bit of each byte that is no digit. */
  readonly #bytes: Local;
  readonly #others: Local;
  /** How many bits the digits before the point take, and all digits. */
  readonly #whole: Local;
  readonly #all: Local;

  constructor(cursor: DigitCursor) {
    const { f } = cursor;
    this.#cursor = cursor;
    [this.#bytes, this.#others] = [f.local("i64"), f.local("i64")];
    [this.#whole, this.#all] = [f.local("i64"), f.local("i64")];
  }
  /** Reads a whole number to `number` (undefined: to nowhere), and moves behind it. */
  readWhole(number: Local | undefined, long: Label): void {
    this.#look(long);
    this.#take(number);
  }
  /** Reads a number that may have a point; `scale`, zero before, becomes the number of digits behind that. */
  readDecimal(number: Local | undefined, scale: Local, long: Label): void {
    const { f, at } = this.#cursor;
    const [bytes, others, whole, all] = [this.#bytes, this.#others, this.#whole, this.#all];
    this.#look(long);
    const next = i64.and(i64.shr(bytes.get, whole.get), i64.const(0xffn));
    f.if(i64.eqz(i64.xor(next, point)), () => {
      f.do(others.set(i64.and(others.get, i64.sub(others.get, i64.const(1n)))));
      f.goIf(long, i64.eqz(others.get));
      f.do(all.set(i64.sub(i64.trailingZeros(others.get), i64.const(15n))));
      f.do(
        scale.set(i32.shr(i32.of(i64.sub(all.get, whole.get)), i32.const(3))),
        at.set(i32.add(at.get, i32.const(1))),
      );
      if (number === undefined) return;
      const rest = i64.shr(bytes.get, i64.const(8n));
      const before = i64.sub(i64.shl(i64.const(1n), whole.get), i64.const(1n));
      const joined = i64.xor(rest, i64.and(i64.xor(rest, bytes.get), before));
      f.do(bytes.set(joined));
    });
    this.#take(number);
  }

  #look(long: Label): void {
    const { f, at } = this.#cursor;
    const [bytes, others, whole] = [this.#bytes, this.#others, this.#whole];
    const over = i64.add(i64.and(bytes.get, each(0x7fn)), each(0x76n));
    f.do(
      bytes.set(i64.xor(i64.load(at.get), each(0x30n))),
      others.set(i64.and(i64.or(over, bytes.get), each(0x80n))),
      whole.set(i64.sub(i64.trailingZeros(others.get), i64.const(7n))),
    );
    // All eight bytes are digits, or the first is none.
    f.goIf(long, i64.eqz(others.get));
    f.goIf(long, i64.eqz(whole.get));
    f.do(this.#all.set(whole.get));
  }
  /** Puts two, four and eight digits together, with zeros before them. */
  #take(number: Local | undefined): void {
    const { f, at } = this.#cursor;
    const all = this.#all;
    f.do(at.set(i32.add(at.get, i32.shr(i32.of(all.get), i32.const(3)))));
    if (number === undefined) return;
    const ofTwo = (digits: Code, ten: bigint, bits: bigint): Code =>
      i64.shr(i64.mul(digits, i64.const((ten << bits) + 1n)), i64.const(bits));
    f.do(
      number.set(i64.shl(this.#bytes.get, i64.sub(i64.const(64n), all.get))),
      number.set(i64.and(ofTwo(number.get, 10n, 8n), i64.const(0x00ff00ff00ff00ffn))),
      number.set(i64.and(ofTwo(number.get, 100n, 16n), i64.const(0x0000ffff0000ffffn))),
      number.set(ofTwo(number.get, 10_000n, 32n)),
    );
  }
}

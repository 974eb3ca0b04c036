import { wordsOf } from "@tocsin/data/column";

/** Differences of 64-bit numbers as doubles, exact but for one rounding. Subtracts halves: no bigint is made. */
export class WholeDifferences {
  readonly #words: Uint32Array;
  readonly #signed: boolean;

  constructor(data: BigInt64Array | BigUint64Array) {
    this.#words = wordsOf(data);
    this.#signed = data instanceof BigInt64Array;
  }
  of(from: number, to: number): number {
    const words = this.#words;
    const left = words[2 * from + 1];
    const right = words[2 * to + 1];
    const high = this.#signed ? (right | 0) - (left | 0) : right - left;
    return high * 2 ** 32 + (words[2 * to] - words[2 * from]);
  }
}

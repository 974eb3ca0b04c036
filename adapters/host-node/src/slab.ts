/** Gives many short pieces of memory from one: each of its own would have to be allocated, and collected. */
export class Slab {
  readonly #size: number;
  #memory = Buffer.alloc(0);
  #used = 0;

  /** `size`: bytes of one memory; it is kept as long as one piece of it is. */
  constructor(size: number) {
    this.#size = size;
  }
  /** `length` bytes that nobody else has, with anything in them. Long pieces have memory of their own. */
  cut(length: number): Buffer {
    if (length > this.#size / 8) return Buffer.allocUnsafeSlow(length);
    if (this.#used + length > this.#memory.length) {
      this.#memory = Buffer.allocUnsafeSlow(this.#size);
      this.#used = 0;
    }
    this.#used += length;
    return this.#memory.subarray(this.#used - length, this.#used);
  }
}

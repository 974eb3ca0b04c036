/** Gives many short pieces of memory from one: each of its own would have to be allocated, and collected. */
export class Slab<Memory extends Uint8Array = Uint8Array> {
  readonly #size: number;
  readonly #allocate: (length: number) => Memory;
  #memory: Memory;
  #used = 0;

  /** `size`: bytes of one memory, which is kept as long as one piece of it is. `allocate` makes it, with anything in it. */
  constructor(size: number, allocate: (length: number) => Memory) {
    this.#size = size;
    this.#allocate = allocate;
    this.#memory = allocate(0);
  }
  /** `length` bytes that nobody else has, with anything in them. Long pieces have memory of their own. */
  cut(length: number): Memory {
    if (length > this.#size / 8) return this.#allocate(length);
    if (this.#used + length > this.#memory.length) {
      this.#memory = this.#allocate(this.#size);
      this.#used = 0;
    }
    this.#used += length;
    return this.#memory.subarray(this.#used - length, this.#used) as Memory;
  }
  /** The first `length` bytes of a piece, which must be the one that was cut last: its rest is given again. */
  shorten(piece: Memory, length: number): Memory {
    if (piece.buffer === this.#memory.buffer) this.#used -= piece.length - length;
    return piece.subarray(0, length) as Memory;
  }
}

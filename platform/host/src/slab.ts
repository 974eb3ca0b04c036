/** Cuts many short pieces from one larger memory, which saves an allocation and a collection for each. */
export class Slab<Memory extends Uint8Array = Uint8Array> {
  readonly #size: number;
  readonly #allocate: (length: number) => Memory;
  #memory: Memory;
  #used = 0;

  /** `size`: bytes of one memory, which lives as long as any piece of it. `allocate` returns memory with any content. */
  constructor(size: number, allocate: (length: number) => Memory) {
    this.#size = size;
    this.#allocate = allocate;
    this.#memory = allocate(0);
  }
  /** A piece of `length` bytes, with any content. Long pieces get memory of their own. */
  cut(length: number): Memory {
    if (length > this.#size / 8) return this.#allocate(length);
    if (this.#used + length > this.#memory.length) {
      this.#memory = this.#allocate(this.#size);
      this.#used = 0;
    }
    this.#used += length;
    return this.#memory.subarray(this.#used - length, this.#used) as Memory;
  }
  /** The first `length` bytes of the piece that was cut last; the rest is reused. */
  shorten(piece: Memory, length: number): Memory {
    if (piece.buffer === this.#memory.buffer) this.#used -= piece.length - length;
    return piece.subarray(0, length) as Memory;
  }
}

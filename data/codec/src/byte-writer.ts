import { utf8 } from "@tocsin/platform/host";

/** A growing list of bytes. Reserve room first, then write into `bytes` at `length`. */
export class ByteWriter {
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(1024);
  length = 0;
  /** Memory that can be used again. */
  #spare: ArrayBuffer | undefined;

  /** Takes back the memory of bytes that were taken and are not needed any more. */
  reuse({ buffer }: Uint8Array): void {
    if (buffer instanceof ArrayBuffer && buffer !== this.bytes.buffer) this.#spare = buffer;
  }
  /** Makes room for `more` more bytes. */
  reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(this.length + more, this.bytes.length * 2));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }
  byte(value: number): void {
    if (this.length === this.bytes.length) this.reserve(1);
    this.bytes[this.length++] = value;
  }
  text(text: string): void {
    this.reserve(text.length * 3);
    this.length += utf8.encodeInto(text, this.bytes.subarray(this.length));
  }
  /** What was written; nothing is written to it later. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.bytes.subarray(0, this.length);
    // A buffer that is mostly full is handed over; of one that is mostly empty the content is copied.
    if (this.length * 2 > this.bytes.length) this.bytes = this.#another(this.bytes.length);
    const own = taken.buffer === this.bytes.buffer ? taken.slice() : taken;
    this.length = 0;
    return own;
  }

  /** Other memory of at least `length` bytes. */
  #another(length: number): Uint8Array<ArrayBuffer> {
    const spare = this.#spare;
    this.#spare = undefined;
    return spare !== undefined && spare.byteLength >= length
      ? new Uint8Array(spare)
      : new Uint8Array(length);
  }
}

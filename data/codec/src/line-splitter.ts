import { byte } from "./line-point.ts";

/**
 * A string that is still open after this many bytes lacks its quote: one bad line must not make the reader hold the
 * rest.
 */
const openBytesMax = 16 * 1024 * 1024;

/** Cuts bytes into lines; a line break inside a field's string does not end a line. */
export class LineSplitter {
  /** The line found by `next`, without its line break, and its number. */
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(1024);
  from = 0;
  to = 0;
  line = 0;
  #start = 0;
  #end = 0;
  // How far the line at `#start` was looked at: a long line is not looked at again from its start.
  #at = 0;
  #inFields = false;
  #quoted = false;
  #values = 0;
  #breaks = 0;
  #lines = 0;

  /** How many lines were found or skipped. */
  get lines(): number {
    return this.#lines;
  }
  /** Whether there are bytes of a line that was not found yet. */
  get pending(): boolean {
    return this.#start < this.#end;
  }
  /** Counts lines that were read by other means. */
  skip(lines: number): void {
    this.#lines += lines;
  }
  add(chunk: Uint8Array): void {
    if (this.#end + chunk.length > this.bytes.length) this.#makeRoom(chunk.length);
    this.bytes.set(chunk, this.#end);
    this.#end += chunk.length;
  }
  /** Finds the next line. `last`: no bytes follow, so that the last line may lack its line break. */
  next(last: boolean): boolean {
    if (this.#start === this.#end) return false;
    const end = this.#scan();
    const given = end < 0 && (last || this.#hopeless()) ? this.#end : end;
    if (given < 0) return false;
    this.from = this.#start;
    this.to = given;
    this.line = this.#lines + 1;
    this.#lines += this.#breaks + 1;
    this.#begin(Math.min(given + 1, this.#end));
    return true;
  }
  /**
   * Called when the latest line was bad. If it goes over several lines, the first probably lacks a quote: goes on
   * after that one, so that the others are not lost.
   */
  resume(): void {
    const newline = this.bytes.indexOf(byte.newline, this.from);
    if (newline < 0 || newline >= this.to) return;
    this.#lines = this.line;
    this.#begin(newline + 1);
  }

  #hopeless(): boolean {
    return this.#breaks > 0 && this.#end - this.#start > openBytesMax;
  }
  #begin(at: number): void {
    this.#start = this.#at = at;
    this.#inFields = this.#quoted = false;
    this.#values = this.#breaks = 0;
  }
  #makeRoom(more: number): void {
    const kept = this.#end - this.#start;
    const needed = kept + more;
    const room = needed * 2 > this.bytes.length ? new Uint8Array(needed * 2) : this.bytes;
    room.set(this.bytes.subarray(this.#start, this.#end));
    this.bytes = room;
    this.#at -= this.#start;
    this.#start = 0;
    this.#end = kept;
  }
  /** The line break that ends the line, or -1 when it is not there yet; then `#at` is where it stopped. */
  #scan(): number {
    const { bytes } = this;
    const end = this.#end;
    for (let i = this.#at; i < end; i++) {
      const b = bytes[i];
      if (b > byte.equals && b !== byte.backslash) continue;
      if (b === byte.newline) {
        if (!this.#quoted) return i;
        this.#breaks++;
      } else if (b === byte.backslash) {
        if (i + 1 >= end) return this.#pause(i);
        if (bytes[i + 1] !== byte.newline) i++;
      } else if (b === byte.space) this.#inFields = true;
      else if (this.#inFields) this.#inField(b);
    }
    return this.#pause(end);
  }
  #pause(at: number): number {
    this.#at = at;
    return -1;
  }
  #inField(b: number): void {
    if (b === byte.quote) {
      // Quotes count only in a value: between "=" and the next comma.
      if (this.#values > 0) this.#quoted = !this.#quoted;
    } else if (this.#quoted) return;
    else if (b === byte.equals) this.#values++;
    else if (b === byte.comma) this.#values--;
  }
}

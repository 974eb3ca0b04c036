import { utf8 } from "@tocsin/platform/host";

const newline = 0x0a;
const carriageReturn = 0x0d;
const quote = 0x22;
const comma = 0x2c;

/** Bytes behind the data: a line break that stops every loop, and room for reading words. */
const slack = 128;

/** Memory that can grow, and where in it rows may lie. */
interface RowsHome {
  readonly rowsAt: number;
  readonly rowsEnd: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Makes room for `bytes` bytes of rows. */
  reserve(bytes: number): void;
}

/** Why `scan` stopped before its block was full. */
export type Stop = "full" | "hungry" | "other row";

/**
 * Finds rows and cells in bytes that come piece by piece. Rows end in `\n` or `\r\n`, and blank ones are skipped. A
 * cell that begins with a quote ends at a quote before a comma or line break, and `""` in it stands for one quote. As
 * in upstream, any other quote is an ordinary byte.
 */
export class CsvRows {
  /** Readable for a few bytes beyond the data, so that words may be read at their end. */
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(4096);
  /**
   * Cells of the last block, row after row: cell `i` is `bytes[starts[i] .. ends[i]]`. A negative end
   * means a quoted cell with more to do: see `plain`.
   */
  starts: Int32Array<ArrayBuffer> = new Int32Array(0);
  ends: Int32Array<ArrayBuffer> = new Int32Array(0);
  /** Line of each row of the last block, counted from 1. */
  lines: Uint32Array<ArrayBuffer> = new Uint32Array(0);
  /** Whose memory the bytes lie in (undefined: memory of their own), and where in it they begin. */
  #home: RowsHome | undefined;
  #base = 0;
  #from = 0;
  #to = 0;
  #line = 1;
  #last = false;
  #bomPossible = true;
  /** Bytes that must be there before an unfinished row is looked at again. */
  #enough = 0;

  /** Adds bytes. Moves those that the last `scan` found, which must have been used. */
  push(chunk: Uint8Array): void {
    if (!this.isNext(chunk)) this.room(chunk.length).set(chunk);
    this.#to += chunk.length;
    // A line break behind the end stops each inner loop without a test of its own.
    this.bytes[this.#to] = newline;
    if (this.#bomPossible && this.#to - this.#from >= 3) {
      const at = this.#from;
      const marked =
        this.bytes[at] === 0xef && this.bytes[at + 1] === 0xbb && this.bytes[at + 2] === 0xbf;
      if (marked) this.#from += 3;
      this.#bomPossible = false;
    }
  }
  /** Where the next `push` puts up to `bytes` bytes, which may be there already then. Moves what `scan` found. */
  room(bytes: number): Uint8Array {
    const kept = this.#to - this.#from;
    const end = this.#home?.rowsEnd ?? this.bytes.length;
    if (this.#to + bytes + slack > end) this.#makeRoom(kept + bytes + slack);
    // Little is left of a piece: moved back each time, the bytes in use stay in the processor's cache.
    else if (kept < bytes) this.#toBase();
    return this.bytes.subarray(this.#to, this.#to + bytes);
  }
  /** Whether these bytes lie where `room` said. */
  isNext({ buffer, byteOffset }: Uint8Array): boolean {
    return buffer === this.bytes.buffer && byteOffset === this.bytes.byteOffset + this.#to;
  }
  /** Nothing follows: the last row may lack its line break. */
  finish(): void {
    this.#last = true;
    this.#bomPossible = false;
  }
  get line(): number {
    return this.#line;
  }
  /** The cells of the next row as text; undefined when the row is not there, or not all of it yet. */
  row(): readonly string[] | undefined {
    if (!this.#ready()) return undefined;
    const cells: string[] = [];
    let at = this.#from;
    let lines = 0;
    for (;;) {
      const end = this.#cellEnd(at);
      if (end < 0) return this.#starved();
      lines += this.#breaks;
      cells.push(this.text(this.#cellFrom, this.#cellTo));
      at = end + 1;
      if (this.bytes[end] === newline) break;
    }
    this.#line += lines + 1;
    this.#from = at;
    this.#enough = 0;
    return cells;
  }
  /**
   * Finds up to `rows` rows of `columns` cells, whose first cell must be empty if `firstEmpty`. Stops before any other
   * row; `count` says how many it found.
   */
  scan(columns: number, rows: number, firstEmpty: boolean): Stop {
    this.#reserve(columns, rows);
    this.count = 0;
    let cell = 0;
    while (this.count < rows) {
      if (!this.#ready()) return "hungry";
      const line = this.#line;
      const end = this.#scanRow(columns, cell);
      if (end === -1) {
        this.#starved();
        return "hungry";
      }
      if (end === -2 || (firstEmpty && this.ends[cell] !== this.starts[cell])) {
        this.#line = line;
        return "other row";
      }
      this.#enough = 0;
      this.lines[this.count++] = line;
      this.#from = end + 1;
      cell += columns;
    }
    return "full";
  }
  /** Moves the bytes to somebody's memory, where they lie from now on. */
  moveTo(home: RowsHome): void {
    if (this.#home === home) {
      // Memory that has grown is another buffer with the same bytes.
      this.bytes = home.bytes;
      return;
    }
    this.#home = home;
    this.#makeRoom(2 * (this.#to - this.#from) + slack);
  }
  /** Where the bytes that are left begin and end; a line break stands behind them. */
  get from(): number {
    return this.#from;
  }
  get to(): number {
    return this.#to;
  }
  /** Notes that rows up to `end`, which have `lines` lines, were read by other means. */
  passed(end: number, lines: number): void {
    this.#from = end;
    this.#line += lines;
    this.#enough = 0;
  }
  /** The line of the byte at `to`, one of those that are left. */
  lineAt(to: number): number {
    let line = this.#line;
    for (let at = this.#from - 1; ; line++) {
      at = this.bytes.indexOf(newline, at + 1);
      if (at < 0 || at >= to) return line;
    }
  }
  /** Rows that the last `scan` found. */
  count = 0;
  /** Takes the quotes out of a cell whose end is negative, in place; gives its end. */
  plain(cell: number): number {
    const from = this.starts[cell];
    return (this.ends[cell] = rework(this.bytes, from, -this.ends[cell] - 1, this.bytes, from));
  }
  /** The text of the cell at `starts[i]`, `ends[i]`. */
  text(from: number, to: number): string {
    if (to >= 0) return utf8.decode(this.bytes.subarray(from, to));
    return utf8.decode(this.bytes.subarray(from, -to - 1)).replace(/""|\r\n/g, (two) => two[1]);
  }

  // What `#cellEnd` found: where the cell without its quotes lies, and how many line breaks it holds.
  #cellFrom = 0;
  #cellTo = 0;
  #breaks = 0;

  /** Moves the bytes that are left to the beginning of a buffer with twice as much room as needed. */
  #makeRoom(needed: number): void {
    const home = this.#home;
    const kept = this.bytes.slice(this.#from, this.#to);
    home?.reserve(needed * 2);
    if (home !== undefined) this.bytes = home.bytes;
    else if (needed * 2 > this.bytes.length) this.bytes = new Uint8Array(needed * 2);
    this.#base = home?.rowsAt ?? 0;
    this.#from = this.#base;
    this.#to = this.#base + kept.length;
    this.bytes.set(kept, this.#from);
    this.bytes[this.#to] = newline;
  }
  #toBase(): void {
    this.bytes.copyWithin(this.#base, this.#from, this.#to);
    this.#to += this.#base - this.#from;
    this.#from = this.#base;
    // `push` would write it, but is not called again at the end of a file.
    this.bytes[this.#to] = newline;
  }
  #reserve(columns: number, rows: number): void {
    if (this.starts.length < columns * rows) {
      this.starts = new Int32Array(columns * rows);
      this.ends = new Int32Array(columns * rows);
    }
    if (this.lines.length < rows) this.lines = new Uint32Array(rows);
  }
  /** Skips blank lines. False: nothing of a row is there, or too little to look at it again. */
  #ready(): boolean {
    const { bytes } = this;
    if (this.#bomPossible) return false;
    for (;;) {
      if (this.#from >= this.#to) return false;
      const first = bytes[this.#from];
      const two = first === carriageReturn && this.#from + 1 < this.#to;
      if (first === newline) this.#from += 1;
      else if (two && bytes[this.#from + 1] === newline) this.#from += 2;
      else return this.#last || this.#to - this.#from >= this.#enough;
      this.#line++;
    }
  }
  #starved(): undefined {
    // The next attempt waits for twice as many bytes, so that an endless cell takes linear time.
    this.#enough = (this.#to - this.#from) * 2;
    return undefined;
  }
  /**
   * Notes the cells of the row at `#from`; gives its line break. -1: it is not all there; -2: its cells are too few or
   * many.
   */
  #scanRow(columns: number, firstCell: number): number {
    const { bytes, starts, ends } = this;
    const to = this.#to;
    let at = this.#from;
    let cell = firstCell;
    const stop = firstCell + columns;
    let lines = 1;
    for (;;) {
      let end = at;
      let b = bytes[at];
      if (b === quote) {
        end = this.#cellEnd(at);
        if (end < 0) return -1;
        lines += this.#breaks;
        if (cell < stop) {
          starts[cell] = this.#cellFrom;
          ends[cell] = this.#cellTo;
        }
        b = bytes[end];
      } else {
        while (b > comma || (b !== comma && b !== newline)) b = bytes[++end];
        if (cell < stop) {
          starts[cell] = at;
          ends[cell] = end;
        }
      }
      cell++;
      if (b === newline) {
        if (end >= to && !this.#last) return -1;
        if (cell !== stop) return -2;
        const last = cell - 1;
        if (bytes[end - 1] === carriageReturn && ends[last] === end && end > at)
          ends[last] = end - 1;
        this.#line += lines;
        return end;
      }
      at = end + 1;
    }
  }
  /** The byte that ends the cell at `from`, a comma or line break; -1 when it has not come yet. */
  #cellEnd(from: number): number {
    const { bytes } = this;
    this.#breaks = 0;
    this.#cellFrom = from;
    if (bytes[from] === quote) return this.#quotedEnd(from + 1);
    let end = from;
    while (bytes[end] !== comma && bytes[end] !== newline) end++;
    if (end >= this.#to && !this.#last) return -1;
    const cr = bytes[end] === newline && end > from && bytes[end - 1] === carriageReturn;
    this.#cellTo = cr ? end - 1 : end;
    return end;
  }
  #quotedEnd(from: number): number {
    const { bytes } = this;
    const to = this.#to;
    this.#cellFrom = from;
    let rework = false;
    for (let i = from; i < to; i++) {
      const b = bytes[i];
      if (b === newline) {
        this.#breaks++;
        if (bytes[i - 1] === carriageReturn) rework = true;
      }
      if (b !== quote) continue;
      const next = bytes[i + 1];
      const undecided = i + 1 >= to || (next === carriageReturn && i + 2 >= to);
      if (undecided && !this.#last) return -1;
      const crlf = next === carriageReturn && bytes[i + 2] === newline;
      if (next === comma || next === newline || crlf) {
        this.#cellTo = rework ? -i - 1 : i;
        return crlf ? i + 2 : i + 1;
      }
      if (next === quote && i + 1 < to) {
        rework = true;
        i++;
      }
    }
    if (!this.#last) return -1;
    // The closing quote never came: as in upstream the cell ends with the data.
    this.#cellTo = rework ? -to - 1 : to;
    return to;
  }
}

/**
 * Writes the text of a quoted cell, whose bytes are `from .. to`, to `into` from `out` on, and gives its end. The text
 * may be written over the cell itself.
 */
// oxlint-disable-next-line max-params -- one call a cell: an object for each would have to be collected
export function rework(
  bytes: Uint8Array,
  from: number,
  to: number,
  into: Uint8Array,
  out: number,
): number {
  let end = out;
  for (let i = from; i < to; i++) {
    const b = bytes[i];
    if (b === quote && bytes[i + 1] === quote) i++;
    // Go's reader makes one line break of the two bytes.
    else if (b === carriageReturn && bytes[i + 1] === newline) continue;
    into[end++] = b;
  }
  return end;
}

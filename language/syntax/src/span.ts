/** A piece of source text: UTF-16 offsets, `end` exclusive. */
export type Span = { readonly start: number; readonly end: number };

/** A place in a file as people and other tools count it. Lines and columns start at 1. */
export type Position = {
  readonly line: number;
  /** In UTF-16 units, as editors count. */
  readonly column: number;
  /** In UTF-8 bytes, as upstream's messages count. */
  readonly byteColumn: number;
  /** UTF-8 bytes from the beginning of the file, starting at 0. */
  readonly byteOffset: number;
};

/**
 * A named text with its lines. Offsets are cheap to carry about and are turned into lines and
 * columns only when somebody reads them, so the tables are made on first use.
 */
export class SourceText {
  readonly name: string;
  readonly text: string;
  #lineStarts: number[] | undefined;
  #lineBytes: number[] | undefined;

  constructor(text: string, name = "") {
    this.text = text;
    this.name = name;
  }

  /** The 1-based line that holds `offset`. */
  lineAt(offset: number): number {
    const starts = this.#starts();
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle] <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  }

  /** Where 1-based `line` begins and ends; its line break is not part of it. */
  lineSpan(line: number): Span {
    const starts = this.#starts();
    const start = starts[line - 1];
    let end = line < starts.length ? starts[line] - 1 : this.text.length;
    if (end > start && this.text.charCodeAt(end - 1) === 13) end -= 1;
    return { start, end };
  }

  /** The text of 1-based `line` without its line break. */
  lineText(line: number): string {
    const { start, end } = this.lineSpan(line);
    return this.text.slice(start, end);
  }

  /** Line, columns and byte offset of an offset; one past the last character is allowed. */
  position(offset: number): Position {
    const line = this.lineAt(offset);
    const start = this.#starts()[line - 1];
    const bytes = byteLength(this.text, start, offset);
    return {
      line,
      column: offset - start + 1,
      byteColumn: bytes + 1,
      byteOffset: this.#bytes()[line - 1] + bytes,
    };
  }

  slice(span: Span): string {
    return this.text.slice(span.start, span.end);
  }

  #starts(): number[] {
    if (this.#lineStarts) return this.#lineStarts;
    const starts = [0];
    for (let at = this.text.indexOf("\n"); at >= 0; at = this.text.indexOf("\n", at + 1)) {
      starts.push(at + 1);
    }
    this.#lineStarts = starts;
    return starts;
  }

  #bytes(): number[] {
    if (this.#lineBytes) return this.#lineBytes;
    const starts = this.#starts();
    const bytes = [0];
    for (let line = 1; line < starts.length; line += 1) {
      bytes.push(bytes[line - 1] + byteLength(this.text, starts[line - 1], starts[line]));
    }
    this.#lineBytes = bytes;
    return bytes;
  }
}

/** UTF-8 bytes of a stretch of UTF-16; half a surrogate pair counts as its replacement, 3. */
function byteLength(text: string, start: number, end: number): number {
  let bytes = end - start;
  for (let at = start; at < end; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) continue;
    if (unit < 0x800) bytes += 1;
    else if (unit >= 0xd800 && unit < 0xdc00 && at + 1 < end && isLow(text.charCodeAt(at + 1))) {
      bytes += 2;
      at += 1;
    } else bytes += 2;
  }
  return bytes;
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000;
}

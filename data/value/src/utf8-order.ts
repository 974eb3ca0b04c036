/**
 * Orders text by its UTF-8 bytes, which is the order of code points: negative, 0 or positive. (The
 * `<` of JavaScript orders UTF-16 units, and puts U+1F600 before U+FF01.)
 */
export function compareUtf8(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left !== right) return codePointRank(left) - codePointRank(right);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above all other units, so they move behind U+FFFF. */
function codePointRank(unit: number): number {
  return unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit;
}

/** The number of UTF-8 bytes of `text` up to the UTF-16 index `end`. */
export function utf8Length(text: string, end: number = text.length): number {
  let bytes = end;
  for (let i = 0; i < end; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    // A surrogate pair is two units and four bytes: each half adds one.
    bytes += unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 1 : 2;
  }
  return bytes;
}

/** The UTF-16 index of a byte offset; inside a character the index of its start. */
export function unitIndex(text: string, byteOffset: number): number {
  let bytes = 0;
  let i = 0;
  while (i < text.length) {
    const point = text.codePointAt(i) ?? 0;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    if (bytes > byteOffset) return i;
    i += point < 0x10000 ? 1 : 2;
  }
  return i;
}

/** The number of code points: `strings.strlen`. */
export function codePointCount(text: string): number {
  let count = text.length;
  for (let i = 0; i + 1 < text.length; i++) {
    if (isHighSurrogate(text.charCodeAt(i)) && isLowSurrogate(text.charCodeAt(i + 1))) {
      count--;
      i++;
    }
  }
  return count;
}

/** Code points from `start` to before `end`, both pulled into the text: `strings.substring`. */
export function codePointSlice(text: string, start: number, end: number): string {
  const from = advance(text, 0, start);
  return text.slice(from, advance(text, from, end - Math.max(0, start)));
}

/** The UTF-16 index `count` code points behind the index `at`. */
function advance(text: string, at: number, count: number): number {
  let i = at;
  for (let n = 0; n < count && i < text.length; n++) i += pointWidth(text, i);
  return i;
}

/** UTF-16 units, 1 or 2, of the code point at an index. */
export function pointWidth(text: string, at: number): number {
  const paired = isHighSurrogate(text.charCodeAt(at)) && isLowSurrogate(text.charCodeAt(at + 1));
  return paired ? 2 : 1;
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000;
}

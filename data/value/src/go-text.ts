import { codePointCount, pointWidth, utf8Length } from "./utf8-order.ts";

/** Trims, at both ends, every code point that is in `cutset`. */
export function trim(text: string, cutset: string): string {
  return trimLeft(trimRight(text, cutset), cutset);
}

/** Trims, at the start, every code point that is in `cutset`. */
export function trimLeft(text: string, cutset: string): string {
  const set = new Set(cutset);
  let from = 0;
  for (const point of text) {
    if (!set.has(point)) break;
    from += point.length;
  }
  return text.slice(from);
}

/** Trims, at the end, every code point that is in `cutset`. */
export function trimRight(text: string, cutset: string): string {
  const set = new Set(cutset);
  let to = text.length;
  while (to > 0) {
    const from = to - lastWidth(text, to);
    if (!set.has(text.slice(from, to))) break;
    to = from;
  }
  return text.slice(0, to);
}

/** Trims white space as Unicode has it (with U+0085, without U+FEFF: unlike JavaScript's). */
export function trimSpace(text: string): string {
  return trim(text, space);
}

const space =
  "\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009" +
  "\u200a\u2028\u2029\u202f\u205f\u3000";

/** The text without `prefix`, when it starts with it. */
export function trimPrefix(text: string, prefix: string): string {
  return text.startsWith(prefix) ? text.slice(prefix.length) : text;
}

/** The text without `suffix`, when it ends with it. */
export function trimSuffix(text: string, suffix: string): string {
  return text.endsWith(suffix) ? text.slice(0, text.length - suffix.length) : text;
}

/** Byte offset of the first `part`, or -1. */
export function indexOf(text: string, part: string): number {
  return byteIndex(text, text.indexOf(part));
}

/** Byte offset of the last `part`, or -1. */
export function lastIndexOf(text: string, part: string): number {
  return byteIndex(text, text.lastIndexOf(part));
}

/** Byte offset of the first code point that is in `chars`, or -1. */
export function indexOfAny(text: string, chars: string): number {
  const set = new Set(chars);
  let at = 0;
  for (const point of text) {
    if (set.has(point)) return utf8Length(text, at);
    at += point.length;
  }
  return -1;
}

/** Byte offset of the last code point that is in `chars`, or -1. */
export function lastIndexOfAny(text: string, chars: string): number {
  const set = new Set(chars);
  for (let to = text.length; to > 0;) {
    const from = to - lastWidth(text, to);
    if (set.has(text.slice(from, to))) return utf8Length(text, from);
    to = from;
  }
  return -1;
}

/** Whether any code point of `chars` is in the text. */
export function containsAny(text: string, chars: string): boolean {
  return indexOfAny(text, chars) >= 0;
}

/** How often `part` occurs without overlap; the empty part once more than there are code points. */
export function countOf(text: string, part: string): number {
  if (part === "") return codePointCount(text) + 1;
  let count = 0;
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) count++;
  return count;
}

/**
 * Pieces between separators, at most `limit` of them; all when `limit` is negative, none when it
 * is 0. The empty separator splits into code points.
 */
export function split(text: string, separator: string, limit = -1): string[] {
  return splitKeeping(text, separator, { limit, keep: 0 });
}

/** As `split`, and each piece keeps the separator behind it. */
export function splitAfter(text: string, separator: string, limit = -1): string[] {
  return splitKeeping(text, separator, { limit, keep: separator.length });
}

function splitKeeping(
  text: string,
  separator: string,
  { limit, keep }: { limit: number; keep: number },
): string[] {
  if (limit === 0) return [];
  if (separator === "") return explode(text, limit);
  const pieces: string[] = [];
  let from = 0;
  for (let at = text.indexOf(separator); at >= 0; at = text.indexOf(separator, from)) {
    if (limit > 0 && pieces.length === limit - 1) break;
    pieces.push(text.slice(from, at + keep));
    from = at + separator.length;
  }
  pieces.push(text.slice(from));
  return pieces;
}

function explode(text: string, limit: number): string[] {
  const points = [...text];
  if (limit < 0 || points.length <= limit) return points;
  return [...points.slice(0, limit - 1), points.slice(limit - 1).join("")];
}

/**
 * Replaces the first `limit` occurrences, all when negative. The empty part stands before each
 * code point and at the end.
 */
export function replace(text: string, part: string, by: string, limit: number): string {
  const count = limit < 0 ? Infinity : limit;
  if (part === "") return replaceEmpty(text, by, count);
  let result = "";
  let from = 0;
  for (let n = 0; n < count; n++) {
    const at = text.indexOf(part, from);
    if (at < 0) break;
    result += text.slice(from, at) + by;
    from = at + part.length;
  }
  return result + text.slice(from);
}

function replaceEmpty(text: string, by: string, count: number): string {
  let result = "";
  let at = 0;
  for (let n = 0; n < count; n++) {
    result += by;
    if (at >= text.length) return result;
    const width = pointWidth(text, at);
    result += text.slice(at, at + width);
    at += width;
  }
  return result + text.slice(at);
}

/** Whether the text is one ASCII digit. `strings.isDigit` refuses anything but one byte. */
export function isDigit(text: string): boolean {
  return /^[0-9]$/.test(text);
}

/** Whether the text is one ASCII letter. */
export function isLetter(text: string): boolean {
  return /^[A-Za-z]$/.test(text);
}

/** Whether the text is one lower-case ASCII letter. */
export function isLower(text: string): boolean {
  return /^[a-z]$/.test(text);
}

/** Whether the text is one upper-case ASCII letter. */
export function isUpper(text: string): boolean {
  return /^[A-Z]$/.test(text);
}

function byteIndex(text: string, unit: number): number {
  return unit < 0 ? -1 : utf8Length(text, unit);
}

/** UTF-16 units, 1 or 2, of the code point that ends before an index. */
function lastWidth(text: string, to: number): number {
  return to >= 2 && pointWidth(text, to - 2) === 2 ? 2 : 1;
}

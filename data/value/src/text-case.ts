import { caseExceptions } from "./text-case-table.ts";

/** Upper case, code point by code point: `ß` stays, there is no final sigma. */
export function toUpper(text: string): string {
  return isAscii(text) ? text.toUpperCase() : mapPoints(text, upperPoint);
}

/** Lower case, code point by code point: `İ` becomes `i`. */
export function toLower(text: string): string {
  return isAscii(text) ? text.toLowerCase() : mapPoints(text, lowerPoint);
}

/** Title case of every character: as upper case but for the digraphs such as `ǆ` (`ǅ`). */
export function toTitle(text: string): string {
  return isAscii(text) ? text.toUpperCase() : mapPoints(text, titlePoint);
}

/** Title case of the first character of each word: `strings.title`. */
export function title(text: string): string {
  let result = "";
  let previous = " ";
  for (const point of text) {
    result += isSeparator(previous) ? titlePoint(point) : point;
    previous = point;
  }
  return result;
}

/** Whether two texts are equal when case is ignored (Unicode's simple folding). */
export function equalFold(a: string, b: string): boolean {
  return a === b || foldCase(a) === foldCase(b);
}

/** A text that is the same for all texts that `equalFold` finds equal. */
export function foldCase(text: string): string {
  return isAscii(text) ? text.toLowerCase() : mapPoints(text, foldPoint);
}

export function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}

function mapPoints(text: string, map: (point: string) => string): string {
  let result = "";
  for (const point of text) result += map(point);
  return result;
}

function upperPoint(point: string): string {
  const known = caseExceptions.upper.get(point);
  return known ?? single(point.toUpperCase(), point);
}

function lowerPoint(point: string): string {
  const known = caseExceptions.lower.get(point);
  return known ?? single(point.toLowerCase(), point);
}

function titlePoint(point: string): string {
  return caseExceptions.title.get(point) ?? upperPoint(point);
}

function foldPoint(point: string): string {
  return caseExceptions.fold.get(point) ?? lowerPoint(upperPoint(point));
}

/** JavaScript may map one code point to several (`ß` to `SS`): such a mapping is no simple one. */
function single(mapped: string, original: string): string {
  const width = (mapped.codePointAt(0) ?? 0) > 0xffff ? 2 : 1;
  return mapped.length === width ? mapped : original;
}

/** Letters, digits and `_` join a word; other ASCII and spaces end it; other signs do not. */
function isSeparator(point: string): boolean {
  if (point <= "\x7f") return !/[A-Za-z0-9_]/.test(point);
  return /\s|\u0085/u.test(point) && point !== "\ufeff";
}

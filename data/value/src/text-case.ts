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

/** Whether all code points are below U+0080. */
function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}

function mapPoints(text: string, map: (point: string) => string): string {
  let result = "";
  for (const point of text) result += map(point);
  return result;
}

// Case pairs that came with Unicode 16 and 17. Upstream's tables are those of Unicode 15, and the
// platform's depend on its version: without them both agree.
const newerPairs = new RegExp(
  "[\u{19b}\u{264}\u{1c89}\u{1c8a}\u{a7cb}-\u{a7cf}\u{a7d2}-\u{a7d5}\u{a7da}-\u{a7dc}" +
    "\u{10d50}-\u{10d65}\u{10d70}-\u{10d85}\u{16ea0}-\u{16eb8}\u{16ebb}-\u{16ed3}]",
  "u",
);

// Lower-case Greek letters with iota subscript and how far away their capitals are. JavaScript
// writes the iota as a letter of its own.
const iotaSubscripts: readonly (readonly [RegExp, number])[] = [
  [/[\u1f80-\u1f87\u1f90-\u1f97\u1fa0-\u1fa7]/, 8],
  [/[\u1fb3\u1fc3\u1ff3]/, 9],
];

function upperPoint(point: string): string {
  if (newerPairs.test(point)) return point;
  for (const [points, distance] of iotaSubscripts) {
    if (points.test(point)) return String.fromCharCode(point.charCodeAt(0) + distance);
  }
  return single(point.toUpperCase(), point);
}

function lowerPoint(point: string): string {
  if (point === "\u0130") return "i";
  return newerPairs.test(point) ? point : single(point.toLowerCase(), point);
}

const digraphs = [
  "\u01c4\u01c5\u01c6",
  "\u01c7\u01c8\u01c9",
  "\u01ca\u01cb\u01cc",
  "\u01f1\u01f2\u01f3",
];
const georgian = /[\u10d0-\u10fa\u10fd-\u10ff]/;

function titlePoint(point: string): string {
  // Georgian capitals are for whole words only, so a title keeps the ordinary letters.
  if (georgian.test(point)) return point;
  return digraphs.find((forms) => forms.includes(point))?.[1] ?? upperPoint(point);
}

function foldPoint(point: string): string {
  // The dotted capital and the dotless small i are equal to themselves only.
  return point === "\u0130" || point === "\u0131" ? point : lowerPoint(upperPoint(point));
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

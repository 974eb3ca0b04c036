import { utf8 } from "@tocsin/platform/host";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  containsAny,
  countOf,
  indexOf,
  indexOfAny,
  isDigit,
  isLetter,
  isLower,
  isUpper,
  lastIndexOf,
  lastIndexOfAny,
  replace,
  split,
  splitAfter,
  trim,
  trimLeft,
  trimPrefix,
  trimRight,
  trimSpace,
  trimSuffix,
} from "../src/go-text.ts";
import { quoteMeta } from "../src/regexp.ts";
import { equalFold, foldCase, title, toLower, toTitle, toUpper } from "../src/text-case.ts";
import {
  codePointCount,
  codePointSlice,
  compareUtf8,
  unitIndex,
  utf8Length,
} from "../src/utf8-order.ts";
import golden from "./golden/strings.json" with { type: "json" };

test.each(golden.rows)("strings.* of %j", (...row) => {
  const [v, t, u] = (row[0] as string[]).map(String);
  expect({
    trim: trim(v, t),
    tl: trimLeft(v, t),
    tr: trimRight(v, t),
    ts: trimSpace(v),
    tp: trimPrefix(v, t),
    tsx: trimSuffix(v, t),
    ix: indexOf(v, t),
    lix: lastIndexOf(v, t),
    ia: indexOfAny(v, t),
    lia: lastIndexOfAny(v, t),
    n: countOf(v, t),
    sp: split(v, t),
    sp0: null,
    sp2: split(v, t, 2),
    sa: splitAfter(v, t),
    sa3: splitAfter(v, t, 3),
    rp: replace(v, t, u, -1),
    rp2: replace(v, t, u, 2),
    cmp: Math.sign(compareUtf8(v, t)),
    ef: equalFold(v, t),
    ti: title(v),
    up: toUpper(v),
    lo: toLower(v),
    qm: quoteMeta(v),
  }).toEqual(row[1]);
  expect(split(v, t, 0)).toEqual([]);
  expect(containsAny(v, t)).toBe(indexOfAny(v, t) >= 0);
});

test.each([
  ["ß", "ß", "ß", "ß"],
  ["İ", "İ", "i", "İ"],
  ["Σ", "Σ", "σ", "Σ"],
  ["ς", "Σ", "ς", "Σ"],
  ["ǆ", "Ǆ", "ǆ", "ǅ"],
  ["ა", "Ა", "ა", "ა"],
  ["ᾳ", "ᾼ", "ᾳ", "ᾼ"],
  ["ﬁ", "ﬁ", "ﬁ", "ﬁ"],
  ["\u{10d70}", "\u{10d70}", "\u{10d70}", "\u{10d70}"],
])("case of %s: upper %s, lower %s, title %s", (text, upper, lower, titled) => {
  expect([toUpper(text), toLower(text), toTitle(text)]).toEqual([upper, lower, titled]);
});

test("folding joins letters that differ in case only", () => {
  for (const [a, b] of ["Kk\u212a", "Ssſ", "Σσς", "ßẞ", "Åå\u212b"].map((same) => [...same])) {
    expect([a, b, equalFold(a, b)]).toEqual([a, b, true]);
  }
  for (const other of ["i", "I", "ı"]) expect(equalFold("İ", other)).toBe(false);
  expect(equalFold("ı", "I")).toBe(false);
});

test("classes are for one ASCII character", () => {
  expect(["7", "77", "٣", ""].map(isDigit)).toEqual([true, false, false, false]);
  expect(["a", "Z", "é", "1"].map(isLetter)).toEqual([true, true, false, false]);
  expect(["a", "A"].map(isLower)).toEqual([true, false]);
  expect(["a", "A"].map(isUpper)).toEqual([false, true]);
});

const point = fc.constantFrom(
  "a",
  "b",
  "é",
  "日",
  "\uffff",
  "\ue000",
  "😀",
  "\u{10ffff}",
  "\ud7ff",
);
const text = fc.oneof(
  fc.array(point, { maxLength: 6 }).map((points) => points.join("")),
  fc.string({ unit: "binary" }),
);

function compareBytes(a: string, b: string): number {
  const [left, right] = [utf8.encode(a), utf8.encode(b)];
  const at = left.findIndex((byte, i) => byte !== right[i]);
  if (at < 0) return left.length - right.length;
  return at < right.length ? left[at] - right[at] : 1;
}

test("text is ordered by its UTF-8 bytes", () => {
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(Math.sign(compareUtf8(a, b))).toBe(Math.sign(compareBytes(a, b)));
    }),
    { numRuns: 2000 },
  );
});

test("bytes, units and code points are counted alike", () => {
  fc.assert(
    fc.property(
      text,
      fc.integer({ min: -2, max: 8 }),
      fc.integer({ min: -2, max: 8 }),
      (a, i, j) => {
        const points = [...a];
        expect(utf8Length(a)).toBe(utf8.encode(a).length);
        expect(codePointCount(a)).toBe(points.length);
        const from = Math.min(Math.max(i, 0), points.length);
        expect(codePointSlice(a, i, j)).toBe(points.slice(from, Math.max(from, j)).join(""));
        const before = points.slice(0, from).join("");
        expect(unitIndex(a, utf8.encode(before).length)).toBe(before.length);
      },
    ),
    { numRuns: 1000 },
  );
});

test("folded texts are equal exactly when equalFold says so", () => {
  fc.assert(
    fc.property(text, (a) => {
      expect(equalFold(a, foldCase(a))).toBe(true);
      expect(equalFold(a, `${a}x`)).toBe(false);
    }),
  );
});

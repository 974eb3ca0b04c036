import fc from "fast-check";
import { expect, test } from "vitest";
import { finished, seeded } from "@tocsin/platform/host";
import { sortedBy } from "../src/digit-sort.ts";
import { numberWords, wordRanks } from "../src/number-order.ts";
import { textRanks } from "../src/text-order.ts";

/** Places in the order that a comparing sort gives; equal ones share theirs. */
function ranksBy<One>(all: readonly One[], compare: (a: One, b: One) => number): number[] {
  const order = all.map((_, i) => i).sort((a, b) => compare(all[a], all[b]));
  const ranks: number[] = [];
  let rank = 0;
  order.forEach((one, i) => {
    if (i > 0 && compare(all[order[i - 1]], all[one]) !== 0) rank += 1;
    ranks[one] = rank;
  });
  return ranks;
}

function rankedTexts(texts: readonly Uint8Array[]): number[] {
  const offsets = new Uint32Array(texts.length + 1);
  texts.forEach((text, i) => (offsets[i + 1] = offsets[i] + text.length));
  const bytes = new Uint8Array(offsets[texts.length]);
  texts.forEach((text, i) => bytes.set(text, offsets[i]));
  const chosen = Uint32Array.from(texts, (_, i) => i);
  return [...finished(textRanks({ bytes, offsets }, chosen))];
}

test("texts have the ranks that comparing their bytes gives", () => {
  const text = fc.uint8Array({ maxLength: 20, max: 3 });
  const property = fc.property(fc.array(text, { maxLength: 60 }), (texts) => {
    expect(rankedTexts(texts)).toEqual(ranksBy(texts, (a, b) => Buffer.compare(a, b)));
  });
  fc.assert(property, { seed: 11 });
});

test("so do many texts, alike at their beginning and with zero bytes at their end", () => {
  const random = seeded(3);
  const texts = Array.from({ length: 12_000 }, () => {
    const length = Math.floor(random.next() * 22);
    const bytes = Uint8Array.from({ length }, () => (random.next() < 0.9 ? 0 : 1));
    return Buffer.concat([Buffer.from(random.next() < 0.5 ? "request-" : "req"), bytes]);
  });
  expect(rankedTexts(texts)).toEqual(ranksBy(texts, (a, b) => Buffer.compare(a, b)));
});

test("numbers of each kind have the ranks that comparing them gives", () => {
  const random = seeded(4);
  const floats = [...new Set(Array.from({ length: 9000 }, () => random.next() * 2e3 - 1e3))];
  const data = Float64Array.from(floats);
  const words = numberWords({ kind: "float", form: "flat", data, valid: undefined });
  expect([...finished(wordRanks(words))]).toEqual(ranksBy(floats, (a, b) => a - b));
  const ints = floats.map((value) => BigInt(Math.round(value * 1e15)));
  const signed = BigInt64Array.from(ints);
  const whole = numberWords({ kind: "int", form: "flat", data: signed, valid: undefined });
  expect([...finished(wordRanks(whole))]).toEqual(
    ranksBy(ints, (a, b) => (a < b ? -1 : a > b ? 1 : 0)),
  );
});

test("a sort in steps keeps the order of equal ones", () => {
  const random = seeded(5);
  const keys = Array.from({ length: 20_000 }, () => Math.floor(random.next() * 50));
  const numbers = Uint32Array.from(keys, (_, i) => i);
  const sorted = finished(sortedBy(numbers.slice(), (a, b) => keys[a] - keys[b]));
  expect([...sorted]).toEqual([...numbers].sort((a, b) => keys[a] - keys[b] || a - b));
});

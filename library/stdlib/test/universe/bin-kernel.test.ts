import { isValid } from "@tocsin/data/column";
import { seeded } from "@tocsin/platform/host";
import { expect, test } from "vitest";
import { BinKernel } from "../../src/universe/bin-kernel.ts";

const seed = 20261128;

test(`values are counted, and added to what was counted, as by looking at each bound (seed ${seed})`, () => {
  const random = seeded(seed);
  for (const size of [1, 3, 7, 15, 31, 63, 1023]) {
    const some = Array.from({ length: size }, () => Math.floor(random.next() * 50) - 25);
    const bounds = Float64Array.from(some.toSorted((a, b) => a - b));
    if (size === 7 || size === 31) bounds.fill(Infinity, (size + 1) / 2);
    if (size === 15) bounds.fill(Infinity, 13);
    const kernel = BinKernel.of(bounds);
    expect(kernel).toBeDefined();
    const strange = [Number.NaN, Infinity, -Infinity, -0];
    const values = Float64Array.from({ length: 40_000 }, (_, i) => {
      const value = Math.floor(random.next() * 120) / 2 - 30;
      return i % 97 === 0 ? strange[i % strange.length] : value;
    });
    const bits = (): number => Math.floor(random.next() * 256);
    for (const valid of [undefined, Uint8Array.from({ length: 5000 }, bits), undefined]) {
      const counts = new Float64Array(size + 1);
      const expected = new Float64Array(size + 1);
      for (const [from, to] of [
        [0, values.length],
        [777, 20_001],
        [5, 5],
        [39_993, 39_999],
      ]) {
        for (let row = from; row < to; row++) {
          if (!isValid(valid, row)) continue;
          const found = bounds.findIndex((bound) => values[row] <= bound);
          expected[found < 0 ? size : found]++;
        }
        kernel?.count({ data: values, valid }, { from, to }, counts);
        expect(counts).toEqual(expected);
      }
    }
  }
  expect(BinKernel.of(new Float64Array(2047))).toBeUndefined();
});

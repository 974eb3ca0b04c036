import { seeded } from "@tocsin/platform/host";
import { expect, test } from "vitest";
import { SpreadSorter } from "../../src/universe/spread-sort.ts";

const seed = 20261128;

test(`numbers of any distribution are sorted (seed ${seed})`, () => {
  const random = seeded(seed);
  const made: readonly ((i: number) => number)[] = [
    () => random.next() * 100 - 50,
    () => Math.exp(random.next() * 40),
    () => Math.floor(random.next() * 5),
    (i) => -i,
    () => 7,
    (i) => (i === 3 ? Infinity : random.next()),
    (i) => (i === 5 ? 1.7e308 : -1.7e308 * random.next()),
    () => random.next() * 5e-324 * 100,
  ];
  const sorter = new SpreadSorter();
  for (const size of [0, 1, 2, 63, 64, 1000, 8001, 100]) {
    for (const cell of made) {
      const values = Float64Array.from({ length: size }, (_, i) => cell(i));
      const expected = values.slice().sort();
      sorter.sort(values);
      expect(values).toEqual(expected);
    }
  }
});

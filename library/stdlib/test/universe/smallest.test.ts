import { seeded } from "@tocsin/platform/host";
import fc from "fast-check";
import { expect, test } from "vitest";
import { nextSmallest, smallest } from "../../src/universe/smallest.ts";

/** The two zeros are equal here. */
function expectSmallest(given: Float64Array, place: number): void {
  const numbers = given.filter((value) => !Number.isNaN(value)).sort();
  const sorted = new Float64Array(given.length).fill(Number.NaN);
  sorted.set(numbers, given.length - numbers.length);
  const values = given.slice();
  const found = smallest(values, place);
  expect(found + 0).toBe(sorted[place] + 0);
  if (place + 1 < given.length)
    expect(nextSmallest(values, place, found) + 0).toBe(sorted[place + 1] + 0);
}

test("the value at a place is the one that sorting puts there", () => {
  const some = fc.array(fc.double(), { minLength: 1, maxLength: 40 });
  const few = fc.array(fc.constantFrom(1, 2, 3, Number.NaN), { minLength: 1, maxLength: 40 });
  const property = fc.property(fc.oneof(some, few), fc.nat(), (given, number) =>
    expectSmallest(Float64Array.from(given), number % given.length),
  );
  fc.assert(property, { seed: 8, numRuns: 500 });
});

const seed = 20261128;

test(`so it is of many values of any distribution (seed ${seed})`, () => {
  const random = seeded(seed);
  const made: readonly ((i: number) => number)[] = [
    () => random.next() * 100 - 50,
    () => Math.exp(random.next() * 400 - 200),
    () => Math.floor(random.next() * 5),
    (i) => -i,
    () => 7,
    (i) => (i === 3 ? Infinity : random.next()),
    (i) => (i === 5 ? 1.7e308 : -1.7e308 * random.next()),
    () => random.next() * 5e-324 * 100,
    () => (random.next() < 0.1 ? NaN : random.next() < 0.1 ? random.next() * 1e6 : random.next()),
    (i) => (i % 3 === 0 ? NaN : -0),
  ];
  for (const cell of made) {
    const values = Float64Array.from({ length: 9000 }, (_, i) => cell(i));
    for (const place of [0, 1, 4500, 8998, 8999, Math.floor(random.next() * 9000)])
      expectSmallest(values, place);
  }
});

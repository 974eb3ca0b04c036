import fc from "fast-check";
import { expect, test } from "vitest";
import { smallest } from "../../src/universe/smallest.ts";

test("the value at a place is the one that sorting puts there", () => {
  const some = fc.array(fc.double(), { minLength: 1, maxLength: 40 });
  const few = fc.array(fc.constantFrom(1, 2, 3, Number.NaN), { minLength: 1, maxLength: 40 });
  const property = fc.property(fc.oneof(some, few), fc.nat(), (given, number) => {
    const place = number % given.length;
    const sorted = Float64Array.from(given).sort();
    // The two zeros are equal here.
    expect(smallest(Float64Array.from(given), place) + 0).toBe(sorted[place] + 0);
  });
  fc.assert(property, { seed: 8, numRuns: 500 });
});

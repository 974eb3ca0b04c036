import { expect, test } from "vitest";
import { batches, measure } from "../../../benchmarks/row-functions.ts";

test("generated loops give the answers of loops written by hand", () => {
  const results = measure(batches(3000), 1);
  expect(results.map((one) => [one.name, one.answer])).toMatchInlineSnapshot(`
    [
      [
        "filter, float and string",
        2344,
      ],
      [
        "filter, integers",
        476472,
      ],
      [
        "map, arithmetic",
        166.74570182710886,
      ],
    ]
  `);
});

import { expect, test } from "vitest";
import { measure } from "../../../benchmarks/tables.ts";

test("the benchmark of tables gives equal answers on both sides", async () => {
  const ratios = await measure(2000, 1);
  expect(ratios.map(({ name }) => name)).toHaveLength(3);
});

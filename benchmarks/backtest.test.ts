import { expect, test } from "vitest";
import { measured } from "./backtest.ts";

test("the benchmark of backtests runs, and its script pages", async () => {
  const { runs, pages } = await measured(4, 1);
  expect(runs).toBe(1440);
  expect(pages).toBeGreaterThan(0);
});

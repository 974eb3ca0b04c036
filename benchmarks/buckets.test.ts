import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type BucketOutcome, compareBuckets } from "./buckets.ts";
import { inProcess } from "./in-process.ts";

test("every case of the buckets runs, with DuckDB's answers", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tocsin-buckets-"));
  const outcomes: BucketOutcome[] = [];
  try {
    const plan = { points: 3000, rounds: 1, only: "", folder, tocsin: inProcess };
    await compareBuckets(plan, (outcome) => outcomes.push(outcome));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  expect(outcomes.filter(({ equal }) => !equal).map(({ name }) => name)).toEqual([]);
  expect(outcomes.length).toBe(10);
}, 60_000);

import fc from "fast-check";
import { expect, test } from "vitest";
import type { Batch } from "@tocsin/data/column";
import { RunCounts, RunDurations } from "../../src/universe/state-runs.ts";

const int64 = fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n });
const near = fc.bigInt({ min: 0n, max: 2n ** 40n });

const batchOf = (rows: number): Batch => ({
  schema: [],
  columns: [],
  rows,
  tableEnds: Uint32Array.of(rows),
  open: true,
});

test("runs are counted and timed across batches, whatever their length", () => {
  const property = fc.property(
    fc.array(fc.tuple(fc.oneof(int64, near), fc.boolean()), { minLength: 1, maxLength: 30 }),
    fc.constantFrom(1n, 7n, 1_000_000_000n, 2n ** 55n),
    fc.nat(30),
    // Rows are looked at in calls of a few hundred.
    fc.constantFrom(1, 1, 1, 40),
    (some, unit, number, often) => {
      const given = Array.from({ length: often }, () => some).flat();
      const times = given.map(([t]) => t).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
      const states = given.map(([, state]) => state);
      let since: bigint | undefined;
      let count = 0n;
      const expected = times.map((t, row) => {
        since = states[row] ? (since ?? t) : undefined;
        count = states[row] ? count + 1n : 0n;
        return [since === undefined ? -1n : (t - since) / unit, count === 0n ? -1n : count];
      });
      const counts = new RunCounts();
      const durations = new RunDurations(unit);
      const cut = (number * often) % given.length;
      const found: bigint[][] = [];
      for (const [from, to] of [
        [0, cut],
        [cut, given.length],
      ]) {
        const matches = Uint8Array.from(states.slice(from, to), Number);
        const data = BigInt64Array.from(times.slice(from, to));
        const column = { kind: "time", form: "flat", data, valid: undefined } as const;
        const batch = batchOf(to - from);
        const lasted = durations.column(batch, { times: column, matches }, from > 0);
        const counted = counts.column(batch, matches, from > 0);
        lasted.forEach((duration, i) => found.push([duration, counted[i]]));
      }
      expect(found).toEqual(expected);
    },
  );
  fc.assert(property, { seed: 4, numRuns: 400 });
});

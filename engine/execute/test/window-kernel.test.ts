import fc from "fast-check";
import { expect, test } from "vitest";
import { WindowKernel } from "../src/window-kernel.ts";
import { NOWHERE } from "../src/window-list.ts";

const int64 = fc.bigInt({ min: -(2n ** 61n), max: 2n ** 61n });
/** Edges that lie evenly, nearly so, or anyhow; some windows have no length. */
const lengths = fc.oneof(
  fc.constant([5n, 5n, 5n, 5n, 5n]),
  fc.array(fc.constantFrom(28n, 30n, 31n, 0n), { minLength: 1, maxLength: 40 }),
  fc.array(fc.bigInt({ min: 0n, max: 2n ** 54n }), { minLength: 1, maxLength: 20 }),
);

/** The last window that begins at or before a time, unless it has ended. */
function numberOf(edges: readonly bigint[], time: bigint): number {
  if (time < edges[0] || time >= (edges.at(-1) ?? 0n)) return NOWHERE;
  return edges.findLastIndex((edge) => edge <= time);
}

test("machine code finds the windows of times, in whatever order they come", () => {
  const property = fc.property(
    int64,
    lengths,
    fc.array(fc.tuple(fc.nat(), fc.integer({ min: -2, max: 2 })), { maxLength: 60 }),
    fc.boolean(),
    (first, each, picks, sorted) => {
      const edges = [first];
      for (const length of each) edges.push((edges.at(-1) ?? 0n) + length);
      const near = picks.map(([at, by]) => edges[at % edges.length] + BigInt(by));
      const times = sorted ? near.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)) : near;
      const span = (edges.at(-1) ?? 0n) - first;
      const density = span === 0n ? 0 : each.length / Number(span);
      const kernel = WindowKernel.of(BigInt64Array.from(edges), density);
      const numbers = new Uint32Array(times.length);
      kernel?.number(BigInt64Array.from([0n, ...times]), 1, times.length + 1, numbers);
      expect([...numbers]).toEqual(times.map((time) => numberOf(edges, time)));
    },
  );
  fc.assert(property, { seed: 4, numRuns: 300 });
});

test("more times than it has room for are numbered in parts", () => {
  const edges = BigInt64Array.from({ length: 1001 }, (_, i) => BigInt(i) * 7n);
  const times = BigInt64Array.from({ length: 50_000 }, (_, i) => BigInt((i * 7919) % 8000));
  const numbers = new Uint32Array(times.length);
  WindowKernel.of(edges, 1 / 7)?.number(times, 0, times.length, numbers);
  const expected = Array.from(times, (t) => (t < 7000n ? Number(t / 7n) : NOWHERE));
  expect([...numbers]).toEqual(expected);
});

import { History } from "@tocsin/adapters/buckets";
import { seeded } from "@tocsin/platform/host";
import type { BucketRead, Buckets, Point, StoragePredicate } from "@tocsin/engine/plan";
import { expect, test } from "vitest";
import { OverlayBuckets } from "@tocsin/adapters/buckets";
import { answer, places } from "./places.ts";

const second = 1_000_000_000n;
const hosts = ["a", "b", "c"];

/** Chance as whole numbers. */
function dice(seed: number): (sides: number) => number {
  const random = seeded(seed);
  return (sides) => Math.floor(random.next() * sides);
}

/** Points of several series, measurements and types over 1000 seconds, some of them twice. */
function linesOf(roll: (sides: number) => number): string {
  const lines = Array.from({ length: 300 }, () => {
    const host = hosts[roll(3)];
    const region = roll(2) === 0 ? "" : `,region=eu`;
    const field = ["load=1.5", `load=${roll(10)}.25`, `count=${roll(9)}i`, `note="n${roll(3)}"`][
      roll(4)
    ];
    return `${["cpu", "disk"][roll(2)]},host=${host}${region} ${field} ${roll(1000)}000000000`;
  });
  return `${lines.join("\n")}\n`;
}

const text = (column: string, operator: "==" | "!=" | "=~", value: string): StoragePredicate => ({
  kind: "comparison",
  column,
  operator,
  literal: { kind: operator === "=~" ? "regexp" : "string", value },
});

function conditionOf(roll: (sides: number) => number): StoragePredicate | undefined {
  const conditions: (StoragePredicate | undefined)[] = [
    undefined,
    text("host", "==", "a"),
    text("region", "!=", "eu"),
    text("host", "=~", "^[ab]$"),
    { kind: "comparison", column: "_value", operator: ">", literal: { kind: "float", value: 3 } },
    { kind: "and", left: text("_measurement", "==", "cpu"), right: text("_field", "==", "load") },
    { kind: "exists", column: "region" },
  ];
  return conditions[roll(conditions.length)];
}

function readAt(now: bigint, roll: (sides: number) => number): BucketRead {
  const predicate = conditionOf(roll);
  const start = now - BigInt(1 + roll(300)) * second;
  const every = BigInt(7 + roll(60)) * second;
  const kind = roll(4);
  // Text has no mean, so aggregates that all types have.
  const name = (["first", "last", "count"] as const)[roll(3)];
  return {
    bucket: "b",
    start,
    stop: roll(5) === 0 ? now + 10n * second : now,
    ...(predicate === undefined ? {} : { predicate }),
    ...(kind === 0 ? { aggregate: { function: name } } : {}),
    ...(kind === 1
      ? { aggregate: { function: name, window: { every, offset: 0n, createEmpty: roll(2) === 0 } } }
      : {}),
  };
}

/** What a bucket says, or why it says nothing. */
async function said(buckets: Buckets, request: BucketRead): Promise<unknown> {
  return answer(buckets, request).catch((error: unknown) => String(error));
}

for (const place of ["memory", "embedded"]) {
  test(`${place}: history answers as the bucket does, at each moment`, async () => {
    for (const seed of place === "memory" ? [1, 2, 3] : [1]) {
      const roll = dice(seed);
      const below = await places[place](linesOf(roll));
      const history = new History(below, 0n, 1000n * second).overlay();
      for (let moment = 20n; moment < 1000n; moment += 20n) {
        const now = moment * second;
        const request = readAt(now, roll);
        expect(await said(history.at(now), request), `seed ${seed} at ${moment}`).toEqual(
          await said(below, request),
        );
      }
    }
  });
}

test("what runs write is seen by later reads, as in a dry run, and by no other overlay", async () => {
  for (const seed of [4, 5, 6, 7]) {
    const roll = dice(seed);
    const below = await places["memory"](linesOf(roll));
    const history = new History(below, 0n, 1000n * second);
    const [written, untouched] = [history.overlay(), history.overlay()];
    const peer = new OverlayBuckets(below);
    for (let moment = 20n; moment < 1000n; moment += 40n) {
      const now = moment * second;
      const points = Array.from({ length: roll(4) }, (): Point => ({
        measurement: ["cpu", "made"][roll(2)],
        tags: [["host", [...hosts, "new"][roll(4)]]],
        fields: [["load", "float", roll(100) / 4]],
        time: now - BigInt(roll(200)) * second,
      }));
      for (const one of [written.at(now), peer]) await one.write("b", points);
      const request = readAt(now, roll);
      expect(await said(written, request), `seed ${seed} at ${moment}`).toEqual(
        await said(peer, request),
      );
      expect(await said(untouched.at(now), request)).toEqual(await said(below, request));
    }
  }
});

test("each bucket is scanned once for a condition, however many runs read it", async () => {
  const below = await places["memory"](linesOf(dice(8)));
  let reads = 0;
  const counting: Buckets = {
    read: (request, signal) => {
      reads += 1;
      return below.read(request, signal);
    },
    pushes: (bucket) => below.pushes(bucket),
    write: (bucket, points) => below.write(bucket, points),
    list: () => below.list(),
  };
  const history = new History(counting, 400n * second, 900n * second).overlay();
  for (let moment = 400n; moment < 900n; moment += 10n) {
    const now = moment * second;
    await said(history.at(now), { bucket: "b", start: now - 60n * second, stop: now });
  }
  expect(reads).toBe(1);
  const condition = (n: number): BucketRead => ({
    ...{ bucket: "b", start: 300n * second, stop: 500n * second },
    predicate: text("host", "==", String(n)),
  });
  for (let n = 0; n < 50; n++) await said(history.at(400n * second), condition(n));
  expect(reads).toBeLessThan(12);
});

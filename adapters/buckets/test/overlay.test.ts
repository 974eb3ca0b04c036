import { OverlayBuckets } from "@tocsin/adapters/buckets";
import type { Point } from "@tocsin/engine/plan";
import { expect, test } from "vitest";
import { answer, places, readOf } from "./places.ts";

const lines = `cpu,host=a load=1 1000000000
cpu,host=a load=2 2000000000
cpu,host=b load=7 1000000000
`;

const second = 1_000_000_000n;
const load = (host: string, value: number, time: bigint): Point => ({
  measurement: "cpu",
  tags: [["host", host]],
  fields: [["load", "float", value]],
  time: time * second,
});

for (const place of ["memory", "embedded"]) {
  test(`${place}: writes are seen by later reads, and nothing is written`, async () => {
    const below = await places[place](lines);
    const overlay = new OverlayBuckets(below);
    await overlay.write("b", [load("a", 20, 2n), load("c", 3, 3n), load("a", 4, 4n)]);
    expect(await answer(overlay, readOf())).toEqual([
      "cpu load host=a: 1=1 2=20 4=4",
      "cpu load host=b: 1=7",
      "cpu load host=c: 3=3",
    ]);
    expect(await answer(below, readOf())).toEqual([
      "cpu load host=a: 1=1 2=2",
      "cpu load host=b: 1=7",
    ]);
    expect(overlay.written()).toEqual(new Map([["b", 3]]));
  });

  test(`${place}: conditions and aggregates see what is written over`, async () => {
    const overlay = new OverlayBuckets(await places[place](lines));
    await overlay.write("b", [load("a", 20, 1n), load("b", 0, 1n)]);
    const high = {
      kind: "comparison",
      column: "_value",
      operator: ">",
      literal: { kind: "float", value: 5 },
    } as const;
    expect(await answer(overlay, readOf({ predicate: high }))).toEqual(["cpu load host=a: 1=20"]);
    expect((await overlay.pushes("b")).has("sum")).toBe(true);
    expect(await answer(overlay, readOf({ aggregate: { function: "sum" } }))).toEqual([
      "cpu load host=a: 22",
      "cpu load host=b: 0",
    ]);
  });

  test(`${place}: a bucket that does not exist comes into being in the dry run only`, async () => {
    const below = await places[place](lines);
    const overlay = new OverlayBuckets(below);
    await expect(answer(overlay, readOf({ bucket: "new" }))).rejects.toThrow("new");
    await overlay.write("new", [load("a", 1, 1n)]);
    expect(await answer(overlay, readOf({ bucket: "new" }))).toEqual(["cpu load host=a: 1=1"]);
    expect((await overlay.list()).map(({ name }) => name)).toEqual(["b", "new"]);
  });
}

test("a bucket that can only be read refuses the dry run's writes too", async () => {
  const overlay = new OverlayBuckets(await places["file"](lines));
  await expect(overlay.write("b", [load("a", 1, 1n)])).rejects.toThrow("can only be read");
});

test("what a bucket refuses, the dry run refuses", async () => {
  const overlay = new OverlayBuckets(await places["memory"](lines));
  const text: Point = { ...load("n", 1, 1n), fields: [["load", "string", "high"]] };
  await expect(overlay.write("b", [load("n", 2, 1n), text])).rejects.toThrow("1 of 2 points");
});

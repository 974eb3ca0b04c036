import { recordingDeliveries } from "@tocsin/alerting/oncall";
import { MemoryBuckets } from "@tocsin/adapters/buckets";
import { compileScript, Profiler, runProgram } from "@tocsin/library/runtime";
import { standardLibrary } from "@tocsin/library/stdlib";
import { memoryHost } from "@tocsin/platform/host";
import { expect, test } from "vitest";

test("a profile has the rows and the time of each step, and no time twice", async () => {
  // Each look at the clock takes a millisecond.
  let now = 0;
  const clock = { now: () => 0n, monotonic: () => now++, sleep: () => Promise.resolve() };
  const script = `import "array"
array.from(rows: [{_value: 1.0}, {_value: 2.0}, {_value: 3.0}])
    |> filter(fn: (r) => r._value > 1.0)
    |> sum()`;
  const { program } = compileScript(script, "t.flux");
  if (program === undefined) throw new Error("the script is wrong");
  const profiler = new Profiler(clock);
  const world = {
    host: memoryHost(),
    buckets: new MemoryBuckets(),
    deliveries: recordingDeliveries(),
    library: standardLibrary,
    profiler,
  };
  await runProgram(program, world, { push: () => undefined, finish: () => undefined });
  const steps = [...profiler.steps.values()].map(
    ({ worker, rowsIn, rowsOut, batchesIn, batchesOut }) => [
      typeof worker === "string" ? worker : worker.kind.name,
      rowsIn,
      rowsOut,
      batchesIn,
      batchesOut,
    ],
  );
  expect(steps.map((step) => step.slice(1))).toEqual([
    [0, 3, 0, 1],
    [3, 2, 1, 1],
    [2, 1, 1, 1],
    [1, 0, 1, 0],
  ]);
  expect(steps.map(([name]) => name).slice(1)).toEqual(["filter", "sum", "result _result"]);
  const all = [...profiler.steps.values()].reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  expect(all).toBeLessThanOrEqual(profiler.elapsed);
  expect(profiler.spans.length).toBeGreaterThan(4);
});

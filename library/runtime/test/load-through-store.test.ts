import { recordingDeliveries } from "@tocsin/alerting/oncall";
import { MemoryBuckets } from "@tocsin/adapters/buckets";
import { compileScript, runProgram, runTestcase, testcasesOf } from "@tocsin/library/runtime";
import { standardLibrary } from "@tocsin/library/stdlib";
import { parse } from "@tocsin/language/syntax";
import { memoryHost } from "@tocsin/platform/host";
import { expect, test } from "vitest";

/** Runs the one testcase of `body`; tells how it went and what the store has then. */
async function outcomeOf(
  body: string,
  loadsThroughStore: boolean,
): Promise<{ passed: boolean; why: readonly string[]; stored: readonly string[] }> {
  const source = `package t_test
import "array"
import "testing"
testcase t {
    data = array.from(rows: [
        {_time: 2026-01-01T00:00:02Z, _measurement: "m", _field: "f", host: "a", _value: 2},
        {_time: 2026-01-01T00:00:01Z, _measurement: "m", _field: "f", host: "a", _value: 1},
    ]) |> group(columns: ["_measurement", "_field", "host"])
    ${body}
}`;
  const [testcase] = testcasesOf(parse(source, "t_test.flux").file, source);
  const buckets = new MemoryBuckets();
  const world = { host: memoryHost(), buckets, library: standardLibrary, loadsThroughStore };
  const outcome = await runTestcase(testcase, world);
  return { ...outcome, stored: (await buckets.list()).map(({ name }) => name) };
}

const range = "|> range(start: 2026-01-01T00:00:00Z, stop: 2026-01-02T00:00:00Z)";

test("what testing.load gives has been in a bucket: its rows come in order of time", async () => {
  const body = `testing.diff(got: data |> testing.load() ${range}, want: data |> sort(columns: ["_time"]) ${range})`;
  expect((await outcomeOf(body, false)).passed).toBe(false);
  const { passed, why, stored } = await outcomeOf(body, true);
  expect(why).toEqual([]);
  expect(passed).toBe(true);
  expect(stored.length).toBe(1);
});

test("without a range all that was loaded comes back, without bounds", async () => {
  const body = `testing.diff(got: data |> testing.load(), want: data |> sort(columns: ["_time"]))`;
  expect((await outcomeOf(body, true)).why).toEqual([]);
});

test("tables that no bucket can hold fail in words", async () => {
  const body = `testing.diff(got: data |> drop(columns: ["_field"]) |> testing.load(), want: data)`;
  const { passed, why } = await outcomeOf(body, true);
  expect(passed).toBe(false);
  expect(why.join("\n")).toContain("_field");
});

test("a write that findRecord has caused is not made again at the end", async () => {
  let writes = 0;
  class CountingBuckets extends MemoryBuckets {
    override async write(...given: Parameters<MemoryBuckets["write"]>): Promise<void> {
      writes += 1;
      return super.write(...given);
    }
  }
  const { program } = compileScript(
    `import "array"
row = array.from(rows: [{_time: 2026-01-01T00:00:00Z, _measurement: "m", _field: "f", _value: 1.5}])
    |> to(bucket: "b")
    |> findRecord(fn: (key) => true, idx: 0)
array.from(rows: [{v: row._value}])`,
    "script.flux",
  );
  if (program === undefined) throw new Error("the script does not parse");
  const environment = {
    host: memoryHost(),
    buckets: new CountingBuckets(),
    deliveries: recordingDeliveries(),
    library: standardLibrary,
  };
  const report = await runProgram(program, environment, {
    push: () => undefined,
    finish: () => undefined,
  });
  expect(report.errors).toEqual([]);
  expect(writes).toBe(1);
});

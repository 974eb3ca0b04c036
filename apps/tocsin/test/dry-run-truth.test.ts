import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openBuckets, OverlayBuckets, type WritableBuckets } from "@tocsin/adapters/buckets";
import { parseEvent, recordingDeliveries } from "@tocsin/alerting/oncall";
import type { Program } from "@tocsin/engine/interpret";
import { compileScript, type RunReport, runProgram } from "@tocsin/library/runtime";
import { standardLibrary } from "@tocsin/library/stdlib";
import { memoryHost, SimulatedClock } from "@tocsin/platform/host";
import { expect, test } from "vitest";
import { fillFor } from "./data-for-scripts.ts";
import { RealRuns } from "./real-runs.ts";

// A dry run and a real run of the same script on the same data ask for the same requests: of one entity
// in the same order, of different entities in any.

const now = 1_767_571_200_000_000_000n;
const corpus = fileURLToPath(new URL("../../../conformance/corpus/correct", import.meta.url));
const own = fileURLToPath(new URL("backtests", import.meta.url));

function scripts(): { readonly name: string; readonly text: string }[] {
  const cases = readdirSync(corpus).map((name) => {
    const text = readFileSync(join(corpus, name), "utf8");
    const script = text.slice(text.indexOf("--- script\n") + 11).split(/^--- /mu)[0];
    return { name, text: script };
  });
  const more = readdirSync(own).map((name) => ({
    name,
    text: readFileSync(join(own, name), "utf8"),
  }));
  return [...cases, ...more];
}

async function filled(program: Program, seed: number): Promise<WritableBuckets> {
  const buckets = openBuckets({ dataDir: undefined, named: {}, host: memoryHost(), env: {} });
  await fillFor(program, buckets, { now, seed });
  return buckets;
}

interface Asked {
  readonly url: string;
  readonly body: string;
}

/** The bodies about each entity (or, of other requests, to each address) in order. */
function byEntity(asked: readonly Asked[]): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const { url, body } of asked) {
    const key = parseEvent(body)?.entity ?? "";
    (found[`${url} ${key}`] ??= []).push(body);
  }
  return found;
}

async function dryRun(program: Program, seed: number): Promise<[Asked[], RunReport]> {
  const deliveries = recordingDeliveries();
  const environment = {
    host: memoryHost({
      clock: new SimulatedClock(now),
      secrets: { get: async (key) => `secret-of-${key}` },
    }),
    buckets: new OverlayBuckets(await filled(program, seed)),
    deliveries,
    library: standardLibrary,
    now,
  };
  const sink = { push: () => undefined, finish: () => undefined };
  const report = await runProgram(program, environment, sink);
  return [deliveries.requests.map(({ request, body }) => ({ url: request.url, body })), report];
}

/** Seed of the data: a fixed one, so that a case that fails fails again. */
const seed = 5;

test("dry runs ask for what real runs ask for", async () => {
  let sending = 0;
  for (const { name, text } of scripts()) {
    const { program } = compileScript(text, name);
    if (program === undefined) throw new Error(`${name} does not compile`);
    const [dry, dryReport] = await dryRun(program, seed);
    const real = await RealRuns.from(now);
    const realReport = await real.run(program, await filled(program, seed), now);
    await real.end();
    expect(byEntity(dry), name).toEqual(byEntity(real.arrived));
    expect(messages(dryReport), name).toEqual(messages(realReport));
    if (dry.length > 0) sending += 1;
  }
  expect(sending).toBeGreaterThan(100);
});

function messages({ errors, badRows }: RunReport): string[] {
  return [...errors, ...badRows].map(({ error }) => error.message);
}

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { History, openBuckets, type WritableBuckets } from "@tocsin/adapters/buckets";
import type { Program } from "@tocsin/engine/interpret";
import type { Buckets } from "@tocsin/engine/plan";
import { backtest, type Page } from "@tocsin/library/backtest";
import { compileScript } from "@tocsin/library/runtime";
import { standardLibrary } from "@tocsin/library/stdlib";
import { memoryHost, seeded, utf8 } from "@tocsin/platform/host";
import { expect, test } from "vitest";
import { type Moments, scheduled } from "../src/backtest/moments.ts";
import { RealRuns } from "./real-runs.ts";

// Each script is run at each of its moments with a real sender, an outbox in memory and a stand-in for
// On-Call, all on one simulated clock; the pages of its backtest are the same.

const folder = fileURLToPath(new URL("backtests", import.meta.url));
const from = 1_767_571_200_000_000_000n;
const minute = 60_000_000_000n;
const bounds = { from, to: from + 24n * 60n * minute };

/** What a person sees of a page. Milliseconds since 1970. */
interface Seen {
  readonly at: number;
  readonly entity: string;
  readonly opens: boolean;
}

/** Two days of six hosts with troubles, gaps and errors, and 150 of which many change at once. */
function linesOf(bucket: "web" | "many"): string {
  const random = seeded(bucket === "web" ? 20 : 21);
  const dice = (sides: number): number => Math.floor(random.next() * sides);
  const lines: string[] = [];
  const add = (series: string, fields: string, at: number): void =>
    void lines.push(`${series} ${fields} ${from + BigInt(at) * minute}`);
  if (bucket === "many") {
    for (let at = -10; at < 1440; at += 10)
      for (let host = 0; host < 140; host++) add(`state,host=m${host}`, `state=${dice(10)}`, at);
    return lines.join("\n");
  }
  for (let host = 0; host < 4; host++) {
    const series = `host=web-${host}${host < 3 ? `,region=${["eu", "us"][host % 2]}` : ""}`;
    let usage = 50;
    for (let at = -120; at < 1440; at++) {
      usage = Math.min(99, Math.max(5, usage + (random.next() - 0.5) * 12 + (55 - usage) * 0.02));
      add(
        `cpu,${series}`,
        `usage=${usage.toFixed(2)},iowait=${(usage / 6 + dice(5)).toFixed(2)}`,
        at,
      );
      if (dice(4) === 0) add(`http,${series}`, `requests=${20 + dice(30)}i,errors=${dice(8)}i`, at);
      const dead = (at + host * 97) % 400 > 340;
      if (!dead) add(`beat,${series}`, `up=${dice(5) === 0 ? 0 : 1}.0`, at);
    }
  }
  return lines.join("\n");
}

const lines = { web: linesOf("web"), many: linesOf("many") };

async function written(): Promise<WritableBuckets> {
  const buckets = openBuckets({ dataDir: undefined, named: {}, host: memoryHost(), env: {} });
  for (const bucket of ["web", "many"] as const) {
    const stream = (async function* () {
      yield utf8.encode(lines[bucket]);
    })();
    await buckets.writeLineProtocol(stream, { bucket });
  }
  return buckets;
}

/** The data, read by all tests and written by none. */
const data = await written();

/** The data, and buckets of its own to write to. */
async function world(): Promise<Buckets> {
  const own = openBuckets({ dataDir: undefined, named: {}, host: memoryHost(), env: {} });
  for (const bucket of ["memory", "_monitoring"])
    await own.write(bucket, [
      { measurement: "made", tags: [], fields: [["x", "float", 1]], time: from - 1440n * minute },
    ]);
  return {
    read: (request) => (Object.hasOwn(lines, request.bucket) ? data : own).read(request),
    pushes: (bucket) => own.pushes(bucket),
    write: (bucket, points) => own.write(bucket, points),
    list: () => own.list(),
  };
}

/** Runs the script for real at each moment. */
async function truth(program: Program, { moments, delay }: Moments): Promise<Seen[]> {
  const runs = await RealRuns.from(bounds.from);
  const buckets = await world();
  for (const now of moments) await runs.run(program, buckets, now, delay);
  await runs.end();
  return runs.arrived.flatMap(({ at, receipt }) =>
    receipt === undefined || receipt.unpaged !== undefined
      ? []
      : [{ at, entity: receipt.entityId, opens: receipt.outcome === "opens" }],
  );
}

/** Pages by the second: the sender rounds its waits up to whole milliseconds, one by one. */
function bySecond(pages: readonly Seen[]): string[] {
  const rounded = pages.map(({ at, entity, opens }) =>
    [Math.round(at / 1000), entity, opens].join(" "),
  );
  return rounded.sort();
}

const scripts = readdirSync(folder).filter((name) => name.endsWith(".flux"));

test("there are at least twenty scripts", () => {
  expect(scripts.length).toBeGreaterThanOrEqual(20);
});

for (const name of scripts) {
  test(`${name}: its backtest shows the pages of its runs`, async () => {
    const { program } = compileScript(readFileSync(join(folder, name), "utf8"), name);
    if (program === undefined) throw new Error(`${name} does not compile`);
    const moments = await scheduled(program, bounds, undefined);
    const history = new History(await world(), bounds.from, bounds.to).overlay();
    const stage = { host: memoryHost(), buckets: history, library: standardLibrary };
    const result = await backtest(program, moments, stage);
    const expected = await truth(program, moments);
    expect(bySecond(result.pages.map(seenOf))).toEqual(bySecond(expected));
    expect(expected.length, "a script that pages nobody shows nothing").toBeGreaterThan(0);
  });
}

function seenOf({ at, entity, opens }: Page): Seen {
  return { at, entity, opens };
}

test("runs that fail are counted, and the others go on", async () => {
  const name = "fails-now-and-then.flux";
  const { program } = compileScript(readFileSync(join(folder, name), "utf8"), name);
  if (program === undefined) throw new Error(`${name} does not compile`);
  const moments = await scheduled(program, bounds, undefined);
  const history = new History(await world(), bounds.from, bounds.to).overlay();
  const stage = { host: memoryHost(), buckets: history, library: standardLibrary };
  const { failed, badRows, runs } = await backtest(program, moments, stage);
  expect(runs).toBe(48);
  expect(failed.runs).toBeGreaterThan(0);
  expect(badRows.runs).toBeGreaterThan(0);
  expect(failed.first?.message).toContain("hour");
});

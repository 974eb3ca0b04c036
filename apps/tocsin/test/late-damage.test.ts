import { readFileSync, writeFileSync } from "node:fs";
import { DuckDBInstance } from "@duckdb/node-api";
import { seeded } from "@tocsin/platform/host";
import { expect, test } from "vitest";
import { Desk, sandbox } from "./terminal.ts";

const start = 1_767_225_600;

/** Series of which three fill a run of rows of the store, and two are a part of an answer at 200 MB. */
function lines(): string {
  const random = seeded(5);
  const of = (series: string, points: number): string[] =>
    Array.from({ length: points }, (_, i) => `${series} v=${random.next()} ${start + i}000000000`);
  const first = [...of("a", 100_000), ...of("b,host=x", 10), ...of("c", 22_870)];
  return [...first, ...of("d", 45_000)].join("\n");
}

/** Spoils a block with values of the second run of rows. */
async function spoil(store: string): Promise<void> {
  const instance = await DuckDBInstance.create(store, { access_mode: "READ_ONLY" });
  const connection = await instance.connect();
  const found = await connection.run(
    `SELECT block_id, block_offset FROM pragma_storage_info('floats')
       WHERE column_name = 'value' AND row_group_id = 1 AND block_id >= 0 AND segment_type <> 'VALIDITY'`,
  );
  const [[block, offset]] = await found.getRows();
  connection.closeSync();
  instance.closeSync();
  const bytes = readFileSync(store);
  // Three headers of 4 KiB come before blocks of 256 KiB.
  bytes[3 * 4096 + Number(block) * 262_144 + Number(offset) + 100] ^= 0xff;
  writeFileSync(store, bytes);
}

test("a bucket that turns out to be damaged on the way ends the run with 1 and its name; only whole tables page", async () => {
  const receiver = await sandbox();
  const desk = new Desk({ VICTOROPS_API_KEY: "11111111-aaaa-KEY" });
  const written = await desk.run("write", "-b", "b", desk.file("data.lp", lines()));
  expect([written.code, written.err]).toEqual([0, ""]);
  await spoil(desk.path("data/buckets/b.duckdb"));
  desk.file(
    "a.flux",
    `import "contrib/bonitoo-io/victorops"
import "influxdata/influxdb/secrets"

key = secrets.get(key: "VICTOROPS_API_KEY")
page = victorops.endpoint(url: "https://alert.victorops.com/integrations/generic/20131114/alert/\${key}/ops")

from(bucket: "b")
    |> range(start: 2026-01-01T00:00:00Z, stop: 2026-02-01T00:00:00Z)
    |> tail(n: 1)
    |> page(mapFn: (r) => ({monitoringTool: "Night watch", messageType: "CRITICAL", entityID: r._measurement,
        entityDisplayName: r._measurement, stateMessage: "m", timestamp: r._time}))()
`,
  );
  const argv = ["--memory", "200MB", "--deliver-to", receiver.origin, "--output", "none"];
  const broken = await desk.spawn(["run", ...argv, "a.flux"]);
  expect(broken.code).toBe(1);
  expect(broken.err).toContain(
    'error: bucket "b": the store was damaged, which showed in the middle',
  );
  expect(broken.err).toContain("a.flux:7:1");
  expect(broken.err).toMatch(
    /^warning: bucket "b" was damaged .* points were salvaged, .* is kept as \S+$/m,
  );
  // Of a table that was not read to its end there is no page.
  const paged = (): unknown[] =>
    receiver.requests().map(({ body }) => (body as { readonly entity_id: string }).entity_id);
  expect(paged()).toEqual(["a"]);
  const again = await desk.spawn(["run", ...argv, "a.flux"]);
  expect(again.code).toBe(0);
  expect(paged().slice(1)).toEqual(expect.arrayContaining(["a", "b"]));
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { scriptedHttp, utf8 } from "@tocsin/platform/host";
import { type Log, run, victorops } from "../src/index.ts";

const url = "https://alert.victorops.com/integrations/generic/20131114/alert/11111111-KEY/ops";

/** A log that keeps its lines. */
function kept() {
  const lines: { level: string; message: string; fields: Record<string, unknown> }[] = [];
  const log: Log = {
    write: (level, message, fields = {}) => void lines.push({ level, message, fields }),
  };
  return { log, lines };
}

test("log is told each attempt, and why an endpoint takes no events, without the key", async () => {
  const { log, lines } = kept();
  const body = utf8.encode(`no such path: ${url}`);
  const http = scriptedHttp(() => ({ status: 404, headers: {}, body }));
  const page = victorops.endpoint({ url, http, log, wait: 0 });
  await page({
    mapFn: () => ({
      messageType: "CRITICAL",
      entityID: "db",
      entityDisplayName: "DB",
      stateMessage: "full",
      timestamp: 0n,
    }),
  })([{}]);
  expect(lines).toMatchObject([
    { level: "warn", message: expect.stringMatching(/^victorops takes no events: HTTP 404/u) },
    {
      level: "warn",
      message: "attempt",
      fields: { id: "1", messageType: "CRITICAL", class: "blocked", status: "404" },
    },
  ]);
  expect(JSON.stringify(lines)).not.toContain("11111111-KEY");
});

test("log is told of a bucket that was salvaged", async () => {
  const data = mkdtempSync(join(tmpdir(), "tocsin-api-"));
  mkdirSync(join(data, "buckets"));
  writeFileSync(join(data, "buckets", "b.duckdb"), "this is no store".repeat(1000));
  const { log, lines } = kept();
  const script = 'from(bucket: "b") |> range(start: -1h)';
  const { report } = await run(script, { data, log }).finished;
  expect(report.errors.length).toBe(1);
  expect(lines).toMatchObject([{ level: "warn", fields: { bucket: "b", kept: 0 } }]);
  rmSync(data, { recursive: true });
});

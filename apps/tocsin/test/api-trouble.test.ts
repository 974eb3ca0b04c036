import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { scriptedHttp, utf8 } from "@tocsin/platform/host";
import { type Log, run, victorops } from "../src/index.ts";

const url = "https://alert.victorops.com/integrations/generic/20131114/alert/KEY-0000/ops";
const script = `import "array"
import "contrib/bonitoo-io/victorops"
page = victorops.endpoint(url: "${url}")
array.from(rows: [{entity: "db"}, {entity: "web"}])
  |> page(mapFn: (r) => ({
    monitoringTool: "", messageType: "CRITICAL", entityID: r.entity,
    entityDisplayName: r.entity, stateMessage: "down", timestamp: now(),
  }))()`;

const ends: (() => unknown)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** A world with an outbox in a folder of its own, which keeps who was paged and what was logged. */
function world() {
  const data = mkdtempSync(join(tmpdir(), "tocsin-api-trouble-"));
  ends.push(() => rmSync(data, { recursive: true, force: true }));
  const paged: string[] = [];
  const logged: string[] = [];
  const http = scriptedHttp(({ body = new Uint8Array() }) => {
    paged.push(String(Object(JSON.parse(utf8.decode(body)))["entity_id"]));
    return { status: 200, headers: {}, body: utf8.encode('{"result":"success"}') };
  });
  const log: Log = {
    write: (level, message) => void (level === "error" && logged.push(message)),
  };
  return { options: { data, http, log }, data, paged, logged };
}

function byNewerTocsin(data: string): void {
  const database = new DatabaseSync(join(data, "outbox.sqlite"));
  database.exec("PRAGMA user_version = 99");
  database.close();
}

test("an outbox that cannot be used silences no page of a program, which is told", async () => {
  const { options, data, paged, logged } = world();
  byNewerTocsin(data);
  const { report, deliveries } = await run(script, options).finished;
  expect(report.errors).toEqual([]);
  expect(paged).toEqual(["db", "web"]);
  expect(deliveries.trouble).toEqual([
    expect.stringContaining("was written by a newer Tocsin"),
    expect.stringContaining("NOT PROTECTED: 2 events were sent without being recorded first"),
  ]);
  expect(logged).toEqual(deliveries.trouble);
});

test("nor one of rows that never were Flux", async () => {
  const { options, data, paged } = world();
  byNewerTocsin(data);
  const mapFn = ({ entity }: { entity: string }) => ({
    messageType: "CRITICAL" as const,
    entityID: entity,
    entityDisplayName: entity,
    stateMessage: "down",
    timestamp: 0n,
  });
  const sent = victorops.endpoint({ url, ...options })({ mapFn })([{ entity: "db" }]);
  expect(await sent).toEqual([{ entity: "db", _sent: "true", _status: "200" }]);
  const { accepted, trouble } = await sent.summary;
  expect({ accepted, paged }).toEqual({ accepted: 1, paged: ["db"] });
  expect(trouble?.join("\n")).toContain("NOT PROTECTED: 1 event was sent");
});

test("a damaged outbox is set aside, and the events are recorded in a new one", async () => {
  const { options, data, paged } = world();
  writeFileSync(join(data, "outbox.sqlite"), "this was a database once ".repeat(100));
  const { deliveries } = await run(script, options).finished;
  expect(paged).toEqual(["db", "web"]);
  expect(deliveries.trouble).toEqual([expect.stringContaining("the outbox was damaged")]);
  expect(readdirSync(data).some((name) => name.includes("damaged"))).toBe(true);
});

test("a run that sends nothing makes no outbox, and one with an id finds its first now()", async () => {
  const { options, data, paged } = world();
  const { deliveries } = await run("x = 1", options).finished;
  expect(deliveries.deliveries).toEqual([]);
  expect(readdirSync(data)).toEqual([]);
  for (const now of [1_000_000_000n, 2_000_000_000n])
    await run(script, { ...options, now, runId: "night" }).finished;
  // `now()` is in the event, and so in its identity: the second run is known to be the first again.
  expect(paged).toEqual(["db", "web"]);
});

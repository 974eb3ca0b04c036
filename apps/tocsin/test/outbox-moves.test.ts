import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openSqliteOutbox } from "@tocsin/adapters/outbox";
import type { OutboxStore } from "@tocsin/alerting/delivery";
import { memoryHost, SimulatedClock } from "@tocsin/platform/host";
import { outboxCommand } from "../src/outbox/command.ts";

let folder: string;
let store: OutboxStore;
let clock: SimulatedClock;
const start = 1_700_000_000_000;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "tocsin-moves-"));
  store = await openSqliteOutbox(folder);
  clock = new SimulatedClock();
  for (const [index, word] of ["CRITICAL:db", "WARNING:web", "INFO:db"].entries()) {
    const [messageType, entity] = word.split(":");
    const url = `https://${index === 1 ? "relay.example" : "alert.victorops.com"}/\${raw:KEY}/ops`;
    const one = {
      runId: `run-${index}`,
      identity: word,
      integration: "victorops",
      endpoint: url,
      orderKey: `on-call ${entity}`,
      entity,
      messageType,
      request: { method: "POST", url, headers: {}, body: "{}" },
      recordedAt: start - index * 400_000,
    };
    await store.record([one], { supersede: false });
  }
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

async function outbox(command: string): Promise<string> {
  const said: string[] = [];
  const say = (text: string): void => void said.push(text);
  const world = { host: memoryHost({ clock }), out: say, err: say };
  const code = await outboxCommand(store, command.split(" "), world);
  return `${said.join("")}(${code})`;
}

test("shape shows how old what waits is, by endpoint or entity", async () => {
  expect(await outbox("shape")).toBe(
    [
      "                                   T     1m     5m    15m     1h     6h    24h  older",
      "TOTAL                              3      1      0      2      0      0      0      0",
      "victorops alert.victorops.com      2      1      0      1      0      0      0      0",
      "victorops relay.example            1      0      0      1      0      0      0      0",
      "(0)",
    ].join("\n"),
  );
  expect(await outbox("shape --by entity --output json")).toContain('"name": "db"');
});

test("hold keeps events back, status says so, release lets them go", async () => {
  expect(await outbox("hold --entity db --dry-run")).toBe("2 would be held\n(0)");
  expect(await outbox("hold --entity db")).toBe("2 held\n(0)");
  expect(await outbox("status")).toContain("1 waiting, 2 held, 0 accepted");
  expect(await outbox("list --state held")).toContain("hold-asked");
  expect(await outbox("release 2")).toContain("event 2 is recorded: it cannot be released");
  expect(await outbox("release --all")).toContain("2 due now");
  expect((await store.list({})).map((one) => one.state)).toEqual([
    "waiting",
    "recorded",
    "waiting",
  ]);
});

test("filters: by host, run and time; a wrong one is explained", async () => {
  const ids = async (filters: string) =>
    JSON.parse((await outbox(`list --output json ${filters}`)).replace(/\(0\)$/, "")).map(
      (one: { id: string }) => one.id,
    );
  expect(await ids("--endpoint relay.example")).toEqual(["2"]);
  expect(await ids("--run run-2")).toEqual(["3"]);
  expect(await ids("--since 10m")).toEqual(["1", "2"]);
  expect(await ids("--until 2023-11-14T22:10:00Z")).toEqual(["2", "3"]);
  expect(await outbox("retry --endpoint relay.example --dry-run")).toBe(
    "1 would be tried again\n(0)",
  );
  await expect(outbox("list --since yesterday")).rejects.toThrow(/--since takes a time/);
  await expect(outbox("hold 1 --all")).rejects.toThrow(/not both/);
});

test("backup writes a copy once", async () => {
  const file = join(folder, "copy.sqlite");
  expect(await outbox(`backup ${file}`)).toBe(`the outbox is copied to ${file}\n(0)`);
  expect(existsSync(file)).toBe(true);
  await expect(outbox(`backup ${file}`)).rejects.toThrow();
  await expect(outbox("backup")).rejects.toThrow(/needs one FILE/);
});

test("an empty filter, as an unset variable gives it, is wrong usage: it would mean other events", async () => {
  for (const option of ["state", "entity", "endpoint", "run", "since", "until"]) {
    const why = `--${option} needs a value, not an empty one`;
    await expect(outbox(`retry --${option}=`)).rejects.toThrow(why);
    await expect(outbox(`list --${option} `)).rejects.toThrow(why);
  }
  await expect(outbox("discard 1 --reason=")).rejects.toThrow("--reason needs a value");
});

test("show takes one ID: a second one is not passed over in silence", async () => {
  await expect(outbox("show 1 2")).rejects.toThrow('outbox show takes one ID, not also "2"');
});

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { scriptedHttp, utf8 } from "@tocsin/platform/host";
import { check, compile, EventError, run, RunError, ScriptError, victorops } from "../src/index.ts";

const url = "https://alert.victorops.com/integrations/generic/20131114/alert/11111111-KEY/ops";

/** A world that answers every request with `status` and keeps the bodies. */
function world(status = 200) {
  const bodies: Record<string, unknown>[] = [];
  const http = scriptedHttp(({ body }) => {
    bodies.push(JSON.parse(utf8.decode(body ?? new Uint8Array(0))));
    return { status, headers: {}, body: utf8.encode('{"result":"success","entity_id":"x"}') };
  });
  return { bodies, http };
}

const event = (id: string, more: Partial<victorops.OnCallEvent> = {}): victorops.OnCallEvent => ({
  messageType: "CRITICAL",
  entityID: id,
  entityDisplayName: `Host ${id}`,
  stateMessage: "in trouble",
  timestamp: 1_769_846_400_999_999_999n,
  ...more,
});

test("rows become requests, field by field; awaited, each row says what became of it", async () => {
  const { bodies, http } = world();
  const page = victorops.endpoint({ url, http, monitoringTool: "Night watch" });
  const sent = page({ mapFn: (row: { host: string }) => event(row.host) })([
    { host: "a" },
    { host: "b" },
  ]);
  expect(await sent).toEqual([
    { host: "a", _sent: "true", _status: "200" },
    { host: "b", _sent: "true", _status: "200" },
  ]);
  expect((await sent).summary).toBe(await sent.summary);
  expect(await sent.summary).toEqual({
    accepted: 2,
    waiting: 0,
    refused: 0,
    failed: 0,
    errors: [],
  });
  expect(bodies[0]).toEqual({
    entity_display_name: "Host a",
    entity_id: "a",
    message_type: "CRITICAL",
    monitoring_tool: "Night watch",
    state_message: "in trouble",
    state_start_time: 1769846400,
  });
  expect(Object.keys(bodies[0])).toEqual(Object.keys(bodies[0]).toSorted());
});

test("mapFn's monitoringTool wins; without any it is InfluxDB; every kind of time is whole seconds", async () => {
  const { bodies, http } = world();
  const rows = [
    event("a", { monitoringTool: "own", timestamp: new Date(1_769_846_400_999) }),
    event("b", { timestamp: { epochNanoseconds: 1_769_846_400_000_000_001n } }),
    event("c", { timestamp: -1n }),
  ];
  await victorops.endpoint({ url, http })({ mapFn: (row: victorops.OnCallEvent) => row })(rows);
  expect(bodies.map((one) => [one["monitoring_tool"], one["state_start_time"]])).toEqual([
    ["own", 1769846400],
    ["InfluxDB", 1769846400],
    ["InfluxDB", -1],
  ]);
});

test("a row that makes no event is told and does not keep the others from going", async () => {
  const { bodies, http } = world();
  const page = victorops.endpoint({ url, http });
  const wrong: Record<string, Partial<Record<keyof victorops.OnCallEvent, unknown>>> = {
    word: { messageType: "crit" },
    date: { timestamp: new Date(Number.NaN) },
    unit: { timestamp: 1_769_846_400 },
    name: { entityID: undefined },
  };
  const sent = page({
    mapFn: ({ host }: { host: string }) => {
      if (host === "thrown") throw new Error("no such host");
      return { ...event(host), ...wrong[host] } as victorops.OnCallEvent;
    },
  })(["a", "thrown", "word", "date", "unit", "name", "b"].map((host) => ({ host })));
  expect((await sent).map((row) => row._sent)).toEqual([
    "true",
    "false",
    "false",
    "false",
    "false",
    "false",
    "true",
  ]);
  const { accepted, failed, errors } = await sent.summary;
  expect([accepted, failed, bodies.length]).toEqual([2, 5, 2]);
  expect(errors.map(({ message }) => message)).toEqual([
    "no such host",
    'messageType is one of CRITICAL, WARNING, RECOVERY, ACKNOWLEDGEMENT, INFO, not "crit"',
    "timestamp should be a Date, a Temporal.Instant or a bigint of nanoseconds, not Invalid Date",
    "timestamp should be a Date, a Temporal.Instant or a bigint of nanoseconds, not 1769846400",
    "entityID should be a string, not undefined",
  ]);
  expect(errors[0]).toBeInstanceOf(EventError);
  expect(errors[0]).toMatchObject({ code: "ERR_TOCSIN_EVENT", row: { host: "thrown" } });
});

test("programs that no compiler checked are told in words what is wrong", async () => {
  const wrong: readonly [() => unknown, string][] = [
    [() => compile(5 as never), "a script is a string of Flux, not number"],
    [
      () => victorops.endpoint({} as never),
      "url should be the address of the REST integration, not undefined",
    ],
    [
      () => victorops.endpoint({ url })({ mapFn: () => event("a") })(5 as never),
      "rows should be an iterable or async iterable, not 5",
    ],
  ];
  for (const [call, words] of wrong) expect(call).toThrow(new TypeError(words));
  await expect(check(null as never)).rejects.toThrow("a script is a string of Flux, not null");
  const { http } = world();
  const page = victorops.endpoint({ url, http });
  const { summary } = page({ mapFn: () => event("a", { monitoringTool: 5 as never }) })([{}]);
  expect((await summary).errors).toMatchObject([
    { message: "monitoringTool should be a string, not 5" },
  ]);
});

test("rows may come one by one, and come out as each is settled, before the last one is there", async () => {
  const { http } = world();
  let release: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => (release = resolve));
  async function* slow(): AsyncGenerator<{ host: string }> {
    yield { host: "a" };
    await gate;
    yield { host: "b" };
  }
  const sent = victorops.endpoint({ url, http })({
    mapFn: (row: { host: string }) => event(row.host),
  })(slow());
  const seen: string[] = [];
  for await (const row of sent) {
    seen.push(row.host);
    release();
  }
  expect(seen).toEqual(["a", "b"]);
  expect((await sent).length).toBe(2);
});

test("when the source of the rows breaks, what came before has left, and the error comes out", async () => {
  const { bodies, http } = world();
  function* broken(): Generator<{ host: string }> {
    yield { host: "a" };
    throw new Error("the query was cut");
  }
  async function* asynchronous(): AsyncGenerator<{ host: string }> {
    yield* broken();
  }
  const page = victorops.endpoint({ url, http })({
    mapFn: (row: { host: string }) => event(row.host),
  });
  await expect(page(asynchronous()).summary).rejects.toThrow("the query was cut");
  await expect(page(broken())).rejects.toThrow("the query was cut");
  expect(bodies.map((one) => one["entity_id"])).toEqual(["a", "a"]);
});

test("what is refused and what waits is counted; a blocked endpoint does not hold the caller", async () => {
  const sum = async (status: number) => {
    const { http } = world(status);
    const sent = victorops.endpoint({ url, http, wait: 0 })({
      mapFn: ({ id }: { id: string }) => event(id),
    });
    const all = sent([{ id: "a" }, { id: "b" }]);
    return [(await all).map((row) => row._sent), await all.summary] as const;
  };
  expect(await sum(400)).toMatchObject([
    ["false", "false"],
    { accepted: 0, refused: 2, waiting: 0 },
  ]);
  expect(await sum(404)).toMatchObject([
    ["false", "false"],
    { accepted: 0, refused: 0, waiting: 2 },
  ]);
});

test("run yields tables, then throws what went wrong; a bad script throws at compile", async () => {
  const program = compile('import "array" array.from(rows: [{a: 1}])');
  const tables = [];
  for await (const table of run(program)) tables.push(table);
  expect(tables).toMatchObject([{ result: "_result", rows: [{ a: 1n }] }]);
  expect(() => compile("x = 1 +")).toThrow(ScriptError);
  expect(await check('x = 1 + "a"')).toMatchObject([{ severity: "error" }]);
  const failing = async (): Promise<void> => {
    for await (const _ of run('import "array" array.from(rows: [])')) void _;
  };
  await expect(failing()).rejects.toThrow(RunError);
  const mistyped = run('import "array" array.from(rows: [{a: 1 + "b"}])');
  await expect(mistyped.finished).rejects.toThrow(ScriptError);
  await expect(mistyped[Symbol.asyncIterator]().next()).rejects.toThrow("needs the same type");
});

test("rows are objects of their own, with the columns' names whatever these are", async () => {
  const names = ["host", "1", "__proto__", "_value"];
  const cells = names.map((name, i) => `${JSON.stringify(name)}: ${i}`).join(", ");
  const found = [];
  for await (const table of run(
    `import "array"\narray.from(rows: [{${cells}}, {${cells}}]) |> group(columns: ["host"])`,
  ))
    found.push(table);
  const row = Object.fromEntries(names.map((name, i) => [name, BigInt(i)]));
  expect(found.map(({ rows }) => rows.map((one) => Object.entries(one)))).toEqual([
    [Object.entries(row), Object.entries(row)],
  ]);
  expect(found[0].rows[0]).not.toBe(found[0].rows[1]);
  expect(Object.entries(found[0].key)).toEqual([["host", 0n]]);
});

test("diagnostics say their places as people count them, in check() and in a thrown ScriptError", async () => {
  const script = 'a = "ü😀"\nb = "ü😀" + nothing';
  const place = { file: "x.flux", line: 2, column: 13, endLine: 2, endColumn: 20 };
  expect(await check(script, { name: "x.flux" })).toMatchObject([{ code: "E0201", ...place }]);
  const thrown = catching(() => compile("a = (", { name: "y.flux" }));
  expect(thrown).toMatchObject({
    name: "ScriptError",
    diagnostics: [{ code: "E0101", file: "y.flux", line: 1, column: 6, endColumn: 6 }],
  });
});

function catching(body: () => unknown): unknown {
  try {
    return body();
  } catch (error) {
    return error;
  }
}

test("a signal ends a run", async () => {
  const controller = new AbortController();
  controller.abort();
  const running = run('import "array" array.from(rows: [{a: 1}])', { signal: controller.signal });
  const { report } = await running.finished;
  expect(report.errors.length).toBe(1);
  const tables: unknown[] = [];
  const reading = async () => {
    for await (const table of running) tables.push(table);
  };
  await expect(reading()).rejects.toThrow(expect.objectContaining({ name: "AbortError" }));
  expect(tables).toEqual([]);
});

test("a script runs in an injected world: secrets, HTTP, clock, buckets", async () => {
  const { bodies, http } = world();
  const script = `import "contrib/bonitoo-io/victorops"
import "influxdata/influxdb/secrets"
key = secrets.get(key: "KEY")
from(bucket: "b") |> range(start: 0) |> last()
    |> victorops.endpoint(url: "https://alert.victorops.com/integrations/generic/20131114/alert/\${key}/ops")(mapFn: (r) =>
        ({messageType: "INFO", entityID: r.host, entityDisplayName: r.host, stateMessage: "\${r._value}", timestamp: now(), monitoringTool: "x"}))()`;
  const data = mkdtempSync(join(tmpdir(), "tocsin-api-"));
  writeFileSync(join(data, "b.lp"), "m,host=a v=1.5 1000000000\n");
  const running = run(script, {
    http,
    secrets: { KEY: "11111111-KEY" },
    buckets: { b: join(data, "b.lp") },
    now: new Date("2026-01-31T08:00:00Z"),
  });
  const rows = [];
  for await (const table of running) rows.push(...table.rows);
  rmSync(data, { recursive: true });
  expect(rows).toMatchObject([{ host: "a", _value: 1.5, _sent: "true", _status: "200" }]);
  expect(bodies).toMatchObject([
    { entity_id: "a", state_message: "1.5", state_start_time: 1769846400 },
  ]);
  const { report, deliveries } = await running.finished;
  expect([report.rows, deliveries.deliveries.length]).toEqual([1, 1]);
});

test("a secret is one that was given: not a property that every object has", async () => {
  const script = `import "influxdata/influxdb/secrets"
import "array"
array.from(rows: [{a: secrets.get(key: "constructor")}])`;
  const { report } = await run(script, { secrets: { A: "b" } }).finished;
  expect(report.errors.map(({ error }) => error.message)).toEqual([
    expect.stringContaining("constructor"),
  ]);
});

test("no error of a run holds a secret", async () => {
  const script = `import "array"
import "influxdata/influxdb/secrets"
import "contrib/bonitoo-io/victorops"
key = secrets.get(key: "KEY")
url = "https://alert.victorops.com/integrations/generic/20131114/alert/a-key/ops"
rows = array.from(rows: [{a: key}])
rows |> map(fn: (r) => ({b: int(v: r.a)})) |> yield(name: "row")
rows |> sum(column: key) |> yield(name: "column")
rows |> victorops.endpoint(url: url)(mapFn: (r) =>
    ({messageType: "INFO", entityID: string(v: int(v: r.a)), entityDisplayName: "", stateMessage: "", timestamp: now(), monitoringTool: ""}))()
    |> yield(name: "event")`;
  const secret = "geheim-1234-xyz";
  const running = run(script, { http: world().http, secrets: { KEY: secret } });
  const thrown = await (async () => {
    for await (const table of running) expect(table.result).toBe("event");
  })().catch((error: unknown) => error);
  const { report } = await running.finished;
  expect([report.errors.length, report.badRows.length]).toEqual([2, 1]);
  const told = [thrown, ...[...report.errors, ...report.badRows].map(({ error }) => error)];
  expect(inspect([told, report.remarks], { depth: 9 })).not.toContain(secret);
  expect(report.errors.map(({ error }) => error.message)).toContain(
    'sum: column "***" does not exist',
  );
});

test("a slow reader is waited for, and one who stops reading does not stop the run", async () => {
  const script = `import "generate"
generate.from(count: 300000, fn: (n) => n, start: 2026-01-01T00:00:00Z, stop: 2026-01-02T00:00:00Z)`;
  const running = run(script);
  let rows = 0;
  for await (const table of running) rows += table.rows.length;
  expect(rows).toBe(300_000);
  const left = run(script);
  for await (const table of left) {
    expect(table.rows.length).toBeGreaterThan(0);
    break;
  }
  expect((await left.finished).report.rows).toBe(300_000);
});

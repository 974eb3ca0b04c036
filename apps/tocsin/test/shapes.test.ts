import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { alerting, moment, pasted } from "./alerts.ts";
import { swinging, swings, swingsFrom, swingsTo } from "./swings.ts";
import { shapes, unlike } from "./shape-page.ts";
import { Desk, sandbox } from "./terminal.ts";

const key = { VICTOROPS_API_KEY: "11111111-aaaa-KEY" };
const seen = new Set<string>();

/** Expects each element to be of a shape; every field of the page that is always there is there. */
function conform(elements: unknown, shape: string, also?: string): void {
  const all = Array.isArray(elements) ? elements : [elements];
  expect(all.length, shape).toBeGreaterThan(0);
  for (const one of all) {
    expect(unlike(one, shape, also)).toEqual([]);
    for (const name of Object.keys(Object(one))) seen.add(`${shape}.${name}`);
  }
}

async function json(desk: Desk, ...argv: string[]): Promise<unknown> {
  return JSON.parse((await desk.run(...argv)).out);
}

test("check --format json", async () => {
  const desk = new Desk();
  desk.file("page.flux", pasted);
  const found = await json(desk, "check", "--format", "json", "page.flux");
  conform(found, "Diagnostic");
  for (const { fix } of found as { fix?: { edits: unknown[] } }[])
    if (fix !== undefined) conform(fix.edits, "Edit");
  expect(
    await json(desk, "check", "--format", "json", desk.file("well.flux", "x = 1\nx\n")),
  ).toEqual([]);
});

test("run --output json and ndjson: every kind of column", async () => {
  const desk = new Desk();
  const script = `import "array"
array.from(rows: [{s: "a", i: 9007199254740993, u: uint(v: 1), f: 0.5, n: float(v: "NaN"), b: true, t: 2026-01-01T00:00:00Z}])`;
  const text = (await desk.run("run", "--output", "json", "-e", script)).out;
  expect(text).toContain('"i":9007199254740993,');
  conform(JSON.parse(text), "Row");
  expect(JSON.parse(text)).toEqual([
    {
      result: "_result",
      table: 0,
      b: true,
      f: 0.5,
      i: 9007199254740992,
      n: "NaN",
      s: "a",
      t: "2026-01-01T00:00:00Z",
      u: 1,
    },
  ]);
  const lines = (await desk.run("run", "--output", "ndjson", "-e", script)).out
    .trimEnd()
    .split("\n");
  conform(
    lines.map((line) => JSON.parse(line)),
    "Row",
  );
});

test("run --dry-run --output json", async () => {
  const desk = new Desk(key);
  desk.file("a.flux", alerting(["CRITICAL:db", "INFO:web"]));
  const dry = ["run", "--dry-run", "--output", "json", "--deliver-to", "http://127.0.0.1:1"];
  conform(await json(desk, ...dry, "a.flux"), "Request");
});

test("run --summary", async () => {
  const desk = new Desk(key);
  desk.file("b.lp", "health,host=a cpu=1 1769846390000000000\n");
  desk.file("refused.flux", "from(");
  desk.file("quiet.flux", quiet("example", "status"));
  desk.file("old.flux", quiet("example", "host").replace("-1m", "-1s"));
  desk.file(
    "bad.flux",
    alerting(["CRITICAL:db"]).replace("${r.host} is in trouble", "${int(v: r.host)}"),
  );
  desk.file(
    "wrong.flux",
    'import "array" array.from(rows: [{a: 1}]) |> map(fn: (r) => ({a: 1 / (r.a - 1)})) |> yield(name: "x")',
  );
  await desk.run(
    ...["run", "--dry-run", "--summary", "sum.json", "--bucket", "example=b.lp"],
    ...["--now", moment, "quiet.flux", "old.flux", "bad.flux", "wrong.flux", "refused.flux"],
  );
  const runs: {
    exitCode: number;
    silence: { steps: unknown }[];
    errors: unknown[];
    badRows: unknown[];
  }[] = JSON.parse(readFileSync(desk.path("sum.json"), "utf8"));
  conform(runs, "ScriptRun");
  conform(runs[0].silence, "Silence");
  conform(runs[0].silence[0].steps, "SilentStep");
  conform(runs[1].silence[0].steps, "SilentStep");
  conform(runs[2].badRows, "BadRow");
  conform(runs[3].errors, "RunError");
  expect(runs.map(({ exitCode }) => exitCode)).toEqual([0, 0, 1, 1, 1]);
});

/** A script that pages for no row. */
function quiet(bucket: string, column: string): string {
  return `${alerting([]).split("array.from")[0]}
from(bucket: "${bucket}") |> range(start: -1m) |> filter(fn: (r) => r.${column} == "crit")
    |> page(mapFn: (r) => ({messageType: "CRITICAL", entityID: r.host, entityDisplayName: r.host, stateMessage: "m", timestamp: r._time}))()
`;
}

test("backtest --output json", async () => {
  const desk = new Desk(key);
  desk.file("data.lp", swinging);
  desk.file("new.flux", swings(80));
  desk.file("old.flux", swings(90));
  const story = await json(
    desk,
    ...["backtest", "--bucket", "b=data.lp", "--from", swingsFrom, "--to", swingsTo],
    ...["--output", "json", "--against", "old.flux", "new.flux"],
  );
  conform(story, "Backtest");
  const { pages, incidents, days, entities, rules, waits, against, failed } = Object(story);
  conform(failed, "Faults");
  conform(failed.first, "Fault");
  conform(pages, "Page");
  conform(incidents, "BacktestIncident");
  conform(days, "Day");
  conform(entities, "Entity");
  conform(rules, "Rule");
  conform(waits, "Waits");
  conform(against, "Against");
  conform(against.moved, "Move");
});

test("doctor --output json", async () => {
  conform(await json(new Desk(key), "doctor", "--output", "json"), "Finding");
});

test("outbox list, show and shape --output json; the sandbox's /requests and /incidents", async () => {
  const desk = new Desk(key);
  const service = await sandbox();
  const broken = await sandbox("status=404");
  const refusing = await sandbox("failure-body");
  desk.file("a.flux", alerting(["CRITICAL:db", "RECOVERY:db", "INFO:web"]));
  await desk.run("run", "--deliver-to", refusing.origin, "a.flux");
  await desk.run("run", "--deliver-to", service.origin, "a.flux");
  await desk.run("run", "--deliver-to", broken.origin, "a.flux");
  await desk.run("run", "--deliver-to", broken.origin, "a.flux");
  // What `--deliver-to` turned aside takes no second way: this one's own service is not there.
  const nowhere = alerting(["CRITICAL:late"]).replace(
    "https://alert.victorops.com/",
    "http://127.0.0.1:1/",
  );
  await desk.run("run", "--wait", "0", "-e", nowhere);
  desk.file("tocsin.toml", '[delivery.fallback]\ncommand = ["true"]\nlate_after = "1ms"\n');
  await desk.run("outbox", "send", "--wait", "0");
  const events = await json(desk, "outbox", "list", "--output", "json");
  conform(events, "Event");
  for (const { id } of events as { id: string }[]) {
    const story = await json(desk, "outbox", "show", id, "--output", "json");
    conform(story, "EventStory", "Event");
    conform((story as { history: unknown }).history, "Step");
  }
  await refusedAndLate(desk);
  for (const event of (await json(desk, "outbox", "list", "--output", "json")) as {
    id: string;
  }[]) {
    conform(event, "Event");
    const story = await json(desk, "outbox", "show", event.id, "--output", "json");
    conform((story as { history: unknown }).history, "Step");
  }
  conform(await json(desk, "outbox", "shape", "--output", "json"), "Age");
  const story = await json(desk, "why", "--output", "json", "db");
  conform(story, "EntityStory");
  conform((story as { events: unknown }).events, "EntityEvent");
  for (const [path, shape] of [
    ["/requests", "SandboxRequest"],
    ["/incidents", "Incident"],
  ] as const)
    conform(await (await fetch(`${service.origin}${path}`)).json(), shape);
});

/** An event that the service refuses in words, and a late one that takes a second way. */
async function refusedAndLate(desk: Desk): Promise<void> {
  const picky = await sandbox("failure-body");
  await desk.run("run", "--deliver-to", picky.origin, "a.flux");
  // What is redirected never takes a second way, so this script itself names the wrong host.
  const late = alerting(["CRITICAL:late"]).replace(
    "https://alert.victorops.com/",
    "http://127.0.0.1:1/",
  );
  desk.file("late.flux", late);
  await desk.run("run", "--wait", "0", "late.flux");
  desk.file(
    "tocsin.toml",
    '[delivery.fallback]\ncommand = ["sh", "-c", "cat"]\nlate_after = "1ms"\n',
  );
  await desk.run("outbox", "send", "--wait", "0");
}

test("test --output json", async () => {
  const desk = new Desk();
  desk.file(
    "a_test.flux",
    `import "testing"
testcase right { testing.assertEqualValues(got: 1, want: 1) }
testcase wrong { testing.assertEqualValues(got: 1, want: 2) }
testcase slow { option testing.tags = ["slow"]
  testing.assertEqualValues(got: 1, want: 1) }
`,
  );
  const outcomes = await json(desk, "test", "--output", "json", "a_test.flux");
  conform(outcomes, "Outcome");
  expect((outcomes as { status: string }[]).map(({ status }) => status)).toEqual([
    "success",
    "fail",
    "skip",
  ]);
});

test("no page describes a field that was never seen", () => {
  const described = [...shapes].flatMap(([shape, fields]) =>
    fields.filter(({ name }) => name !== "…").map(({ name }) => `${shape}.${name}`),
  );
  const nested = ["Fix.description", "Fix.edits"];
  expect(described.filter((one) => !seen.has(one) && !nested.includes(one))).toEqual([]);
});

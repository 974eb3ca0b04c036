import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { moment, pasted, points } from "./alerts.ts";
import { Desk, sandbox } from "./terminal.ts";

const keys = { VICTOROPS_API_KEY: "11111111-aaaa-KEY", VICTOROPS_ROUTING_KEY: "night-team" };
const reference = fileURLToPath(
  new URL("../../../../shared/reference/victorops-endpoint.md", import.meta.url),
);

interface Found {
  readonly line: number;
  readonly column: number;
  readonly severity: string;
  readonly fix?: { readonly edits: readonly { readonly text: string }[] };
}

/** Places, severities and fixes of what `check` reports. */
function places(json: string): [number, number, string, string | undefined][] {
  const found: readonly Found[] = JSON.parse(json);
  return found.map(({ line, column, severity, fix }) => [
    line,
    column,
    severity,
    fix?.edits.map(({ text }) => text).join(),
  ]);
}

test("check finds exactly the three mistakes of a pasted script, each with its place and fix", async () => {
  const desk = new Desk(keys);
  const { code, out, err } = await desk.run(
    "check",
    "--format",
    "json",
    desk.file("a.flux", pasted),
  );
  expect([code, err]).toEqual([1, ""]);
  expect(places(out)).toEqual([
    [11, 55, "error", "r.level"],
    [15, 36, "error", ","],
    [17, 38, "error", "}"],
  ]);
});

test("check --fix writes a script that runs, and each page arrives as it says", async () => {
  const desk = new Desk(keys);
  desk.file("a.flux", pasted);
  desk.file("data.lp", points);
  const fixed = await desk.run("check", "--fix", "a.flux");
  expect([fixed.code, fixed.err]).toEqual([0, ""]);
  // What is left is no error: the page's address is a dummy, and nothing closes what it opens.
  expect(fixed.out.match(/(?:error|warning)\[\w+\]/gu)).toEqual([
    "warning[W0312]",
    "warning[W0306]",
    "warning[W0307]",
  ]);
  const changed = readFileSync(desk.path("a.flux"), "utf8").split("\n");
  const before = pasted.split("\n");
  expect(changed.flatMap((line, i) => (line === before[i] ? [] : [i + 1]))).toEqual([11, 15, 17]);
  const service = await sandbox();
  const ended = await desk.run(
    ...["run", "--deliver-to", service.origin, "--bucket", "example-bucket=data.lp"],
    ...["--now", moment, "a.flux"],
  );
  expect([ended.code, ended.err]).toEqual([0, ""]);
  const path = "/integrations/generic/00000000/alert/11111111-aaaa-KEY/night-team";
  expect(service.requests().map(({ path: asked, body }) => [asked, body])).toEqual([
    [
      path,
      {
        entity_display_name: "Trouble on db-1",
        entity_id: "db-1/connections/critical",
        message_type: "CRITICAL",
        monitoring_tool: "Night watch",
        state_message: "connections of db-1 is 498.",
        state_start_time: 1769846392,
      },
    ],
    [
      path,
      {
        entity_display_name: "Trouble on web-1",
        entity_id: "web-1/cpu/critical",
        message_type: "CRITICAL",
        monitoring_tool: "Night watch",
        state_message: "cpu of web-1 is 97.25.",
        state_start_time: 1769846390,
      },
    ],
  ]);
  expect(
    service
      .requests()
      .every((one) => one.method === "POST" && one.contentType === "application/json"),
  ).toBe(true);
  expect(Object.keys(Object(service.requests()[0].body))).toEqual([
    "entity_display_name",
    "entity_id",
    "message_type",
    "monitoring_tool",
    "state_message",
    "state_start_time",
  ]);
});

/** The script of the reference page, where the page is at hand. */
function pageScript(): string {
  const blocks = [...readFileSync(reference, "utf8").matchAll(/```js\n(.*?)```/gsu)];
  return blocks[1][1];
}

test.skipIf(!existsSync(reference))("the reference page's own script, the same way", async () => {
  const desk = new Desk(keys);
  desk.file("page.flux", pageScript());
  desk.file("data.lp", points.replaceAll("health", "statuses").replaceAll("level", "status"));
  const checked = await desk.run("check", "--format", "json", "page.flux");
  expect(places(checked.out)).toEqual([
    [11, 57, "error", "r.status"],
    [15, 33, "error", ","],
    [17, 38, "error", "}"],
  ]);
  expect((await desk.run("check", "--fix", "page.flux")).code).toBe(0);
  const service = await sandbox();
  const ended = await desk.run(
    ...["run", "--deliver-to", service.origin, "--bucket", "example-bucket=data.lp"],
    ...["--now", moment, "page.flux"],
  );
  expect([ended.code, ended.err]).toEqual([0, ""]);
  const bodies = service.requests().map(({ body }) => Object(body));
  expect(bodies).toHaveLength(2);
  expect(bodies).toContainEqual({
    entity_display_name: "Critical alert for web-1",
    entity_id: "web-1-cpu-critical",
    message_type: "CRITICAL",
    monitoring_tool: "InfluxDB",
    state_message: "web-1 is in a critical state. cpu is 97.25.",
    state_start_time: 1769846400,
  });
});

const lastReported = (name: string): string => `import "contrib/bonitoo-io/victorops"
import "influxdata/influxdb/secrets"

key = secrets.get(key: "VICTOROPS_API_KEY")
team = secrets.get(key: "VICTOROPS_ROUTING_KEY")
newest = from(bucket: "example-bucket")
    |> range(start: -1m)
    |> filter(fn: (r) => r._measurement == "cpu" and r._field == "usage_idle")
    |> last()
    |> findRecord(fn: (key) => true, idx: 0)

victorops.event(
    url: "https://alert.victorops.com/integrations/generic/20131114/alert/\${key}/\${team}",
    messageType: if newest._value < 1.0 then "CRITICAL" else if newest._value < 5.0 then "WARNING" else "INFO",
    entityID: "idle-1",
    entityDisplayName: "Idle time",
    stateMessage: "The last idle time was \${string(v: ${name}._value)}.",
)
`;

test("the event() page's script: its one mistake is named; mended, it sends one event", async () => {
  const desk = new Desk(keys);
  const wrong = await desk.run("check", "--format", "json", desk.file("w.flux", lastReported("r")));
  expect(wrong.code).toBe(1);
  expect(places(wrong.out)).toEqual([[17, 55, "error", "newest"]]);
  desk.file("right.flux", lastReported("newest"));
  desk.file("data.lp", "cpu,host=a usage_idle=3.5 1769846390000000000\n");
  const service = await sandbox();
  const ended = await desk.run(
    ...["run", "--deliver-to", service.origin, "--bucket", "example-bucket=data.lp"],
    ...["--now", moment, "right.flux"],
  );
  expect([ended.code, ended.err]).toEqual([0, ""]);
  expect(service.requests().map(({ body }) => body)).toEqual([
    {
      entity_display_name: "Idle time",
      entity_id: "idle-1",
      message_type: "WARNING",
      monitoring_tool: "InfluxDB",
      state_message: "The last idle time was 3.5.",
      state_start_time: 1769846400,
    },
  ]);
});

test("the event() page's script without a row: a clear error, and nothing is sent", async () => {
  const desk = new Desk(keys);
  desk.file("right.flux", lastReported("newest"));
  desk.file("data.lp", "memory,host=a free=3.5 1769846390000000000\n");
  const service = await sandbox();
  const ended = await desk.run(
    ...["run", "--deliver-to", service.origin, "--bucket", "example-bucket=data.lp"],
    ...["--now", moment, "right.flux"],
  );
  expect(ended.code).toBe(1);
  expect(ended.err).toContain("right.flux:14:");
  expect(ended.err).toContain("`newest` is empty, because findRecord found no row");
  expect(ended.err).toContain("Hint: ");
  expect(service.requests()).toEqual([]);
});

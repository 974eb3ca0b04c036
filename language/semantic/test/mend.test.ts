import { applyFixes, parse } from "@tocsin/language/syntax";
import type { Diagnostic } from "@tocsin/language/syntax";
import { check } from "@tocsin/language/semantic";
import { expect, test } from "vitest";

import { signatures } from "./signatures-fixture.ts";

function diagnose(script: string): Diagnostic[] {
  const { file, diagnostics } = parse(script);
  return [...diagnostics, ...check(file, signatures).diagnostics];
}

/** Mends until nothing changes any more, as `check --fix` does. */
function mend(script: string): string {
  let text = script;
  for (let round = 0; round < 4; round += 1) {
    const next = applyFixes(text, diagnose(text));
    if (next === text) return text;
    text = next;
  }
  return text;
}

const pageOfEndpoint = `import "contrib/bonitoo-io/victorops"
import "influxdata/influxdb/secrets"

apiKey = secrets.get(key: "VICTOROPS_API_KEY")
routingKey = secrets.get(key: "VICTOROPS_ROUTING_KEY")
url = "https://alert.victorops.com/integrations/generic/00000000/alert/\${apiKey}/\${routingKey}"
endpoint = victorops.endpoint(url: url)

crit_events = from(bucket: "example-bucket")
  |> range(start: -1m)
  |> filter(fn: (r) => r._measurement == "statuses" and status == "crit")

crit_events
  |> endpoint(mapFn: (r) => ({
      monitoringTool: "InfluxDB"
      messageType: "CRITICAL",
      entityID: "\${r.host}-\${r._field)-critical",
      entityDisplayName: "Critical alert for \${r.host}",
      stateMessage: "\${r.host} is in a critical state. \${r._field} is \${string(v: r._value)}.",
      timestamp: now()
    })
  )()
`;

test("the script of the reference page of endpoint() has three mistakes, each with its mend", () => {
  const found = diagnose(pageOfEndpoint);
  expect(found.map(({ code }) => code).toSorted()).toEqual(["E0102", "E0105", "E0228"]);
  expect(found.every(({ severity, fix }) => severity === "error" && fix)).toBe(true);
  const status = found.find(({ code }) => code === "E0228");
  const { start = 0, end = 0 } = status?.span ?? {};
  expect(pageOfEndpoint.slice(start, end)).toBe("status");
  expect(status?.message).toContain("`r.status`");
  const mended = applyFixes(pageOfEndpoint, found);
  expect(diagnose(mended)).toEqual([]);
  expect(mended).toContain('and r.status == "crit")');
});

test("the first snippet of that page, alone, has two undefined names", () => {
  const script = `import "contrib/bonitoo-io/victorops"

victorops.endpoint(
  url: "https://alert.victorops.com/integrations/generic/00000000/alert\${apiKey}/\${routingKey}",
)`;
  const found = diagnose(script);
  expect(found.map(({ code, message }) => [code, message])).toEqual([
    ["E0201", "nothing is called `apiKey` here"],
    ["E0201", "nothing is called `routingKey` here"],
  ]);
});

test("the script of the reference page of event() has one mistake: the row outside of a row function", () => {
  const script = `import "contrib/bonitoo-io/victorops"
import "influxdata/influxdb/secrets"

apiKey = secrets.get(key: "VICTOROPS_API_KEY")
routingKey = secrets.get(key: "VICTOROPS_ROUTING_KEY")

lastReported =
  from(bucket: "example-bucket")
    |> range(start: -1m)
    |> filter(fn: (r) => r._measurement == "cpu" and r._field == "usage_idle")
    |> last()
    |> findRecord(fn: (key) => true, idx: 0)

victorops.event(
    url: "https://alert.victorops.com/integrations/generic/00000000/alert/\${apiKey}/\${routingKey}",
    messageType:
      if lastReported._value < 1.0 then "CRITICAL"
      else if lastReported._value < 5.0 then "WARNING"
      else "INFO",
    entityID: "example-alert-1",
    entityDisplayName: "Example Alert 1",
    stateMessage: "Last reported cpu_idle was \${string(v: r._value)}."
)`;
  const found = diagnose(script);
  expect(found.map(({ code }) => code)).toEqual(["E0229"]);
  expect(found[0].hint).toContain("`lastReported`");
  const mended = applyFixes(script, found);
  expect(mended).toContain("${string(v: lastReported._value)}");
  expect(diagnose(mended)).toEqual([]);
});

const event = `({messageType: "INFO", entityID: r.host, entityDisplayName: "d", stateMessage: "s", timestamp: now()})`;
const source = `import "contrib/bonitoo-io/victorops"

from(bucket: "b") |> range(start: -1m) |> `;

test.each<readonly [what: string, script: string, mended: string]>([
  [
    "no final ()",
    `${source}victorops.endpoint(url: "u")(mapFn: (r) => ${event})`,
    `${source}victorops.endpoint(url: "u")(mapFn: (r) => ${event})()`,
  ],
  [
    "mapFn in the first call",
    `${source}victorops.endpoint(url: "u", mapFn: (r) => ${event})()`,
    `${source}victorops.endpoint(url: "u")(mapFn: (r) => ${event})()`,
  ],
  [
    "mapFn in the first call, and no final ()",
    `${source}victorops.endpoint(mapFn: (r) => ${event}, url: "u")`,
    `${source}victorops.endpoint(url: "u")(mapFn: (r) => ${event})()`,
  ],
  [
    "another name for the row, used as r",
    `${source}victorops.endpoint(url: "u")(mapFn: (row) => ${event})()`,
    `${source}victorops.endpoint(url: "u")(mapFn: (r) => ${event})()`,
  ],
  [
    "another name for the row, used as such",
    'from(bucket: "b") |> filter(fn: (row) => row.a > 1.0 and row["b"] == "x")',
    'from(bucket: "b") |> filter(fn: (r) => r.a > 1.0 and r["b"] == "x")',
  ],
  [
    "another name for the row, in a short record",
    'from(bucket: "b") |> map(fn: (row) => ({row with all: display(v: {row})}))',
    'from(bucket: "b") |> map(fn: (r) => ({r with all: display(v: {row: r})}))',
  ],
  [
    "fields of another case",
    `${source}victorops.endpoint(url: "u")(mapFn: (r) => ${event.replace("entityID", "entityId")})()`,
    `${source}victorops.endpoint(url: "u")(mapFn: (r) => ${event})()`,
  ],
  [
    "an import that is not there",
    source.replace(/^import.*\n\n/, "") + `victorops.endpoint(url: "u")(mapFn: (r) => ${event})()`,
    `${source}victorops.endpoint(url: "u")(mapFn: (r) => ${event})()`,
  ],
  [
    "an import path that was cut short",
    `import "victorops"\n\nx = victorops.endpoint`,
    `import "contrib/bonitoo-io/victorops"\n\nx = victorops.endpoint`,
  ],
  [
    "an import with a slip, and what it brings",
    'import "strngs"\nx = strngs.toUper(v: "a")',
    'import "strings"\nx = strings.toUpper(v: "a")',
  ],
  [
    "columns without the row",
    'from(bucket: "b") |> map(fn: (r) => ({r with a: _value * 2.0, b: {host}}))',
    'from(bucket: "b") |> map(fn: (r) => ({r with a: r._value * 2.0, b: {host: r.host}}))',
  ],
  [
    "a slip of a name that is known",
    'threshold = 5\nfrom(bucket: "b") |> filter(fn: (r) => r._value > treshold)',
    'threshold = 5\nfrom(bucket: "b") |> filter(fn: (r) => r._value > threshold)',
  ],
  [
    "a slip in an argument",
    'from(bucket: "b") |> range(strat: -1h)',
    'from(bucket: "b") |> range(start: -1h)',
  ],
  ["a whole number beside a float", "x = 1.5 * 2 + 3", "x = 1.5 * 2.0 + 3.0"],
  ["a function that is not called", 'x = "at ${now}"', 'x = "at ${now()}"'],
  [
    "a call where the function is meant",
    'from(bucket: "b") |> aggregateWindow(every: 1m, fn: mean())',
    'from(bucket: "b") |> aggregateWindow(every: 1m, fn: mean)',
  ],
  ["a missing return", "f = (x) => {\n  x + 1\n}", "f = (x) => {\n  return x + 1\n}"],
  ["true in capitals", "x = TRUE", "x = true"],
])("mends %s", (_, script, mended) => {
  expect(diagnose(script).some(({ severity }) => severity === "error")).toBe(true);
  expect(mend(script)).toBe(mended);
  const left = diagnose(mended).filter(({ severity }) => severity === "error");
  expect(left).toEqual([]);
});

test.each([
  "x = foo + 1",
  'x = strings.toUpper(w: "a")',
  "a = 1\na = 2",
  "x = {a: 1}.b",
  "x = if 1 then 2 else 3",
  "one = {a: 1}\ntwo = {a: 2}\nx = r.a",
])("changes nothing where it is not certain what was meant: %s", (script) => {
  expect(diagnose(script)).not.toEqual([]);
  expect(mend(script).replace(/^import .*\n\n/, "")).toBe(script);
});

test("a field that the rows lack is said where it is read, with the fields that there are", () => {
  const script = (read: string): string => `import "array"
import "http"
array.from(rows: [{host: "a", load: 1.0}])
    |> http.endpoint(url: "http://x")(mapFn: (r) => ({headers: {}, data: bytes(v: r.${read})}))()`;
  const [lost] = diagnose(script("nope"));
  expect([lost.code, lost.message, lost.hint]).toEqual([
    "E0204",
    "the rows have no field `nope`",
    "they have `host` and `load`",
  ]);
  expect(script("nope").slice(lost.span.start, lost.span.end)).toBe("nope");
  expect(mend(script("host"))).toBe(script("host"));
});

test("brackets, quotes and slashes that are missing or too many are mended", () => {
  const rows = 'from(bucket: "b") |> range(start: -1h)';
  expect(mend(`${rows} |> group(columns: "host")`)).toBe(`${rows} |> group(columns: ["host"])`);
  expect(mend(`${rows} |> aggregateWindow(every: "5m", fn: mean)`)).toBe(
    `${rows} |> aggregateWindow(every: 5m, fn: mean)`,
  );
  expect(mend(`${rows} |> filter(fn: (r) => r.host =~ "web.*")`)).toBe(
    `${rows} |> filter(fn: (r) => r.host =~ /web.*/)`,
  );
});

import { checkScript, fixScript } from "@tocsin/library/runtime";
import { expect, test } from "vitest";

const head = `import "array"
import "csv"
import "experimental/http"
import "http/requests"
import metrics "experimental/prometheus"
import web "experimental/csv"
import "contrib/bonitoo-io/victorops"
import "experimental"
import "influxdata/influxdb/secrets"
import "join"
import "strings"

url = "https://alert.victorops.com/integrations/generic/20131114/alert/\${secrets.get(key: "K")}/ops"
page = victorops.endpoint(url: url)
rows = from(bucket: "telegraf")
    |> range(start: -1m)
    |> filter(fn: (r) => r._measurement == "cpu" and r._field == "usage_user")
`;

interface Event {
  readonly type?: string;
  readonly id?: string;
  readonly message?: string;
  readonly at?: string;
}

function event({ type, id, message, at }: Event = {}): string {
  const messageType = type ?? 'if r._value > 90.0 then "CRITICAL" else "RECOVERY"';
  return `page(mapFn: (r) => ({messageType: ${messageType}, entityID: ${id ?? '"${r.host}-cpu"'},
    entityDisplayName: r.host, stateMessage: ${message ?? '"at ${string(v: r._value)}"'}, timestamp: ${at ?? "r._time"}}))()`;
}

async function codes(body: string): Promise<string> {
  const { diagnostics } = await checkScript(head + body, "a.flux");
  return [...new Set(diagnostics.map(({ code }) => code))].join(" ");
}

const graded =
  'rows |> last() |> map(fn: (r) => ({r with level: if r._value > 90.0 then "crit" else "ok"}))';

/** What is looked through on the way from the text to what would happen. */
const cases: readonly (readonly [name: string, body: string, codes: string])[] = [
  [
    "a record of words",
    `words = {ok: "OK"}\nrows |> last() |> ${event({ type: 'if r._value > 90.0 then "CRITICAL" else words.ok' })}`,
    "W0305",
  ],
  [
    "an element of an array",
    `words = ["critical", "RECOVERY"]\nrows |> last() |> ${event({ type: "if r._value > 90.0 then words[0] else words[1]" })}`,
    "W0305",
  ],
  [
    "a number for a message type",
    `severity = (v) => if v > 90.0 then 2 else 5\nrows |> last() |> ${event({ type: "severity(v: r._value)" })}`,
    "W0305",
  ],
  [
    "a bound of a range that a function is given as text",
    `since = (tables=<-, ago) => tables |> range(start: ago, stop: now())
rows |> since(ago: "-15m") |> last() |> ${event()}`,
    "W0326",
  ],
  ["a column that map made", `${graded} |> ${event({ type: "r.level" })}`, "W0305"],
  [
    "a column that set made",
    `rows |> last() |> set(key: "type", value: "Critical") |> ${event({ type: "r.type" })}`,
    "W0305",
  ],
  [
    "a branch that a filter on a number left out",
    `rows |> last() |> filter(fn: (r) => r._value > 90.0) |> ${event()}`,
    "W0306",
  ],
  [
    "a branch that a filter on words left out",
    `${graded} |> filter(fn: (r) => r.level == "crit") |> ${event({ type: 'if r.level == "crit" then "CRITICAL" else "RECOVERY"' })}`,
    "W0306",
  ],
  [
    "letters that a function changed",
    `rows |> last() |> ${event({ id: 'strings.toLower(v: "${r.host} CRITICAL")' })}`,
    "W0307",
  ],
  [
    "a column that was made of the time",
    `rows |> last() |> map(fn: (r) => ({r with id: r.host + string(v: r._time)})) |> ${event({ id: "r.id" })}`,
    "W0307",
  ],
  [
    "columns that a group key lost",
    `rows |> group(columns: ["region"]) |> mean() |> ${event({ at: "now()", id: "r.host" })}`,
    "W0316",
  ],
  [
    "not and or around what was sent",
    `rows |> last() |> ${event()} |> filter(fn: (r) => not (r._sent == "true")) |> ${event()}`,
    "W0319",
  ],
  [
    "a number, then a word",
    `rows |> last() |> ${event({ type: 'if r._value > 90.0 and r._value != "none" then "CRITICAL" else "RECOVERY"' })}`,
    "W0321",
  ],
  [
    "an endpoint in a record",
    `ends = {ops: page}\nrows |> last() |> ends.${event({ type: '"crit"' }).replace("page(", "ops(")}`,
    "W0305",
  ],
  [
    "what reduce ends with",
    `rows |> group(columns: ["host"])
    |> reduce(identity: {t: "RECOVERY"}, fn: (r, accumulator) => ({t: if r._value > 9.0 then "crit" else accumulator.t}))
    |> ${event({ type: "r.t", message: '"x"', at: "now()" })}`,
    "W0305",
  ],
  [
    "calls for each element of an array",
    `array.map(arr: ["a", "b"], fn: (x) => victorops.alert(url: url, messageType: "crit", entityID: x))
rows |> last() |> ${event()}`,
    "W0305",
  ],
  [
    "columns that come from a record",
    `rows |> last() |> experimental.set(o: {t: "Ok"}) |> ${event({ type: "r.t" })}`,
    "W0305",
  ],
  [
    "nothing: a stream that another one waits for",
    `experimental.chain(first: rows, second: rows |> last() |> ${event()})`,
    "",
  ],
  [
    "nothing: disjoint conditions",
    `all = rows |> last()
all |> filter(fn: (r) => r._value > 90.0) |> ${event({ type: '"CRITICAL"' })} |> yield(name: "1")
all |> filter(fn: (r) => r._value > 80.0 and r._value <= 90.0) |> ${event({ type: '"WARNING"' })} |> yield(name: "2")
all |> filter(fn: (r) => r._value <= 80.0) |> ${event({ type: '"RECOVERY"' })} |> yield(name: "3")`,
    "",
  ],
  [
    "nothing: null that map took away",
    `rows |> aggregateWindow(every: 1m, fn: mean) |> map(fn: (r) => ({r with _value: if exists r._value then r._value else 0.0})) |> ${event()}`,
    "",
  ],
  [
    "nothing: null that a comparison took away",
    `rows |> aggregateWindow(every: 1m, fn: mean) |> ${event({ message: 'if r._value > 5.0 then "at ${string(v: r._value)}" else "quiet"' })}`,
    "",
  ],
  [
    "nothing: one row of one table",
    `rows |> group() |> max() |> ${event({ id: '"fleet"', message: '"at ${string(v: r._value)}"' }).replace("entityDisplayName: r.host", 'entityDisplayName: "all"')}`,
    "",
  ],
  [
    "the time of a window after a group",
    `rows |> group(columns: ["host"]) |> aggregateWindow(every: 1m, fn: mean) |> ${event({ type: 'if r._value > 90.0 then "CRITICAL" else "OK"', message: '"high"' })}`,
    "W0305",
  ],
  ...[
    'metrics.scrape(url: "http://h/metrics")',
    'web.from(url: "http://h/rows.csv")',
    'csv.from(csv: string(v: http.get(url: "http://h/rows.csv").body))',
    'csv.from(csv: string(v: requests.get(url: "http://h/rows.csv").body))',
  ].map(
    (rows) =>
      [
        `rows of a service: ${rows}`,
        `${rows} |> last() |> ${event({ type: 'if r._value > 90.0 then "CRITICAL" else "OK"' })}`,
        // W0302: the bucket's rows go nowhere here.
        "W0302 W0305",
      ] as const,
  ),
];

/** Scripts whose task or range is wrong, and what --fix makes of them. */
const mended: readonly (readonly [script: string, fixed: string])[] = [
  ['from(bucket: "b") |> range(start: 1h)\n', 'from(bucket: "b") |> range(start: -1h)\n'],
  ['task = {name: "t", every: 1m}\n', 'option task = {name: "t", every: 1m}\n'],
  ['option task = {name: "t", evry: 1m}\n', 'option task = {name: "t", every: 1m}\n'],
];

test.each(mended)("%s", async (script, fixed) => {
  expect(await fixScript(script, "a.flux")).toBe(fixed);
});

test.each(cases)("%s", async (_, body, expected) => {
  expect(await codes(body)).toBe(expected);
});

import { parse } from "@tocsin/language/syntax";
import { abstraction } from "@tocsin/library/lint";
import { standardLibrary } from "@tocsin/library/stdlib";
import { expect, test } from "vitest";

const head = `import "contrib/bonitoo-io/victorops"
import "influxdata/influxdb/monitor"
import "influxdata/influxdb/secrets"
import "dict"
import "join"
url = "https://alert.victorops.com/integrations/generic/20131114/alert/\${secrets.get(key: "K")}/ops"
rows = from(bucket: "b") |> range(start: -5m)
`;

/** What a script would send: each field with what it may be, and the conditions that lead to it. */
async function events(text: string): Promise<string[]> {
  const { requestsOf, runAbstractly, possibleValues, show } = await abstraction();
  const { file, diagnostics } = parse(head + text, "test.flux");
  expect(diagnostics).toEqual([]);
  const script = await runAbstractly(file, { library: standardLibrary });
  const word = (at: { file: { text: string }; start: number; end: number } | undefined): string =>
    at === undefined ? "?" : at.file.text.slice(at.start, at.end);
  return requestsOf(script).map((request) =>
    ["messageType", "entityID", "timestamp"]
      .map((field) =>
        possibleValues(request, field)
          .map(({ value, when }) =>
            [
              show(value),
              ...when.map(({ holds, at }) => `${holds ? "if" : "unless"} ${word(at)}`),
            ].join(" "),
          )
          .join(" | "),
      )
      .join("; "),
  );
}

const event = (messageType: string, more = ""): string =>
  `({messageType: ${messageType}, entityID: "\${r.host}-x", entityDisplayName: "", stateMessage: "", timestamp: r._time${more}})`;

const cases: readonly (readonly [string, string, string])[] = [
  [
    "a literal",
    `rows |> victorops.endpoint(url)(mapFn: (r) => ${event('"CRITICAL"')})()`,
    '"CRITICAL"; "${r.host}-x"; r._time',
  ],
  [
    "a branch",
    `rows |> victorops.endpoint(url)(mapFn: (r) => ${event('if r._value > 90.0 then "CRITICAL" else "RECOVERY"')})()`,
    '"CRITICAL" if r._value > 90.0 | "RECOVERY" unless r._value > 90.0; "${r.host}-x"; r._time',
  ],
  [
    "a helper and a constant",
    `crit = "CRITICAL"
typeOf = (level) => if level == "crit" then crit else "INFO"
rows |> victorops.endpoint(url)(mapFn: (r) => ${event("typeOf(level: r._level)")})()`,
    '"CRITICAL" if level == "crit" | "INFO" unless level == "crit"; "${r.host}-x"; r._time',
  ],
  [
    "a dictionary",
    `names = ["crit": "CRITICAL", "ok": "RECOVERY"]
rows |> victorops.endpoint(url)(mapFn: (r) => ${event('dict.get(dict: names, key: r._level, default: "INFO")')})()`,
    '"CRITICAL" if ? | "RECOVERY" if ? | "INFO" if ?; "${r.host}-x"; r._time',
  ],
  [
    "a filter that leaves one branch",
    `rows |> filter(fn: (r) => r._level == "crit")
    |> victorops.endpoint(url)(mapFn: (r) => ${event('if r._level == "crit" then "CRITICAL" else "RECOVERY"')})()`,
    '"CRITICAL"; "${r.host}-x"; r._time',
  ],
  [
    "a level that an earlier step makes",
    `rows |> map(fn: (r) => ({r with level: if r._value > 90.0 then "crit" else "ok"}))
    |> filter(fn: (r) => r.level != "ok")
    |> victorops.endpoint(url)(mapFn: (r) => ${event('if r.level == "crit" then "CRITICAL" else "RECOVERY"')})()`,
    '"CRITICAL"; "${r.host}-x"; r._time',
  ],
  [
    "notify gives the time of sending",
    `rows |> monitor.notify(data: {_notification_rule_id: "1"}, endpoint: victorops.endpoint(url)(mapFn: (r) => ${event('"INFO"')}))`,
    '"INFO"; "${r.host}-x"; r._time',
  ],
  [
    "an alert of a record that was read",
    `last = rows |> last() |> findRecord(fn: (key) => true, idx: 0)
victorops.alert(url: url, messageType: if last._value < 1.0 then "CRITICAL" else "INFO", entityID: "a", timestamp: last._time)`,
    '"CRITICAL" if last._value < 1.0 | "INFO" unless last._value < 1.0; "a"; r._time',
  ],
];

for (const [name, text, expected] of cases) {
  test(name, async () => {
    expect(await events(text.replaceAll("endpoint(url)", "endpoint(url: url)"))).toEqual([
      expected,
    ]);
  });
}

import {
  applyFixes,
  jsonDiagnostics,
  parse,
  renderGithub,
  sarifLog,
} from "@tocsin/language/syntax";
import { expect, test } from "vitest";

// The script of the reference page of victorops.endpoint(), which people paste. Its third mistake,
// the undefined name `status`, is one of meaning, not of syntax.
const page = `import "contrib/bonitoo-io/victorops"
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

const parsed = parse(page, "docs/page.flux");
const report = { source: parsed.file.source, diagnostics: parsed.diagnostics };

test("exactly the two mistakes of syntax are reported, each at its place", () => {
  expect(jsonDiagnostics([report])).toEqual([
    {
      file: "docs/page.flux",
      line: 15,
      column: 33,
      endLine: 15,
      endColumn: 33,
      severity: "error",
      code: "E0102",
      message: "expected `,` after this property, found the name `messageType`",
      hint: "put a comma between them",
      fix: { edits: [{ line: 15, column: 33, endLine: 15, endColumn: 33, text: "," }] },
    },
    {
      file: "docs/page.flux",
      line: 17,
      column: 38,
      endLine: 17,
      endColumn: 39,
      severity: "error",
      code: "E0105",
      message: "expected `}` to close the interpolation, found `)`",
      hint: "write `}` in its place",
      fix: { edits: [{ line: 17, column: 38, endLine: 17, endColumn: 39, text: "}" }] },
    },
  ]);
});

test("the fixes mend both and touch nothing else", () => {
  const mended = applyFixes(page, parsed.diagnostics);
  expect(parse(mended).diagnostics).toEqual([]);
  expect(mended).toBe(
    page.replace('"InfluxDB"\n', '"InfluxDB",\n').replace("r._field)-", "r._field}-"),
  );
});

test("GitHub shows them as annotations", () => {
  expect(renderGithub([report])).toBe(
    "::error file=docs/page.flux,line=15,endLine=15,col=33,endColumn=33,title=E0102::expected `,`" +
      " after this property, found the name `messageType`%0Aput a comma between them\n" +
      "::error file=docs/page.flux,line=17,endLine=17,col=38,endColumn=39,title=E0105::expected `}`" +
      " to close the interpolation, found `)`%0Awrite `}` in its place\n",
  );
});

test("SARIF names the rules, the places and the replacements", () => {
  const log = sarifLog([report], { version: "1.2.3", titles: { E9999: "Unused" } });
  expect(log).toMatchObject({
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: { name: "tocsin", version: "1.2.3", rules: [{ id: "E0102" }, { id: "E0105" }] },
        },
        columnKind: "utf16CodeUnits",
        results: [
          {
            ruleId: "E0102",
            level: "error",
            locations: [
              {
                physicalLocation: {
                  artifactLocation: { uri: "docs/page.flux" },
                  region: { startLine: 15, startColumn: 33, endLine: 15, endColumn: 33 },
                },
              },
            ],
            fixes: [{ artifactChanges: [{ replacements: [{ insertedContent: { text: "," } }] }] }],
          },
          { ruleId: "E0105" },
        ],
      },
    ],
  });
});

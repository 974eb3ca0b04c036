import type { Deliveries, OutgoingRequest, Settlement } from "@tocsin/alerting/oncall";
import { cellOf } from "@tocsin/data/column";
import { utf8 } from "@tocsin/platform/host";
import { expect, test } from "vitest";
import { run } from "./script.ts";

/** Answers every request with a text; keeps what was asked. */
function answering(
  text: string,
  status = 200,
): { deliveries: Deliveries; asked: OutgoingRequest[] } {
  const asked: OutgoingRequest[] = [];
  const answer = {
    status,
    headers: { "content-type": "text/csv" },
    body: utf8.encode(text),
    milliseconds: 1,
  };
  const settlement: Settlement = {
    state: "answered",
    status: `${status}`,
    reason: "answered",
    detail: "",
    answer,
  };
  const deliveries: Deliveries = {
    deliver: async (requests) => {
      asked.push(...requests);
      return requests.map(() => ({ kind: "direct", settled: Promise.resolve(settlement) }));
    },
  };
  return { deliveries, asked };
}

async function cells(
  source: string,
  text: string,
): Promise<{ cells: unknown[]; asked: OutgoingRequest[] }> {
  const { deliveries, asked } = answering(text);
  const { report, tables } = await run(source, undefined, deliveries);
  expect(report.errors.map(({ error }) => error.message)).toEqual([]);
  const found = [...tables.values()]
    .flat()
    .flatMap((table) =>
      table.columns.flatMap((column) =>
        Array.from({ length: table.rows }, (_, row) => cellOf(column, row, 0)),
      ),
    );
  return { cells: found, asked };
}

test("experimental/http.get gives status, body and headers as a record", async () => {
  const { cells: found, asked } = await cells(
    `import "array"
import "experimental/http"
answer = http.get(url: "http://h/x", headers: {Accept: "text/csv"}, timeout: 2s)
array.from(rows: [{a: answer.statusCode, b: string(v: answer.body), c: display(v: answer.headers)}])`,
    "hello",
  );
  expect(found).toEqual([200n, "hello", "{Content-Type: text/csv}"]);
  expect(asked).toMatchObject([
    {
      method: "GET",
      url: "http://h/x",
      headers: { Accept: "text/csv" },
      timeoutMilliseconds: 2000,
    },
  ]);
});

test("experimental/csv.from reads annotated CSV from a URL", async () => {
  const text =
    "#datatype,string,long,string\r\n#group,false,false,false\r\n#default,_result,,\r\n,result,table,a\r\n,,0,x\r\n";
  const { cells: found } = await cells(
    'import "experimental/csv"\ncsv.from(url: "http://h/x.csv")',
    text,
  );
  expect(found).toEqual(["x"]);
});

const metricsPage = `# HELP jobs_total How "many" \\n jobs.
# TYPE jobs_total counter
jobs_total{queue="mail",code="200"} 1027 1767225600000
jobs_total{code="500", queue="mail",} 3e0

# TYPE wait histogram
wait_bucket{le="0.50"} 2
wait_bucket{le="1000000"} 5
wait_bucket{le="+Inf"} 6
wait_sum 53.5
wait_count 6
# TYPE took summary
took{quantile="0.5"} NaN
took{quantile="0.9"} 7
took_count 2
gone NaN
odd{path="C:\\\\x",says="a \\"b\\"\\nc",url="own"} -Inf -5
`;

test("prometheus.scrape makes a table of each series of a page of metrics", async () => {
  const { deliveries, asked } = answering(metricsPage);
  const { report, tables } = await run(
    `import "experimental/prometheus"
option now = () => 2026-02-01T00:00:00Z
prometheus.scrape(url: "http://h/metrics")`,
    undefined,
    deliveries,
  );
  expect(report.errors).toEqual([]);
  expect(asked).toMatchObject([{ method: "GET", url: "http://h/metrics" }]);
  const rows = (tables.get("_result") ?? []).map(({ schema, columns }) =>
    schema
      .map(({ label, key }, at) => `${label}${key ? "*" : ""}=${String(cellOf(columns[at], 0, 0))}`)
      .filter((cell) => !/^_measurement\*=prometheus$|^url=http:\/\/h\/metrics$/.test(cell))
      .join(" "),
  );
  const now = 1_769_904_000_000_000_000n;
  expect(rows).toEqual([
    "_time=1767225600000000000 _value=1027 _field*=jobs_total queue*=mail code*=200",
    `_time=${now} _value=3 _field*=jobs_total code*=500 queue*=mail`,
    `_time=${now} _value=2 _field*=wait le*=0.5`,
    `_time=${now} _value=5 _field*=wait le*=1e+06`,
    `_time=${now} _value=6 _field*=wait le*=+Inf`,
    `_time=${now} _value=53.5 _field*=wait_sum`,
    `_time=${now} _value=6 _field*=wait_count`,
    `_time=${now} _value=7 _field*=took quantile*=0.9`,
    `_time=${now} _value=2 _field*=took_count`,
    `_time=${now} _value=-Infinity _field*=odd url*=own path*=C:\\x says*=a "b"\nc`,
  ]);
});

test.each([
  ["<html>", "line 1 of the answer: expected the name of a metric, found <html>"],
  ["\nup one", "line 2 of the answer: the value is no number: one"],
  ["up", "line 1 of the answer: the value is missing"],
  ["up 1 2 3", "line 1 of the answer: after the value only a time in milliseconds can stand: 2 3"],
  ['up{a="1" b="2"} 1', 'line 1 of the answer: expected , or } after a label, found b="2"} 1'],
  ['up{a="1",a="2"} 1', "line 1 of the answer: the label a comes twice"],
  ['up{_time="1"} 1', "line 1 of the answer: no label can be called _time"],
  ["up{a=1} 1", "line 1 of the answer: expected the value of a in quotes, found 1} 1"],
  ["# TYPE up level", "line 1 of the answer: level is no type of a metric"],
  [
    "up 1\n# TYPE up gauge",
    "line 2 of the answer: the type of up comes twice, or after its values",
  ],
  ['# TYPE h histogram\nh_bucket{le="x"} 1', "line 2 of the answer: the label le is no number: x"],
  ["up 1 99999999999999999", "99999999999999999 milliseconds is a time after 2262"],
])("prometheus.scrape says what is wrong with %j", async (text, message) => {
  const { report } = await run(
    'import "experimental/prometheus"\nprometheus.scrape(url: "http://h/")',
    undefined,
    answering(text).deliveries,
  );
  expect(report.errors.map(({ error }) => error.message)).toEqual([
    expect.stringContaining(`prometheus.scrape: ${message}`),
  ]);
});

test("prometheus.scrape fails with the status of an answer that is no page", async () => {
  const { report } = await run(
    'import "experimental/prometheus"\nprometheus.scrape(url: "http://h/")',
    undefined,
    answering("", 503).deliveries,
  );
  expect(report.errors.map(({ error }) => error.message)).toEqual([
    "prometheus.scrape: the address answered 503",
  ]);
});

test("clickhouse.query and logql.query_range ask as upstream does, and read what comes as text", async () => {
  const house = await cells(
    'import "contrib/qxip/clickhouse"\nclickhouse.query(query: "SELECT 1", limit: 5)',
    "n,name\n1,a\n",
  );
  expect(house.cells).toEqual(["1", "a"]);
  const { searchParams } = new URL(house.asked[0].url);
  expect(Object.fromEntries(searchParams)).toEqual({
    query: "SELECT 1",
    default_format: "CSVWithNames",
    max_result_rows: "5",
    max_result_bytes: "10000000",
    add_http_cors_header: "1",
  });
  const loki = await cells(
    `import "contrib/qxip/logql"
logql.query_range(query: "{job=\\"x\\"}", start: 2026-01-01T00:00:00Z, end: 2026-01-02T00:00:00Z, orgid: "me")`,
    "line\nhello\n",
  );
  expect(loki.cells).toEqual(["hello"]);
  expect(loki.asked[0].url).toContain("/loki/api/v1/query_range?");
  expect(loki.asked[0].url).toContain("start=1767225600000000000");
  expect(loki.asked[0].headers).toEqual({ "X-Scope-OrgID": "me" });
});

test("experimental/http/requests has a defaultConfig of its own", async () => {
  const { asked } = await cells(
    `import "array"
import "experimental/http/requests"
option requests.defaultConfig = {timeout: 3s, insecureSkipVerify: true}
array.from(rows: [{a: requests.post(url: "http://h/", body: bytes(v: "x")).statusCode}])`,
    "",
  );
  expect(asked).toMatchObject([
    { method: "POST", timeoutMilliseconds: 3000, insecureSkipVerify: true },
  ]);
});

test("experimental/influxdb.api asks a server's API with its token", async () => {
  const { cells: found, asked } = await cells(
    `import "array"
import "experimental/influxdb"
answer =
    influxdb.api(
        method: "post",
        path: "/api/v2/query",
        host: "http://h:8086/",
        token: "t",
        body: bytes(v: "x"),
        headers: ["Accept": "text/csv"],
        query: ["org": "a b"],
    )
array.from(rows: [{a: answer.statusCode, b: string(v: answer.body), c: display(v: answer.headers)}])`,
    "hello",
  );
  expect(found).toEqual([200n, "hello", "[Content-Type: text/csv]"]);
  expect(asked).toEqual([
    {
      method: "POST",
      url: "http://h:8086/api/v2/query?org=a+b",
      headers: { Accept: "text/csv", Authorization: "Token t" },
      body: utf8.encode("x"),
      timeoutMilliseconds: 30_000,
    },
  ]);
});

test("experimental/influxdb.api needs a server and a token", async () => {
  const { report } = await run(
    'import "array"\nimport "experimental/influxdb"\n' +
      'array.from(rows: [{a: influxdb.api(method: "get", path: "/", host: "http://h").statusCode}])',
  );
  expect(report.errors.map(({ error }) => error.message)).toEqual([
    "influxdb.api: token is missing: outside of InfluxDB there is no server of one's own",
  ]);
});

test("experimental/usage reads the usage and the limits of an organisation", async () => {
  const use = await cells(
    `import "experimental/usage"
usage.from(start: 2026-01-01T00:00:00Z, stop: 2026-01-02T00:00:00Z, host: "https://h", orgID: "o/1", token: "t")`,
    "#datatype,string,long,double\r\n#group,false,false,false\r\n#default,_result,,\r\n,result,table,v\r\n,,0,2.5\r\n",
  );
  expect(use.cells).toEqual([2.5]);
  const { origin, pathname, searchParams } = new URL(use.asked[0].url);
  expect([origin, pathname]).toEqual(["https://h", "/api/v2/orgs/o%2F1/usage"]);
  expect(Object.fromEntries(searchParams)).toEqual({
    start: "2026-01-01T00:00:00.000000000Z",
    stop: "2026-01-02T00:00:00.000000000Z",
    raw: "false",
  });
  const most = await cells(
    `import "array"
import "experimental/usage"
array.from(rows: [{kilobytes: usage.limits(host: "https://h", orgID: "o", token: "t").rate.readKBs}])`,
    '{"limits": {"rate": {"readKBs": 1000}}}',
  );
  expect(most.cells).toEqual([1000]);
  expect(most.asked).toMatchObject([{ method: "GET", url: "https://h/api/v2/orgs/o/limits" }]);
});

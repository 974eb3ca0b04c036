import type { ServerResponse } from "node:http";
import { openBuckets } from "@tocsin/adapters/buckets";
import { nodeHost } from "@tocsin/adapters/host-node";
import type { StorageComparison } from "@tocsin/engine/plan";
import { SimulatedClock } from "@tocsin/platform/host";
import { expect, test } from "vitest";
import { answer, readOf } from "./places.ts";
import { type ServerDouble, serverDouble } from "./server-double.ts";

const token = "s3cret-t0ken";

const table = [
  "#datatype,string,long,dateTime:RFC3339,dateTime:RFC3339,dateTime:RFC3339,string,string,string",
  "#group,false,false,true,true,false,false,true,true",
  "#default,_result,,,,,,,",
  ",result,table,_start,_stop,_time,_value,_field,_measurement",
  ",,0,1970-01-01T00:00:00Z,1970-01-01T00:16:40Z,1970-01-01T00:00:01Z,x,s,m",
  ",,0,1970-01-01T00:00:00Z,1970-01-01T00:16:40Z,1970-01-01T00:00:02Z,,s,m",
  "",
].join("\r\n");

const failure = [
  "",
  "#datatype,string,string",
  "#group,true,true",
  "#default,,",
  ",error,reference",
  ",it broke,",
  "",
].join("\r\n");

function bucketsAt(url: string, clock = nodeHost().clock): ReturnType<typeof openBuckets> {
  return openBuckets({
    dataDir: undefined,
    named: { b: `influxdb2:${url}` },
    host: { ...nodeHost(), clock },
    env: { INFLUX_ORG: "my org", INFLUX_TOKEN: token },
  });
}

async function withServer<T>(
  respond: (response: ServerResponse) => void,
  use: (server: ServerDouble) => Promise<T>,
): Promise<T> {
  const server = await serverDouble(respond);
  try {
    return await use(server);
  } finally {
    await server.close();
  }
}

/** What reading from a server that answers so gives, as text or as an error. */
async function outcome(respond: (response: ServerResponse) => void): Promise<unknown> {
  return withServer(respond, ({ url }) =>
    answer(bucketsAt(url), readOf()).catch((error: unknown) => error),
  );
}

const sent =
  (body: string, status = 200, headers: Record<string, string> = {}) =>
  (response: ServerResponse): void => {
    response.writeHead(status, headers);
    response.end(body);
  };

test("the answer of a server becomes tables; empty text is text, not nothing", async () => {
  expect(await outcome(sent(`${table}\r\n`))).toEqual(["m s: 1='x' 2=''"]);
  expect(await outcome(sent("\r\n"))).toEqual([]);
});

test("the read is sent as Flux, with absolute times, to the organisation and with the token", async () => {
  const eq = (column: string, value: string): StorageComparison => {
    return { kind: "comparison", column, operator: "==", literal: { kind: "string", value } };
  };
  await withServer(sent("\r\n"), async ({ url, seen }) => {
    const float = { kind: "float", value: -1.5 } as const;
    const pattern = { kind: "regexp", value: 'a/b\\/"c' } as const;
    const request = readOf({
      predicate: {
        kind: "and",
        left: {
          kind: "or",
          left: eq('ho"st', "a${b}\n\\"),
          right: { kind: "exists", column: "x" },
        },
        right: {
          kind: "and",
          left: { kind: "comparison", column: "_value", operator: ">", literal: float },
          right: { kind: "comparison", column: "p", operator: "!~", literal: pattern },
        },
      },
      aggregate: { function: "max", window: { every: 60n, offset: 5n, createEmpty: false } },
    });
    await answer(bucketsAt(`${url}/base/?bucket=their bucket`), request);
    expect(seen[0].url).toBe("/base/api/v2/query?org=my%20org");
    expect(seen[0].headers).toMatchObject({
      authorization: `Token ${token}`,
      accept: "application/csv",
    });
    expect(seen[0].query).toBe(`negative0 = -1.5
from(bucket: "their bucket")
  |> range(start: 1970-01-01T00:00:00Z, stop: 1970-01-01T00:16:40Z)
  |> filter(fn: (r) => ((r["ho\\"st"] == "a\\\${b}\\n\\\\" or exists r["x"]) and (r["_value"] > negative0 and r["p"] !~ /a\\/b\\/"c/)))
  |> aggregateWindow(every: 60ns, offset: 5ns, fn: max, createEmpty: false)`);
  });
});

const cutHint = "no row of it was used; run the script again";

test.each<[string, (response: ServerResponse) => void, Record<string, unknown>]>([
  [
    "ends without its empty line",
    sent(table),
    { message: 'bucket "b": the answer was cut: its end is missing', hint: cutHint },
  ],
  [
    "ends within a row",
    sent(table.slice(0, -20)),
    { message: /the answer was cut/, hint: cutHint },
  ],
  ["has no bytes", sent(""), { message: /the answer was cut/ }],
  [
    "breaks off",
    (response) => {
      response.writeHead(200, { "Content-Length": "10000" });
      response.write(table, () => response.destroy());
    },
    {
      code: "unavailable",
      message: /bucket "b": the answer of http:\/\/127\.0\.0\.1:\d+ was cut: /,
    },
  ],
  ["fails late, with an error table", sent(table + failure), { message: 'bucket "b": it broke' }],
  [
    "fails late, with JSON behind the rows",
    sent(`${table}{"code":"internal error","message":"panic: oh"}`),
    { message: 'bucket "b": the server failed: panic: oh' },
  ],
  [
    "is a web page",
    sent("<html>hello</html>\r\n\r\n"),
    { message: /the answer is not annotated CSV/ },
  ],
  [
    "is a redirect",
    sent("", 302, { Location: "https://user:key@other.example/login?token=abc" }),
    { message: /answers with a redirect to https:\/\/other\.example, which is not followed/ },
  ],
  [
    "refuses the token",
    sent('{"code":"unauthorized","message":"unauthorized access"}', 401),
    {
      code: "unauthenticated",
      message: /refuses the token \(401\): unauthorized access/,
      hint: "set INFLUX_TOKEN to one that may read the bucket",
    },
  ],
  [
    "knows no such bucket",
    sent('{"code":"not found","message":"could not find bucket"}', 404),
    {
      code: "not found",
      message: /does not know the bucket \(404\): could not find bucket/,
    },
  ],
  [
    "refuses the query",
    sent('{"code":"invalid","message":"organization name \\"my org\\" not found"}', 400),
    {
      message: /refuses the query \(400\): organization name "my org" not found/,
      hint: "organisation: my org (INFLUX_ORG)",
    },
  ],
  [
    "fails",
    sent(`upstream connect error ${token}`, 503),
    { code: "unavailable", message: /failed \(503\): upstream connect error/ },
  ],
])("no row is used, and no secret told, when the answer %s", async (_, respond, expected) => {
  const error = await outcome(respond);
  expect(error).toBeInstanceOf(Error);
  const { message, code, hint } = error as { message: string; code: string; hint?: string };
  for (const [name, value] of Object.entries(expected)) {
    const found = { message, code, hint }[name];
    if (value instanceof RegExp) expect(found).toMatch(value);
    else expect(found).toBe(value);
  }
  expect(`${message} ${hint}`).not.toMatch(/s3cret|abc|user:key/);
  expect(message).toContain('bucket "b": ');
});

test("a server that is not there is an error that names it", async () => {
  const server = await serverDouble(() => undefined);
  await server.close();
  await expect(answer(bucketsAt(server.url), readOf())).rejects.toMatchObject({
    code: "unavailable",
    message: `bucket "b": no answer from ${server.url}: connection refused (ECONNREFUSED)`,
  });
});

test.each([
  ["never answers", (): void => undefined],
  [
    "stops in the middle",
    (response: ServerResponse): void => {
      response.writeHead(200);
      response.write(table);
    },
  ],
])("a server that %s is waited for a minute", async (_, respond) => {
  await withServer(respond, async (server) => {
    const clock = new SimulatedClock();
    const asked = server.asked();
    let settled = false;
    const read = answer(bucketsAt(server.url, clock), readOf()).finally(() => (settled = true));
    const failed = expect(read).rejects.toMatchObject({
      code: "deadline exceeded",
      message: 'bucket "b": no answer within 60 seconds',
    });
    await asked;
    while (!settled) {
      await clock.advance(30_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await failed;
  });
});

test("a slow server is heard to the end, and whoever stops the run stops it too", async () => {
  const stop = new AbortController();
  const slow = (response: ServerResponse): void => {
    response.writeHead(200);
    response.write(table, () => setImmediate(() => response.end("\r\n")));
  };
  expect(await outcome(slow)).toEqual(["m s: 1='x' 2=''"]);
  await withServer(
    () => stop.abort(),
    async ({ url }) => {
      const rows = bucketsAt(url).read(readOf(), stop.signal)[Symbol.asyncIterator]();
      await expect(rows.next()).rejects.toMatchObject({ code: "canceled" });
    },
  );
});

test.each([
  ["influxdb2:", {}, "no server is named", "set INFLUX_HOST"],
  ["influxdb2:localhost", { INFLUX_TOKEN: token }, "is not a URL", "http://localhost:8086"],
  ["influxdb2:http://u:p@h:1", {}, "the URL holds a secret", "set INFLUX_TOKEN"],
  ["influxdb2:http://h:1", { INFLUX_TOKEN: token }, "no organisation is named", "INFLUX_ORG"],
  ["influxdb2:http://h:1?org=o", {}, "no token is set", "INFLUX_TOKEN"],
])("what is missing in %s is said when the bucket is read", async (source, env, problem, hint) => {
  const buckets = openBuckets({ dataDir: undefined, named: { b: source }, host: nodeHost(), env });
  const error = await answer(buckets, readOf()).catch((one: unknown) => one);
  const { message, hint: told } = error as { message: string; hint: string };
  expect(message).toContain('bucket "b": ');
  expect(message).toContain(problem);
  expect(told).toContain(hint);
});

test("a script may name a server itself; a bucket that is named from outside is read from there all the same", async () => {
  await withServer(sent(`${table}\r\n`), async ({ url, seen }) => {
    const places = {
      dataDir: undefined,
      host: nodeHost(),
      env: { INFLUX_ORG: "o", INFLUX_TOKEN: "t" },
    };
    const server = { host: url, org: "their org", token };
    const open = openBuckets({ ...places, named: {} });
    await answer(open, readOf({ bucket: "theirs", server }));
    expect(seen[0].url).toBe("/api/v2/query?org=their%20org");
    expect(seen[0].headers.authorization).toBe(`Token ${token}`);
    expect(seen[0].query).toContain('from(bucket: "theirs")');
    const named = openBuckets({ ...places, named: { theirs: "/nowhere.lp" } });
    await expect(answer(named, readOf({ bucket: "theirs", server }))).rejects.toThrow(
      "/nowhere.lp",
    );
    expect(seen.length).toBe(1);
    const wrong = { ...server, host: "a server" };
    await expect(answer(open, readOf({ bucket: "theirs", server: wrong }))).rejects.toThrow(
      "is not a URL",
    );
  });
});

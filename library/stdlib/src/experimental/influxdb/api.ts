import { bytes, int, invalid, record } from "@tocsin/data/value";
import { type Arguments, native } from "@tocsin/engine/interpret";
import { exchange, headersDict, textsOf, timeoutOf, withQuery } from "../../http/exchange.ts";

/** Upstream's own, when the call names none. */
const DEFAULT_MILLISECONDS = 30_000;

/** Upstream has its own server to fall back on only within InfluxDB. */
function needed(args: Arguments, name: string, example: string): string {
  const given = args.has(name) ? args.string(name) : "";
  if (given !== "") return given;
  throw invalid(
    `${args.function}: ${name} is missing: outside of InfluxDB there is no server of one's own`,
    `say which, for instance ${name}: ${example}`,
  );
}

export const api = native({
  name: "api",
  type: `(
    method: string, path: string, ?host: string, ?token: string, ?body: bytes, ?headers: [string: string],
    ?query: [string: string], ?timeout: duration,
  ) => {statusCode: int, body: bytes, headers: [string: string]}`,
  docs:
    "Sends a request to the HTTP API of an InfluxDB server, `host`, with `token`, and gives the whole answer. " +
    "One attempt, 30 seconds unless `timeout` says otherwise; it is an error when no answer comes.",
  effect: "acts",
  call: async (args, run) => {
    const host = needed(args, "host", '"http://localhost:8086"').replace(/\/+$/u, "");
    const token = needed(args, "token", 'secrets.get(key: "INFLUX_TOKEN")');
    const answer = await exchange(run, {
      method: args.string("method").toUpperCase(),
      url: withQuery(host + args.string("path"), textsOf(args, "query")),
      headers: { ...Object.fromEntries(textsOf(args, "headers")), Authorization: `Token ${token}` },
      body: args.has("body") ? args.bytes("body") : new Uint8Array(0),
      timeoutMilliseconds: timeoutOf(args) ?? DEFAULT_MILLISECONDS,
    });
    return record({
      statusCode: int(BigInt(answer.status)),
      body: bytes(answer.body),
      headers: headersDict(answer),
    });
  },
});

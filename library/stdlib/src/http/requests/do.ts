import type { Answer } from "@tocsin/alerting/oncall";
import {
  bytes,
  duration,
  FluxError,
  int,
  invalid,
  isMixedDuration,
  nanosecondDuration,
  record,
  string,
  type Value,
} from "@tocsin/data/value";
import { type Arguments, flux, native } from "@tocsin/engine/interpret";
import { canonicalHeader } from "../canonical-header.ts";

const methods = ["DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"];

const response = "{statusCode: int, body: bytes, headers: [string: string], duration: duration}";

/** What `do`, `get` and `post` stand on. */
export const perform = native({
  name: "_do",
  type: `(
    method: string, url: string, ?params: [string: [string]], ?headers: [string: string], ?body: bytes,
    config: {A with timeout: duration, insecureSkipVerify: bool},
  ) => ${response}`,
  docs: "Sends one request and gives the whole answer. One attempt; it is an error when no answer comes.",
  effect: "acts",
  call: async (args, run) => {
    const method = args.string("method");
    if (!methods.includes(method)) throw invalid(`invalid HTTP method "${method}"`);
    const [dispatch] = await run.deliveries.deliver([
      { method, url: urlOf(args), headers: headersOf(args), body: bodyOf(args), ...configOf(args) },
    ]);
    const { answer, detail, state, status } = await dispatch.settled;
    if (answer === undefined) {
      if (state === "failed") throw new FluxError("unavailable", detail);
      return responseOf({
        status: Number(status),
        headers: {},
        body: new Uint8Array(0),
        milliseconds: 0,
      });
    }
    return responseOf(answer);
  },
});

function urlOf(args: Arguments): string {
  const url = args.string("url");
  if (!args.has("params")) return url;
  const pairs = args.dict("params").entries.flatMap(([name, values]) => {
    if (name.kind !== "string" || values.kind !== "array")
      throw invalid("params should be lists of strings by name");
    return values.elements.map(
      (value) => `${queryEscape(name.value)}=${queryEscape(textOf(value, "params"))}`,
    );
  });
  if (pairs.length === 0) return url;
  return `${url}${url.includes("?") ? "&" : "?"}${pairs.join("&")}`;
}

function queryEscape(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()*]/gu, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%20", "+");
}

function headersOf(args: Arguments): Record<string, string> {
  const headers: Record<string, string> = {};
  if (!args.has("headers")) return headers;
  for (const [name, value] of args.dict("headers").entries) {
    headers[textOf(name, "headers")] = textOf(value, "headers");
  }
  return headers;
}

function textOf(value: Value, what: string): string {
  if (value.kind === "string") return value.value;
  throw invalid(`${what}: keys and values must be strings`);
}

function bodyOf(args: Arguments): Uint8Array {
  return args.has("body") ? args.bytes("body") : new Uint8Array(0);
}

function configOf(args: Arguments): { timeoutMilliseconds?: number; insecureSkipVerify: boolean } {
  const { fields } = args.record("config");
  const timeout = fields.get("timeout");
  if (timeout?.kind !== "duration") throw invalid('config is missing "timeout" property');
  if (isMixedDuration(timeout.value)) throw invalid("config timeout must not be a mixed duration");
  const skip = fields.get("insecureSkipVerify");
  if (skip?.kind !== "bool") throw invalid('config is missing "insecureSkipVerify" property');
  const milliseconds = Number(timeout.value.nanoseconds / 1_000_000n);
  return {
    insecureSkipVerify: skip.value,
    // Upstream's 0 waits for ever; a hung service would hang the alert, so it means the default here.
    ...(milliseconds === 0 ? {} : { timeoutMilliseconds: milliseconds }),
  };
}

function responseOf({ status, headers, body, milliseconds }: Answer): Value {
  const names = Object.keys(headers).sort();
  return record({
    statusCode: int(BigInt(status)),
    body: bytes(body),
    headers: {
      kind: "dict",
      entries: names.map((name) => [string(canonicalHeader(name)), string(headers[name])]),
    },
    duration: duration(nanosecondDuration(BigInt(Math.round(milliseconds * 1e6)))),
  });
}

const optional = `?params: [string: [string]], ?headers: [string: string], ?body: bytes,
    ?config: {A with timeout: duration, insecureSkipVerify: bool}`;

const defaults = 'params=[:], headers=[:], body=bytes(v: ""), config=defaultConfig';
const passed = "url: url, params: params, headers: headers, body: body, config: config";

/** `do` is a word of TypeScript. */
export const doRequest = flux({
  name: "do",
  type: `(method: string, url: string, ${optional}) => ${response}`,
  docs: "Sends a request with any method and gives the whole answer.",
  source: `(method, url, ${defaults}) => _do(method: method, ${passed})`,
});

export const get = flux({
  name: "get",
  type: `(url: string, ${optional}) => ${response}`,
  docs: "Sends a GET request and gives the whole answer.",
  source: `(url, ${defaults}) => _do(method: "GET", ${passed})`,
});

export const post = flux({
  name: "post",
  type: `(url: string, ${optional}) => ${response}`,
  docs: "Sends a POST request and gives the whole answer.",
  source: `(url, ${defaults}) => _do(method: "POST", ${passed})`,
});

export const peek = flux({
  name: "peek",
  type: `(response: {A with statusCode: B, body: C, headers: D, duration: E}) =>
    stream[{statusCode: B, body: string, headers: string, duration: int}]`,
  docs: "An answer as a table of one row, to look at.",
  source: `(response) =>
    array.from(
        rows: [
            {
                body: string(v: response.body),
                duration: int(v: response.duration),
                headers: display(v: response.headers),
                statusCode: response.statusCode,
            },
        ],
    )`,
});

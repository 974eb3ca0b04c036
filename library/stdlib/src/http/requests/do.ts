import type { Answer } from "@tocsin/alerting/oncall";
import {
  bytes,
  duration,
  int,
  invalid,
  isMixedDuration,
  nanosecondDuration,
  record,
  type Value,
} from "@tocsin/data/value";
import { type Arguments, flux, native } from "@tocsin/engine/interpret";
import { exchange, headersDict, textsOf, withQuery } from "../exchange.ts";

const methods = ["DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"];

const response = "{statusCode: int, body: bytes, headers: [string: string], duration: duration}";

/** What `do`, `get` and `post` are built on. */
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
    return responseOf(
      await exchange(run, {
        method,
        url: urlOf(args),
        headers: Object.fromEntries(textsOf(args, "headers")),
        body: args.has("body") ? args.bytes("body") : new Uint8Array(0),
        ...configOf(args),
      }),
    );
  },
});

function urlOf(args: Arguments): string {
  const pairs = args.has("params") ? args.dict("params").entries : [];
  return withQuery(
    args.string("url"),
    pairs.flatMap(([name, values]) => {
      if (name.kind !== "string" || values.kind !== "array")
        throw invalid("params should be lists of strings by name");
      return values.elements.map((value) => [name.value, textOf(value)] as const);
    }),
  );
}

function textOf(value: Value): string {
  if (value.kind === "string") return value.value;
  throw invalid("params: keys and values must be strings");
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

function responseOf(answer: Answer): Value {
  return record({
    statusCode: int(BigInt(answer.status)),
    body: bytes(answer.body),
    headers: headersDict(answer),
    duration: duration(nanosecondDuration(BigInt(Math.round(answer.milliseconds * 1e6)))),
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

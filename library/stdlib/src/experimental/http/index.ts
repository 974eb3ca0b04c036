import { bytes, int, invalid, record, string } from "@tocsin/data/value";
import { type Arguments, definePackage, native } from "@tocsin/engine/interpret";
import { canonicalHeader } from "../../http/canonical-header.ts";
import { exchange, timeoutOf } from "../../http/exchange.ts";

/** Upstream's own, when the call names none. */
const DEFAULT_MILLISECONDS = 30_000;

const get = native({
  name: "get",
  type: `(url: string, ?headers: A, ?timeout: duration) => {statusCode: int, body: bytes, headers: B}
    where A: Record, B: Record`,
  docs:
    "Sends a GET request and gives the whole answer, `headers` as a record. One attempt, 30 seconds unless " +
    "`timeout` says otherwise; it is an error when no answer comes. `http/requests` has more of it.",
  effect: "acts",
  call: async (args, run) => {
    const answer = await exchange(run, {
      method: "GET",
      url: args.string("url"),
      headers: headersOf(args),
      timeoutMilliseconds: timeoutOf(args) ?? DEFAULT_MILLISECONDS,
    });
    const headers = Object.entries(answer.headers).sort();
    return record({
      statusCode: int(BigInt(answer.status)),
      body: bytes(answer.body),
      headers: record(headers.map(([name, text]) => [canonicalHeader(name), string(text)])),
    });
  },
});

function headersOf(args: Arguments): Record<string, string> {
  if (!args.has("headers")) return {};
  const pairs = [...args.record("headers").fields].map(([name, value]) => {
    if (value.kind !== "string") throw invalid(`header value "${name}" must be a string`);
    return [name, value.value] as const;
  });
  return Object.fromEntries(pairs);
}

export const packageDefinition = definePackage({
  path: "experimental/http",
  docs: "Gets over HTTP.",
  members: [get],
});

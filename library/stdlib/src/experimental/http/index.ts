import {
  bytes,
  FluxError,
  int,
  invalid,
  isMixedDuration,
  record,
  string,
} from "@tocsin/data/value";
import { type Arguments, definePackage, native } from "@tocsin/engine/interpret";
import { canonicalHeader } from "../../http/canonical-header.ts";

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
    const timeoutMilliseconds = timeoutOf(args);
    const [dispatch] = await run.deliveries.deliver([
      { method: "GET", url: args.string("url"), headers: headersOf(args), timeoutMilliseconds },
    ]);
    const { answer, detail, state, status } = await dispatch.settled;
    if (answer === undefined && state === "failed") throw new FluxError("unavailable", detail);
    const headers = Object.entries(answer?.headers ?? {}).sort();
    return record({
      statusCode: int(BigInt(answer?.status ?? status)),
      body: bytes(answer?.body ?? new Uint8Array(0)),
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

function timeoutOf(args: Arguments): number {
  if (!args.has("timeout")) return DEFAULT_MILLISECONDS;
  const timeout = args.duration("timeout");
  if (isMixedDuration(timeout)) throw invalid("timeout must not be a mixed duration");
  return Number(timeout.nanoseconds / 1_000_000n);
}

export const packageDefinition = definePackage({
  path: "experimental/http",
  docs: "Gets over HTTP.",
  members: [get],
});

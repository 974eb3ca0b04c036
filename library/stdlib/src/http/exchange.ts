import type { Answer, OutgoingRequest } from "@tocsin/alerting/oncall";
import { FluxError, isMixedDuration, invalid, string, type DictValue } from "@tocsin/data/value";
import type { Arguments, Run } from "@tocsin/engine/interpret";
import { canonicalHeader } from "./canonical-header.ts";

/**
 * Sends one request and gives the whole answer. One attempt; it is an error when no answer comes. Of an event
 * that waits, the answer is empty.
 */
export async function exchange(run: Run, request: OutgoingRequest): Promise<Answer> {
  const [dispatch] = await run.deliveries.deliver([request]);
  const { answer, detail, state, status } = await dispatch.settled;
  if (answer !== undefined) return answer;
  if (state === "failed") throw new FluxError("unavailable", detail);
  return { status: Number(status), headers: {}, body: new Uint8Array(0), milliseconds: 0 };
}

/** An argument of texts by name: headers, or what follows the question mark of a URL. */
export function textsOf(args: Arguments, name: string): (readonly [string, string])[] {
  if (!args.has(name)) return [];
  return args.dict(name).entries.map(([key, value]) => {
    if (key.kind === "string" && value.kind === "string") return [key.value, value.value];
    throw invalid(`${name}: keys and values must be strings`);
  });
}

/** The time limit that the argument `timeout` sets; undefined when it is not given. */
export function timeoutOf(args: Arguments): number | undefined {
  if (!args.has("timeout")) return undefined;
  const timeout = args.duration("timeout");
  if (isMixedDuration(timeout)) throw invalid("timeout must not be a mixed duration");
  return Number(timeout.nanoseconds / 1_000_000n);
}

/** A URL with more after its question mark. */
export function withQuery(url: string, pairs: readonly (readonly [string, string])[]): string {
  if (pairs.length === 0) return url;
  const query = pairs.map(([name, value]) => `${queryEscape(name)}=${queryEscape(value)}`);
  return `${url}${url.includes("?") ? "&" : "?"}${query.join("&")}`;
}

function queryEscape(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()*]/gu, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%20", "+");
}

/** The headers of an answer, sorted, written as they usually are. */
export function headersDict({ headers }: Answer): DictValue {
  return {
    kind: "dict",
    entries: Object.keys(headers)
      .sort()
      .map((name) => [string(canonicalHeader(name)), string(headers[name])]),
  };
}

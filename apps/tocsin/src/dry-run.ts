import type { Masker, RecordedRequest } from "@tocsin/alerting/oncall";
import type { Streams } from "./command.ts";
import type { OutputFormat } from "./results.ts";

/**
 * Writes what a dry run would have sent to standard output, in order, without secrets: as text, or as
 * JSON objects `{method, url, headers, body, kind}`.
 */
export function showDryRun(
  requests: readonly RecordedRequest[],
  how: { readonly streams: Streams; readonly masker: Masker; readonly format: OutputFormat },
): void {
  const { streams, masker, format } = how;
  if (format === "none") return;
  const shown =
    format === "json" || format === "ndjson" ? requests.map(asJson) : requests.map(asText);
  const text =
    format === "json"
      ? `[${shown.map((one) => `\n  ${one}`).join(",")}\n]\n`
      : format === "ndjson"
        ? shown.map((one) => `${one}\n`).join("")
        : `${[...shown, countOf(requests.length)].join("\n")}\n`;
  streams.out.write(masker.mask(text));
}

function asJson({ request, body, kind }: RecordedRequest): string {
  return JSON.stringify({
    method: request.method,
    url: request.url,
    headers: request.headers,
    body,
    kind,
  });
}

function asText({ request, body }: RecordedRequest): string {
  const headers = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`);
  return [`${request.method} ${request.url}`, ...headers, "", body, ""].join("\n");
}

function countOf(count: number): string {
  return `${count} ${count === 1 ? "request" : "requests"}, none sent (dry run)`;
}

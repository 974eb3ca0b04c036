import { type ErrorCode, FluxError } from "@tocsin/data/value";
import type { HttpStream } from "@tocsin/platform/host";
import { messageIn } from "./server-message.ts";
import type { ServerPlace } from "./server-place.ts";

/** The error for an answer that is not 200, in words that say what to change. */
export function refusalOf(answer: HttpStream, body: string, place: ServerPlace): FluxError {
  const { status } = answer;
  const said = messageIn(body.trim());
  const quoted = said === "" ? "" : `: ${said}`;
  if (status >= 300 && status < 400) {
    return new FluxError(
      "unavailable",
      `${place.shown} answers with a redirect${targetOf(answer)}, which is not followed: it would take the token along`,
      { hint: "name the server's own address" },
    );
  }
  const [code, text, hint] = meaning(status, place);
  return new FluxError(code, `${text} (${status})${quoted}`, { hint });
}

function meaning(status: number, place: ServerPlace): [ErrorCode, string, string | undefined] {
  switch (status) {
    case 400:
      return [
        "invalid",
        `${place.shown} refuses the query`,
        `organisation: ${place.org} (INFLUX_ORG)`,
      ];
    case 401:
    case 403:
      return [
        "unauthenticated",
        `${place.shown} refuses the token`,
        "set INFLUX_TOKEN to one that may read the bucket",
      ];
    case 404:
      return [
        "not found",
        `${place.shown} does not know the bucket`,
        "add ?bucket=NAME to the URL where it has another name there",
      ];
    case 429:
      return ["resource exhausted", `${place.shown} has too many queries`, undefined];
    default:
      return ["unavailable", `${place.shown} failed`, undefined];
  }
}

/** Where a redirect points, without anything that may be secret. */
function targetOf({ headers }: HttpStream): string {
  try {
    const target = new URL(headers["location"] ?? "");
    return ` to ${target.protocol}//${target.host}`;
  } catch {
    return "";
  }
}

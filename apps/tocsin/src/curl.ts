import { type Form, reference, toReference } from "@tocsin/alerting/delivery";
import { onCallAddress, type RecordedRequest } from "@tocsin/alerting/oncall";

/** What replaces secrets and origins in a command. */
interface CurlWorld {
  /** The values of secrets by key. */
  readonly secrets: ReadonlyMap<string, string>;
  /** An origin that replaces that of every request. */
  readonly deliverTo: string | undefined;
}

/**
 * A request as a shell command. Secrets become shell variables named after their keys; where a secret is encoded (in a
 * URL, in JSON, in base64) the name says so, as in `KEY_URI`. An integration key that is written in the script becomes
 * `$INTEGRATION_KEY`.
 */
export function curlCommand({ request, body }: RecordedRequest, world: CurlWorld): string {
  const { secrets } = world;
  const words = ["curl", "-sS", "-X", shellWord(request.method, new Map())];
  for (const [name, value] of Object.entries(request.headers))
    words.push("-H", shellWord(`${name}: ${value}`, secrets, "header"));
  if (body !== "") words.push("--data-raw", shellWord(body, secrets, "shown"));
  words.push(urlWord(request.url, world));
  return words.join(" ");
}

function urlWord(url: string, { secrets, deliverTo }: CurlWorld): string {
  const target =
    deliverTo === undefined ? url : url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, deliverTo);
  const key = onCallAddress(target)?.key ?? "";
  const known = [...secrets.values()].some((value) => value !== "" && key.includes(value));
  if (key === "" || known) return shellWord(target, secrets, "url");
  return shellWord(target, new Map([...secrets, ["INTEGRATION_KEY", key]]), "url");
}

/** A text as one word of a shell, with variables for its secrets. */
function shellWord(
  text: string,
  secrets: ReadonlyMap<string, string>,
  where: "url" | "header" | "shown" | "text" = "text",
): string {
  const stored = toReference(text, secrets, where);
  if (!/\$\{/.test(stored.replaceAll("$$", "")))
    return /^[\w./:-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
  let word = "";
  let last = 0;
  for (const hit of stored.matchAll(reference)) {
    word += quotedPart(stored.slice(last, hit.index));
    word += hit[2] === undefined ? "\\$" : `\${${variable(hit[2], hit[1] as Form)}}`;
    last = hit.index + hit[0].length;
  }
  return `"${word}${quotedPart(stored.slice(last))}"`;
}

function quotedPart(text: string): string {
  return text.replace(/["\\`]/g, "\\$&");
}

function variable(key: string, form: Form): string {
  const name = decodeURIComponent(key).replace(/\W/g, "_");
  const safe = /^\d/.test(name) ? `_${name}` : name;
  return form === "raw" ? safe : `${safe}_${form.toUpperCase()}`;
}

import { htmlSafe, pathSegment } from "@tocsin/alerting/oncall";
import { utf8 } from "@tocsin/platform/host";

/** Gives the value of a secret now; undefined when there is no such key any more. */
type Resolve = (key: string) => string | undefined;

const forms = ["raw", "uri", "path", "json", "html", "base64"] as const;
/** How a secret stands in a text. `path`: as `http.pathEscape` writes it; `html`: as `json.encode` does. */
export type Form = (typeof forms)[number];

/** A key and a value that it has, or had. */
type Secret = readonly [key: string, value: string];

/**
 * A shorter value is a word of many texts: it counts when it is a whole segment of a URL, or a whole word of a
 * header.
 */
const shortestSecret = 5;

type Where = "url" | "header" | "shown" | "text";
/** A reference to a secret, its form and key; or a `$` of the text itself, which is doubled. */
export const reference = /\$(?:\$|\{(raw|uri|path|json|html|base64):([^}]*)\})/g;

/**
 * The text with each secret replaced by a reference to its key, `${raw:KEY}`, so that a rotated key
 * is used when the text is sent. Every `$` of the text is doubled: a text that looks like a
 * reference
 * stays what it is.
 */
export function toReference(
  text: string,
  secrets: Iterable<Secret>,
  where: Where = "text",
): string {
  if (isEmpty(secrets)) return text.includes("$") ? text.replaceAll("$", "$$$$") : text;
  const { found, pattern } = findings(secrets, where);
  return text.replace(pattern, (hit) => found.get(hit) ?? "$$");
}

interface Findings {
  readonly secrets: readonly string[];
  /** References by what stands for them. */
  readonly found: ReadonlyMap<string, string>;
  readonly pattern: RegExp;
}

/** Those of the last call: a run's secrets seldom change, and its events are many. */
const last: { [W in Where]?: Findings } = {};

/** Values that are shorter still do not count. */
const shortest = { url: 1, header: 1, shown: 3, text: shortestSecret };
/** Around short values. */
const around = {
  url: ["(?<=[/=])", "(?=[/?&#]|$)"],
  header: ["(?<=^|[\\s,;=])", "(?=[\\s,;]|$)"],
  shown: ["(?<![\\w-])", "(?![\\w-])"],
};

function isEmpty(secrets: Iterable<Secret>): boolean {
  return secrets[Symbol.iterator]().next().done === true;
}

function findings(secrets: Iterable<Secret>, where: Where): Findings {
  const flat = [...secrets].flat();
  const known = last[where];
  const same = known?.secrets.length === flat.length;
  if (same && flat.every((one, at) => one === known.secrets[at])) return known;
  const found = new Map<string, string>();
  for (const [key, value] of secrets) {
    if (value === "" || value.length < shortest[where]) continue;
    // The first form wins: a value without special characters is the same in all of them.
    for (const form of forms) {
      const shown = encode(form, value);
      if (!found.has(shown)) found.set(shown, `\${${form}:${encodeURIComponent(key)}}`);
    }
  }
  const longestFirst = [...found.keys()].sort((a, b) => b.length - a.length);
  const [before, after] = where === "text" ? ["", ""] : around[where];
  const patterns = longestFirst.map((shown) =>
    shown.length < shortestSecret ? `${before}${escape(shown)}${after}` : escape(shown),
  );
  const pattern = new RegExp([...patterns, "\\$"].join("|"), "g");
  const made = { secrets: flat, found, pattern };
  last[where] = made;
  return made;
}

/** The keys that a text with references needs. */
export function keysOf(text: string): string[] {
  if (!text.includes("$")) return [];
  return [...text.matchAll(reference)].flatMap((hit) =>
    hit[2] === undefined ? [] : [decodeURIComponent(hit[2])],
  );
}

/** The text as it is sent. Undefined when a key is missing: `resolve` gave undefined for it. */
export function fromReference(text: string, resolve: Resolve): string | undefined {
  if (!text.includes("$")) return text;
  let missing = false;
  const result = text.replace(
    reference,
    (_hit, form: Form | undefined, key: string | undefined) => {
      if (form === undefined || key === undefined) return "$";
      const value = resolve(decodeURIComponent(key));
      if (value === undefined) missing = true;
      return encode(form, value ?? "");
    },
  );
  return missing ? undefined : result;
}

/** The text for people: no `$$`, and each reference as `${KEY}`. */
export function showReference(text: string): string {
  if (!text.includes("$")) return text;
  return text.replace(reference, (_hit, _form, key: string | undefined) =>
    key === undefined ? "$" : `\${${decodeURIComponent(key)}}`,
  );
}

function encode(form: Form, value: string): string {
  switch (form) {
    case "raw":
      return value;
    case "json":
      return jsonText(value);
    case "html":
      return htmlSafe(jsonText(value));
    case "uri":
      return encodeURIComponent(utf8.decode(utf8.encode(value)));
    case "path":
      return pathSegment(utf8.decode(utf8.encode(value)));
    case "base64":
      return base64(utf8.encode(value));
  }
}

const jsonText = (value: string): string => JSON.stringify(value).slice(1, -1);

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

function base64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const triple = (bytes[at] << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    const count = Math.min(3, bytes.length - at) + 1;
    for (let index = 0; index < 4; index++) {
      text += index < count ? alphabet[(triple >> (18 - 6 * index)) & 63] : "=";
    }
  }
  return text;
}

function escape(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}

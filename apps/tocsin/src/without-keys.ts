/** Names of what is secret, as variables, arguments, fields, headers and parts of a query have them. */
const secretName =
  "[\\w-]*(?:token|secret|passw(?:or)?d|passphrase|api[_-]?key|access[_-]?key|integration[_-]?key|routing[_-]?key|authorization|credentials?)";

/**
 * Each finds a secret in a line; what it must not hide stands in the groups `before` and `after`. Made when
 * there is something to say: V8 reads them whenever they are made, which takes as long as to parse a script.
 */
const finders = (): readonly RegExp[] => [
  // The part after `/alert/` of On-Call's address.
  /(?<before>\/integrations\/generic\/\d+\/alert\/)(?<secret>[^/"\s]+)/gu,
  // A text under a telling name: `token: "…"`, `"X-Api-Key": "…"`, `password = "…"`.
  new RegExp(`(?<before>(?<![\\w.-])"?${secretName}"?\\s*[:=]\\s*")(?<secret>[^"]+)`, "giu"),
  /(?<before>\b(?:Bearer|Token|Basic|Splunk)\s+)(?<secret>[^"\s]+)/gu,
  /(?<before>:\/\/[^/"\s:@]*:)(?<secret>[^/"\s@]+)(?<after>@)/gu,
  new RegExp(`(?<before>[?&]${secretName}=)(?<secret>[^&"\\s]+)`, "giu"),
  // Keys of On-Call are UUIDs.
  /(?<secret>\b[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\b)/giu,
  // Long texts of letters of both cases and digits without a space, as tokens are.
  /(?<before>")(?<secret>(?=[^"]*\d)(?=[^"]*[a-z])(?=[^"]*[A-Z])[\w+/=-]{32,})(?<after>")/gu,
];

/** Whether a script puts it in later, or a person should: beside that there is a word of a scheme at most. */
function isPlaceholder(text: string): boolean {
  const rest = text.replace(/\$\{[^}]*\}|<[^>]*>/gu, "");
  return rest !== text && rest.replace(/^(?:Bearer|Token|Basic|Splunk)\b/u, "").trim().length < 5;
}

/** A line of source without the keys that stand in it, as long as before. A placeholder is none. */
export function withoutKeys(line: string): string {
  let shown = line;
  for (const finder of finders()) {
    shown = shown.replace(finder, (...found) => {
      const groups: Record<string, string | undefined> = found.at(-1);
      const { before = "", secret = "", after = "" } = groups;
      return isPlaceholder(secret) ? found[0] : `${before}${"*".repeat(secret.length)}${after}`;
    });
  }
  return shown;
}

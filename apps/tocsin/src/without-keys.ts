/** Names of secrets: of variables, arguments, fields, headers and query parameters. */
const secretName =
  "[\\w-]*(?:token|secret|passw(?:or)?d|passphrase|api[_-]?key|access[_-]?key|integration[_-]?key|routing[_-]?key|authorization|credentials?)";

/**
 * Patterns that each find a secret in a line; the groups `before` and `after` are not hidden. They are created on demand,
 * because compiling them takes as long as parsing a script.
 */
const finders = (): readonly RegExp[] => [
  // What follows `/alert/` in On-Call's address.
  /(?<before>\/integrations\/generic\/\d+\/alert\/)(?<secret>[^/"\s]+)/gu,
  // A text under a telling name: `token: "…"`, `"X-Api-Key": "…"`, `password = "…"`.
  new RegExp(`(?<before>(?<![\\w.-])"?${secretName}"?\\s*[:=]\\s*")(?<secret>[^"]+)`, "giu"),
  /(?<before>\b(?:Bearer|Token|Basic|Splunk)\s+)(?<secret>[^"\s]+)/gu,
  /(?<before>:\/\/[^/"\s:@]*:)(?<secret>[^/"\s@]+)(?<after>@)/gu,
  new RegExp(`(?<before>[?&]${secretName}=)(?<secret>[^&"\\s]+)`, "giu"),
  // Keys of On-Call are UUIDs.
  /(?<secret>\b[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\b)/giu,
  // Long texts of letters of both cases and digits without spaces look like tokens.
  /(?<before>")(?<secret>(?=[^"]*\d)(?=[^"]*[a-z])(?=[^"]*[A-Z])[\w+/=-]{32,})(?<after>")/gu,
];

/** Whether a text is filled in by the script or a person: apart from a placeholder it has at most the word of a scheme. */
function isPlaceholder(text: string): boolean {
  const rest = text.replace(/\$\{[^}]*\}|<[^>]*>/gu, "");
  return rest !== text && rest.replace(/^(?:Bearer|Token|Basic|Splunk)\b/u, "").trim().length < 5;
}

/** A line of source with its keys masked, of the same length. Placeholders are not masked. */
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

/** The field `message` of a JSON text, or the text itself, cut where it is long. */
export function messageIn(text: string): string {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === "object" && parsed !== null && "message" in parsed) {
      return String(parsed.message);
    }
  } catch {
    // Not JSON: a proxy's page, for example.
  }
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}

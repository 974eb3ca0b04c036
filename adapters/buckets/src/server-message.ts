import { shortened } from "@tocsin/platform/host";

/** The field `message` of a JSON text, or else the text itself, shortened. */
export function messageIn(text: string): string {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === "object" && parsed !== null && "message" in parsed) {
      return String(parsed.message);
    }
  } catch {
    // Not JSON: a proxy's page, for example.
  }
  return shortened(text, 300);
}

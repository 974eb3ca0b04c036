import { UsageError } from "./command.ts";

/** Where `--deliver-to` or `deliver_to` sends requests: an origin, or `sandbox`. `place`: where it is said. */
export function originOf(given: string, place: string): string {
  if (given === "sandbox") return given;
  try {
    const { protocol, origin } = new URL(given);
    if (protocol === "http:" || protocol === "https:") return origin;
  } catch {
    // Told below.
  }
  throw new UsageError(
    `${place} takes an origin such as http://127.0.0.1:8099, or sandbox, not "${given}"`,
  );
}

import { homedir } from "node:os";

/** The user's home; undefined where there is none, as in a container whose user is a mere number. `system`: what the system says. */
export function homeFolder(
  env: Readonly<Record<string, string | undefined>>,
  system: () => string = homedir,
): string | undefined {
  const named = env["HOME"] ?? "";
  if (named !== "") return named;
  try {
    return system();
  } catch {
    return undefined;
  }
}

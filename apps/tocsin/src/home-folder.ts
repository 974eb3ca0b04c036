import { homedir, userInfo } from "node:os";

/** The user's home folder; undefined when there is none, as in a container whose user is a bare number. `system` asks the system. */
export function homeFolder(
  env: Readonly<Record<string, string | undefined>>,
  system: () => string = homeOfUser,
): string | undefined {
  const named = env["HOME"] ?? "";
  if (named !== "") return named;
  try {
    return system();
  } catch {
    return undefined;
  }
}

/** As the system knows it: where `HOME` is empty, `homedir` gives that. */
const homeOfUser = (): string => (process.env["HOME"] === "" ? userInfo().homedir : homedir());

import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/**
 * Where the outbox and the embedded bucket are: `--data`, `$TOCSIN_DATA`, `$STATE_DIRECTORY` (set by
 * systemd), else the platform's place for an application's data.
 */
export function dataFolder(
  given: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): string {
  const named =
    given ?? nonEmpty(env["TOCSIN_DATA"]) ?? nonEmpty(env["STATE_DIRECTORY"]?.split(":")[0]);
  if (named !== undefined) return isAbsolute(named) ? named : join(cwd, named);
  const home = nonEmpty(env["HOME"]) ?? homedir();
  if (process.platform === "win32") return join(nonEmpty(env["LOCALAPPDATA"]) ?? home, "tocsin");
  if (process.platform === "darwin") return join(home, "Library", "Application Support", "tocsin");
  return join(nonEmpty(env["XDG_DATA_HOME"]) ?? join(home, ".local", "share"), "tocsin");
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text === "" ? undefined : text;
}

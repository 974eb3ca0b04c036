import { isAbsolute, join } from "node:path";
import { UsageError } from "./command.ts";
import { homeFolder } from "./home-folder.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The folder of the outbox and the embedded buckets. Throws `UsageError` when the user has no home folder for it. */
export function dataFolder(
  given: string | undefined,
  env: Environment,
  cwd: string,
  homeOf = homeFolder,
): string {
  const folder = knownDataFolder(given, env, cwd, homeOf);
  if (folder !== undefined) return folder;
  throw new UsageError(
    "this user has no home folder to keep the outbox in; say where with --data, TOCSIN_DATA or HOME",
  );
}

/**
 * The folder by `--data`, `$TOCSIN_DATA` or `$STATE_DIRECTORY` (which systemd sets), else the platform's place for an
 * application's data. Undefined when that needs a home folder and there is none. Loads nothing.
 */
export function knownDataFolder(
  given: string | undefined,
  env: Environment,
  cwd: string,
  homeOf: (env: Environment) => string | undefined,
): string | undefined {
  const named =
    given ?? nonEmpty(env["TOCSIN_DATA"]) ?? nonEmpty(env["STATE_DIRECTORY"]?.split(":")[0]);
  if (named !== undefined) return isAbsolute(named) ? named : join(cwd, named);
  const own = nonEmpty(env[process.platform === "win32" ? "LOCALAPPDATA" : "XDG_DATA_HOME"]);
  if (own !== undefined && process.platform !== "darwin") return join(own, "tocsin");
  const home = homeOf(env);
  if (home === undefined) return undefined;
  if (process.platform === "win32") return join(home, "tocsin");
  if (process.platform === "darwin") return join(home, "Library", "Application Support", "tocsin");
  return join(home, ".local", "share", "tocsin");
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text === "" ? undefined : text;
}

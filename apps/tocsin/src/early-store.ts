import { existsSync, readFileSync } from "node:fs";
import { knownDataFolder } from "./data-folder.ts";

/** The bucket that a script reads, where it names one literally. */
export function bucketOf(script: string): string | undefined {
  if (!script.includes("bucket:")) return undefined;
  return /\bfrom\(\s*bucket:\s*"([^"\\$]+)"\s*\)/.exec(script)?.[1];
}

/**
 * Whether a command line will certainly open an embedded store, as far as that is known before anything is loaded. Where
 * it misses one, because of a setting in a file for instance, the engine only starts later.
 */
export function opensStore(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  scripts = scriptsOf(argv),
): boolean {
  const [command] = argv;
  if (command === "write") return argv.some((one) => /^(?:-b|--bucket)/u.test(one));
  // `--bucket` names another place than the data folder.
  if (command !== "run" || argv.some((one) => one.startsWith("--bucket"))) return false;
  const bucket = scripts.map(bucketOf).find((name) => name !== undefined);
  if (bucket === undefined || !/^[\w-]+$/u.test(bucket)) return false;
  const data = argv.findLast((one, i) => argv[i - 1] === "--data" || one.startsWith("--data="));
  const folder = knownDataFolder(data?.replace("--data=", ""), env, "", ({ HOME }) => HOME);
  return folder !== undefined && existsSync(`${folder}/buckets/${bucket}.duckdb`);
}

/** The texts of the scripts on a command line, as far as they are known before anything is loaded. */
export function scriptsOf(argv: readonly string[]): readonly string[] {
  return argv.flatMap((one, i) => {
    const before = argv[i - 1];
    if (before === "-e" || before === "--execute" || one.startsWith("--execute=")) return [one];
    return one.endsWith(".flux") ? [textOf(one)] : [];
  });
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

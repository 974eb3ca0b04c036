import { existsSync, readFileSync } from "node:fs";
import { knownDataFolder } from "./data-folder.ts";

/** The bucket that a script reads, where it names one plainly. */
export function bucketOf(script: string): string | undefined {
  if (!script.includes("bucket:")) return undefined;
  return /\bfrom\(\s*bucket:\s*"([^"\\$]+)"\s*\)/.exec(script)?.[1];
}

/**
 * Whether a command line will surely open an embedded store, as far as that can be said before anything is
 * loaded. What it misses, such as the settings of a file, only begins later.
 */
export function opensStore(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  scripts = scriptsOf(argv),
): boolean {
  const [command] = argv;
  if (command === "write") return argv.some((one) => /^(?:-b|--bucket)/u.test(one));
  // Another place than the data folder.
  if (command !== "run" || argv.some((one) => one.startsWith("--bucket"))) return false;
  const bucket = scripts.map(bucketOf).find((name) => name !== undefined);
  if (bucket === undefined || !/^[\w-]+$/u.test(bucket)) return false;
  const data = argv.findLast((one, i) => argv[i - 1] === "--data" || one.startsWith("--data="));
  const folder = knownDataFolder(data?.replace("--data=", ""), env, "", ({ HOME }) => HOME);
  return folder !== undefined && existsSync(`${folder}/buckets/${bucket}.duckdb`);
}

/** The scripts that a command line gives or names, as far as that can be said before anything is loaded. */
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

import { join } from "node:path";
import type { Secrets } from "@tocsin/platform/host";
import { fileSystem } from "./file-system.ts";

/**
 * Secrets that cannot be read. The message names the place and says what to do; it contains no secret.
 */
class SecretsError extends Error {
  readonly code = "secrets";
  constructor(message: string) {
    super(message);
    this.name = "SecretsError";
  }
}

/**
 * Secrets from a file of `KEY=value` lines or a folder with a file for each key, else from the environment. They
 * are read again when they change, so that a rotated key is used from the next request on. An empty value counts
 * as missing: an unset variable often ends up as one, and it would make a URL without its key.
 */
export function secretsFrom(
  place: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Secrets {
  const placed = place === undefined ? async () => undefined : placedSecrets(place);
  // Every object has properties such as `constructor`.
  const given = (key: string) => (Object.hasOwn(environment, key) ? environment[key] : undefined);
  return { get: async (key) => (await placed(key)) || given(key) || undefined };
}

function placedSecrets(place: string): (key: string) => Promise<string | undefined> {
  let known: { stamp: string; values: Map<string, string> } | undefined;
  return async (key) => {
    const found = await look(place);
    if (found.isDirectory()) return oneFile(place, key);
    const stamp = `${found.ino} ${found.size} ${found.mtimeMs}`;
    if (known?.stamp !== stamp) {
      refuseWhenOpenToOthers(place, found.mode);
      known = { stamp, values: parse(place, await text(place)) };
    }
    return known.values.get(key);
  };
}

async function look(place: string) {
  return fileSystem()
    .stat(place)
    .catch((error: unknown) => {
      throw unreadable(place, error);
    });
}

async function text(place: string): Promise<string> {
  const bytes = await fileSystem()
    .readFile(place)
    .catch((error: unknown) => {
      throw unreadable(place, error);
    });
  return textOf(place, bytes);
}

/** A replaced byte would make another secret of it. */
function textOf(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new SecretsError(`the secrets in ${path} are not UTF-8 text; save them as UTF-8`);
  }
}

async function oneFile(folder: string, key: string): Promise<string | undefined> {
  if (!/^[\w.-]+$/.test(key) || /^\.+$/.test(key)) return undefined;
  const path = join(folder, key);
  try {
    return textOf(path, await fileSystem().readFile(path)).replace(/\r?\n$/, "");
  } catch (error) {
    if (error instanceof SecretsError) throw error;
    if (codeOf(error) === "ENOENT") return undefined;
    throw unreadable(path, error);
  }
}

function refuseWhenOpenToOthers(place: string, mode: number): void {
  if (process.platform === "win32" || (mode & 0o077) === 0) return;
  const shown = (mode & 0o777).toString(8);
  throw new SecretsError(
    `the secrets file ${place} can be read by other users (mode ${shown}): ` +
      `run \`chmod 600 ${place}\``,
  );
}

function parse(place: string, content: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const [index, line] of content
    .replace(/^\ufeff/, "")
    .split(/\r?\n/)
    .entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    const found = /^\s*(?:export\s+)?([^\s=]+)\s*=\s*(.*?)\s*$/.exec(line);
    if (found === null) {
      throw new SecretsError(
        `line ${index + 1} of the secrets file ${place} is not KEY=value (comments begin with #)`,
      );
    }
    values.set(found[1], found[2].replace(/^(["'])(.*)\1$/, "$2"));
  }
  return values;
}

function unreadable(place: string, error: unknown): SecretsError {
  const code = codeOf(error);
  const why =
    code === "ENOENT"
      ? "no such file or folder"
      : code === "EACCES" || code === "EPERM"
        ? "permission denied"
        : (code ?? "unreadable");
  return new SecretsError(`cannot read the secrets in ${place}: ${why}`);
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}

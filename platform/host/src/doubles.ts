import { SimulatedClock } from "./clock.ts";
import { HttpError, scriptedHttp } from "./http.ts";
import { FileError, type Host } from "./ports.ts";
import { seeded } from "./random.ts";
import { utf8 } from "./text.ts";

/** A host in memory: nothing leaves it, and nothing outside is read. Override what a test needs. */
export function memoryHost(over: Partial<Host> & { files?: Host["files"] } = {}): Host {
  return {
    clock: new SimulatedClock(),
    random: seeded(1),
    http: scriptedHttp(() => {
      throw new HttpError("refused", "connection refused (no network in memory)", false);
    }),
    files: memoryFiles({}),
    secrets: memorySecrets({}),
    log: { write: () => undefined },
    loop: { due: () => false, turn: () => Promise.resolve() },
    ...over,
  };
}

/** Files from a table of names and texts. */
function memoryFiles(files: Record<string, string>): Host["files"] {
  return {
    async *read(path) {
      const text = Object.hasOwn(files, path) ? files[path] : undefined;
      if (text === undefined) throw new FileError(path, `cannot read ${path}: no such file`);
      yield utf8.encode(text);
    },
  };
}

/** Secrets from a table of keys and values. */
export function memorySecrets(secrets: Record<string, string>): Host["secrets"] {
  return { get: async (key) => (Object.hasOwn(secrets, key) ? secrets[key] : undefined) };
}

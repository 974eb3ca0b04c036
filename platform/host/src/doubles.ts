import { SimulatedClock } from "./clock.ts";
import { HttpError, scriptedHttp } from "./http.ts";
import { FileError, type Host } from "./ports.ts";
import { seeded } from "./random.ts";
import { utf8 } from "./text.ts";

/** A world in memory: nothing leaves it, nothing is read from outside it. Override what a test needs. */
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

/** Files that are a table of name and text. */
function memoryFiles(files: Record<string, string>): Host["files"] {
  return {
    async *read(path) {
      const text = files[path];
      if (text === undefined) throw new FileError(path, `cannot read ${path}: no such file`);
      yield utf8.encode(text);
    },
  };
}

/** Secrets that are a table of key and value. */
export function memorySecrets(secrets: Record<string, string>): Host["secrets"] {
  return { get: async (key) => secrets[key] };
}

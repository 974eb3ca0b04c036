import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { Script } from "node:vm";

// oxlint-disable-next-line max-params -- as Node calls a module's function
type Body = (
  exports: unknown,
  require: (name: string) => unknown,
  module: { exports: unknown },
  filename: string,
  dirname: string,
) => void;

/**
 * Loads the files of the bundle, with V8's code for them as an earlier process kept it. Node's own cache
 * keeps what is compiled when a file is loaded; nearly all functions are compiled when they are first
 * called, and to do that anew takes a third of a short run. This one is compiled each time: it is short.
 */
export class Chunks {
  readonly #folder: string;
  /** Where V8's code is kept: the first one that has it, or can be written. */
  readonly #caches: readonly string[];
  readonly #require: (name: string) => unknown;
  readonly #loaded = new Map<string, { exports: unknown }>();
  /** What was loaded, and where how much of its code was kept; undefined: nowhere, or not as V8 takes it. */
  readonly #scripts = new Map<
    string,
    { script: Script; cache: string | undefined; size: number }
  >();
  /** Sources of files that were not asked for yet. */
  readonly #held = new Map<string, string>();
  #foreign = false;

  /**
   * `folder`: of the bundle's files, each a function as Node's modules are; their names hold a hash of what is
   * in them. `require`: loads all else.
   */
  constructor(folder: string, caches: readonly string[], require: (name: string) => unknown) {
    this.#folder = folder;
    this.#caches = caches.map((one) => `${one}/${process.version}-${process.arch}`);
    this.#require = require;
  }

  /** What a file of the bundle exports; another name: what that package or built-in module exports. */
  load(name: string): unknown {
    if (name.startsWith("node:")) return this.#require(name);
    if (!name.startsWith("./")) return this.#loadForeign(name);
    const known = this.#loaded.get(name);
    if (known !== undefined) return known.exports;
    const module = { exports: {} };
    this.#loaded.set(name, module);
    const path = `${this.#folder}/${name.slice(2)}`;
    const body = this.#script(name, path).runInThisContext() as Body;
    try {
      body(module.exports, (other) => this.load(other), module, path, this.#folder);
    } catch (error) {
      // Half of it is nothing.
      this.#loaded.delete(name);
      throw error;
    }
    return module.exports;
  }

  /**
   * Reads files that may be needed later, all of them when none are named: an installation that is replaced in the
   * middle of a run takes those away that it was begun with.
   */
  hold(names?: readonly string[]): void {
    try {
      for (const name of names ?? readdirSync(this.#folder).map((one) => `./${one}`)) {
        if (this.#loaded.has(name) || this.#held.has(name)) continue;
        this.#held.set(name, readFileSync(`${this.#folder}/${name.slice(2)}`, "latin1"));
      }
    } catch {
      // Whoever needs what is not there says so.
    }
  }

  /**
   * Keeps V8's code when a file had none, of the others anew: this process has come to functions that
   * earlier ones did not. Call it when the work is done; what never ran is not in it. Nor is what V8 threw away
   * meanwhile, because it was not called any more: so code that has become less is not kept.
   */
  keep(): void {
    const scripts = [...this.#scripts];
    if (scripts.some(([, { cache }]) => cache === undefined))
      for (const [name, { script, cache, size }] of scripts) {
        const code = script.createCachedData();
        if (cache !== undefined && code.length <= size) continue;
        for (const one of cache === undefined ? this.#caches : [cache])
          if (write(one, name, code)) break;
      }
    if (this.#foreign) process.getBuiltinModule("node:module").flushCompileCache();
  }

  #script(name: string, path: string): Script {
    // The build has left nothing but ASCII in it.
    const source = this.#held.get(name) ?? readFileSync(path, "latin1");
    this.#held.delete(name);
    const { cache, code } = this.#kept(name);
    const known = code === undefined ? {} : { cachedData: code };
    const script = new Script(source, { filename: path, ...known });
    // V8 refuses what was made by another build of it, or under other flags.
    const refused = script.cachedDataRejected === true;
    this.#scripts.set(name, {
      script,
      cache: refused ? undefined : cache,
      size: code?.length ?? 0,
    });
    return script;
  }
  #kept(name: string): { readonly cache?: string; readonly code?: Buffer } {
    for (const cache of this.#caches) {
      try {
        return { cache, code: readFileSync(`${cache}/${name.slice(2)}`) };
      } catch {
        // Not there, or not ours to read.
      }
    }
    return {};
  }
  #loadForeign(name: string): unknown {
    const { enableCompileCache } = process.getBuiltinModule("node:module");
    if (!this.#foreign) enableCompileCache(`${this.#caches[0]}/packages`);
    this.#foreign = true;
    return this.#require(name);
  }
}

/** Half a file would be run as if it were whole, so it gets its name when it is on disk. */
function write(folder: string, name: string, code: Buffer): boolean {
  const path = `${folder}/${name.slice(2)}`;
  const unfinished = `${path}.${process.pid}`;
  try {
    mkdirSync(folder, { recursive: true });
    const handle = openSync(unfinished, "wx");
    try {
      writeFileSync(handle, code);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(unfinished, path);
    return true;
  } catch {
    return false;
  }
}

import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
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

/** The largest files that a run reads fit into so many bytes. */
const roomBytes = 1.5 * 1024 * 1024;
/** So many kinds of runs have code of their own; the oldest makes room. */
const kindsMost = 32;

/** How files are loaded that are not of the bundle, and a name for what the process will run. */
interface Loading {
  readonly require: (name: string) => unknown;
  readonly kind?: string | undefined;
}

/**
 * Loads the files of the bundle, with V8's code for them as an earlier process kept it. Node's own cache
 * keeps what is compiled when a file is loaded; nearly all functions are compiled when they are first
 * called, and to do that anew takes a third of a short run. This one is compiled each time: it is short.
 *
 * To unpack what a run does not call takes time, too. A kind of run that comes again has code of its own: its
 * second run takes no other one, and keeps what it called.
 */
export class Chunks {
  readonly #folder: string;
  /** Where V8's code is kept: the first one that has it, or can be written. */
  readonly #caches: readonly string[];
  /** Where that of this kind of run is; undefined: it never came before. */
  readonly #own: string | undefined;
  /** Nothing was there when the first file was loaded. */
  #bare: boolean | undefined;
  readonly #loading: Loading;
  readonly #loaded = new Map<string, { exports: unknown }>();
  /** What was loaded, and where how much of its code was kept; undefined: nowhere, or not as V8 takes it. */
  readonly #scripts = new Map<
    string,
    { script: Script; cache: string | undefined; size: number }
  >();
  /** Files that were not asked for yet, open. */
  readonly #held = new Map<string, number>();
  #foreign = false;
  #room = Buffer.alloc(0);

  /**
   * `folder`: of the bundle's files, each a function as Node's modules are; their names hold a hash of what is
   * in them.
   */
  constructor(folder: string, caches: readonly string[], loading: Loading) {
    this.#folder = folder;
    this.#caches = caches.map((one) => `${one}/${process.version}-${process.arch}`);
    this.#loading = loading;
    if (loading.kind !== undefined)
      this.#own = this.#caches.map((one) => `${one}/${loading.kind}`).find(isOurs);
  }

  /** What a file of the bundle exports; another name: what that package or built-in module exports. */
  load(name: string): unknown {
    if (name.startsWith("node:")) return this.#loading.require(name);
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
   * Opens files that may be needed later, all of them when none are named: an installation that is replaced in the
   * middle of a run takes those away that it was begun with. What is open stays, and to read it takes ten times as long.
   */
  hold(names?: readonly string[]): void {
    try {
      for (const name of names ?? readdirSync(this.#folder).map((one) => `./${one}`)) {
        if (this.#loaded.has(name) || this.#held.has(name)) continue;
        this.#held.set(name, openSync(`${this.#folder}/${name.slice(2)}`, "r"));
      }
    } catch {
      // Whoever needs what is not there says so.
    }
  }

  /**
   * Keeps V8's code when a file had none, of the others anew: this process has come to functions that
   * earlier ones did not. Call it when the work is done; what never ran is not in it. Nor is what V8 threw away
   * meanwhile, because it was not called any more: so code that has become less is not kept. `well`: the work was
   * done; what failed is no example of its kind.
   */
  keep(well = true): void {
    const scripts = [...this.#scripts];
    const failed = !well && this.#bare === true;
    // The next run would compile everything again.
    if (failed && this.#own !== undefined) remove(this.#own);
    if (!failed && scripts.some(([, { cache }]) => cache === undefined))
      for (const [name, { script, cache, size }] of scripts) {
        const code = script.createCachedData();
        if (cache !== undefined && code.length <= size) continue;
        this.#write(cache, name, code);
      }
    if (well && this.#own === undefined) this.#comeAgain();
    if (this.#foreign) process.getBuiltinModule("node:module").flushCompileCache();
  }

  #write(cache: string | undefined, name: string, code: Buffer): void {
    const own = this.#own;
    if (cache !== undefined || own === undefined) {
      for (const one of cache === undefined ? this.#caches : [cache])
        if (write(one, name, code)) break;
    } else if (!write(own, name, code)) {
      // The next run would find nothing here again.
      remove(own);
    }
  }
  /** The next run of this kind will have code of its own. */
  #comeAgain(): void {
    const { kind } = this.#loading;
    if (kind === undefined) return;
    for (const cache of this.#caches)
      try {
        makeRoom(cache);
        mkdirSync(`${cache}/${kind}`, { recursive: true });
        break;
      } catch {
        // Not ours to write.
      }
  }

  #script(name: string, path: string): Script {
    const held = this.#held.get(name);
    // The build has left nothing but ASCII in it.
    const source = this.#read(held ?? openSync(path, "r")).toString("latin1");
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
    const file = name.slice(2);
    if (this.#own !== undefined) {
      const code = this.#found(`${this.#own}/${file}`);
      this.#bare ??= code === undefined;
      if (code !== undefined) return { cache: this.#own, code };
      if (this.#bare) return {};
    }
    for (const cache of this.#caches) {
      const code = this.#found(`${cache}/${file}`);
      if (code !== undefined) return this.#own === undefined ? { cache, code } : { code };
    }
    return {};
  }
  #found(path: string): Buffer | undefined {
    try {
      return this.#read(openSync(path, "r"));
    } catch {
      // Not there, or not ours to read.
      return undefined;
    }
  }
  /** All of an open file, which it closes: there until the next one is read. A start would leave 3 MB of garbage. */
  #read(file: number): Buffer {
    try {
      const { size } = fstatSync(file);
      if (this.#room.length < size) this.#room = Buffer.allocUnsafeSlow(Math.max(size, roomBytes));
      let length = 0;
      for (let more = 1; more > 0 && length < size; length += more)
        more = readSync(file, this.#room, length, size - length, null);
      return this.#room.subarray(0, length);
    } finally {
      closeSync(file);
    }
  }
  #loadForeign(name: string): unknown {
    const { enableCompileCache } = process.getBuiltinModule("node:module");
    if (!this.#foreign) enableCompileCache(`${this.#caches[0]}/packages`);
    this.#foreign = true;
    return this.#loading.require(name);
  }
}

/** Whether a folder is there in which we may write. */
function isOurs(folder: string): boolean {
  if (!existsSync(folder)) return false;
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
/** Another process may be writing there: then it stays. */
function remove(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // Nothing depends on it.
  }
}

/** Where many kinds of runs came, removes the oldest, first of those that came once: scripts that people try out. */
function makeRoom(cache: string): void {
  const kinds = readdirSync(cache).filter((name) => name.startsWith("script-"));
  if (kinds.length < kindsMost) return;
  const found = kinds.map((name) => {
    const path = `${cache}/${name}`;
    return { path, again: readdirSync(path).length > 0, since: statSync(path).mtimeMs };
  });
  const [first] = found.sort((a, b) => +a.again - +b.again || a.since - b.since);
  remove(first.path);
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

import { existsSync, rmSync } from "node:fs";
import { systemClock } from "@tocsin/adapters/host-node";
import { FluxError } from "@tocsin/data/value";
import type { Host, Signal } from "@tocsin/platform/host";
import { Database, isLocked, type Opening } from "./database.ts";
import { type Connection, refuseWhenStopped } from "./duckdb.ts";
import { loadEngine } from "./engine.ts";
import { fileAt, keepOpen, noFile, type Opened, takeKept } from "./kept-database.ts";
import { isDamage, salvage } from "./store-salvage.ts";

/** How long another process may hold a store before waiting for it ends with an error. Milliseconds. */
const busyMilliseconds = 10_000;

/**
 * The uses of each store in this process, one after the other. There must never be two instances of one file in a
 * process, because POSIX drops a process's locks on a file when any of its handles is closed.
 */
const queues = new Map<string, Promise<unknown>>();

/** The file of a store. It is opened for one piece of work and closed after it, or a moment after a read. */
export class StoreFile {
  readonly bucket: string;
  readonly path: string;
  readonly #host: Host;
  /** How many bytes the engine may take. */
  readonly #memory: number | undefined;

  /** `memory`: how many bytes the process may take. */
  constructor(bucket: string, path: string, host: Host, memory?: number) {
    this.bucket = bucket;
    this.path = path;
    this.#host = host;
    this.#memory = memory && Math.ceil(memory / 4);
  }
  get exists(): boolean {
    return existsSync(this.path);
  }
  /**
   * Does `work` with the store open. Readers of several processes share it, a writer is alone. Waits while another
   * process holds it, and finally throws an error that names that process. `stop` aborts the work.
   */
  async use<T>(
    access: "read" | "write",
    work: (connection: Connection) => Promise<T>,
    stop?: Signal,
  ): Promise<T> {
    return this.#alone(async () => {
      try {
        return await this.#opened(access, work, stop);
      } catch (error) {
        if (!isDamage(error)) throw error;
        await this.#salvage(access, error);
        return this.#opened(access, work, stop);
      }
    });
  }

  /**
   * Starts opening the store for a read that follows soon, while other work goes on. Resolves when the engine is loaded.
   * The read reports a store that cannot be opened.
   */
  async prepare(): Promise<void> {
    if (!this.exists) return;
    await loadEngine();
    this.#alone(async () => {
      const kept = await takeKept(this.path, this.#opening("read"));
      await keepOpen(this.path, kept ?? (await this.#open("read")));
    }).catch(() => undefined);
  }

  /** Does `work` while no other work of this process uses the file. */
  async #alone<T>(work: () => Promise<T>): Promise<T> {
    const before = queues.get(this.path) ?? Promise.resolve();
    const mine = before.then(work, work);
    // The next work waits for the end of this one, whether it succeeds or not.
    const settled = mine.catch(() => undefined);
    queues.set(this.path, settled);
    try {
      return await mine;
    } finally {
      if (queues.get(this.path) === settled) queues.delete(this.path);
    }
  }
  async #salvage(access: "read" | "write", cause: unknown): Promise<void> {
    const { aside, kept, gaps } = await salvage(this.path, this.#host.clock.now());
    const parts = gaps ? ", with gaps where it was unreadable" : "";
    const message =
      `bucket ${JSON.stringify(this.bucket)} was damaged and would not open: ${kept} points were ` +
      `salvaged${parts}; the damaged store is kept as ${aside}`;
    const why = cause instanceof Error ? cause.message : "";
    this.#host.log.write("warn", message, { bucket: this.bucket, aside, kept, cause: why });
    // An empty answer would look as if there were no data.
    if (access === "read" && kept === 0) throw new FluxError("data loss", message, { cause });
  }
  async #opened<T>(
    access: "read" | "write",
    work: (connection: Connection) => Promise<T>,
    stop: Signal | undefined,
  ): Promise<T> {
    const opened = await this.#database(access, stop);
    const { database } = opened;
    let made: T;
    try {
      made = await work(database.connection(stop));
    } catch (error) {
      // While its lock is held: a store that was created just now and has no points must not look like an empty bucket.
      if (access === "write" && opened.file === noFile && !isDamage(error)) this.#remove();
      database.discard();
      throw error;
    }
    if (access === "read") await keepOpen(this.path, opened);
    else await database.close();
    return made;
  }
  #remove(): void {
    for (const file of [this.path, `${this.path}.wal`]) rmSync(file, { force: true });
  }
  async #database(access: "read" | "write", stop: Signal | undefined): Promise<Opened> {
    const kept = await takeKept(this.path, this.#opening(access));
    if (kept !== undefined) return kept;
    const until = this.#host.clock.monotonic() + busyMilliseconds;
    for (let pause = 20; ; pause = Math.min(pause * 2, 250)) {
      refuseWhenStopped(stop);
      try {
        return await this.#open(access);
      } catch (error) {
        const holder = holderOf(error);
        if (holder === undefined) throw error;
        if (this.#host.clock.monotonic() >= until) throw this.#busy(holder, error);
        await this.#host.clock.sleep(pause, stop);
      }
    }
  }
  async #open(access: "read" | "write"): Promise<Opened> {
    const opening = this.#opening(access);
    const file = fileAt(this.path);
    const database = await Database.open(this.path, opening);
    return { database, file, opening, opened: systemClock.monotonic() };
  }
  #opening(access: "read" | "write"): Opening {
    // Rows are appended in one thread; a second one would busy-wait for it.
    return { access, memory: this.#memory, ...(access === "write" && { threads: 1 }) };
  }
  #busy(holder: string, cause: unknown): FluxError {
    return new FluxError(
      "unavailable",
      `bucket ${JSON.stringify(this.bucket)} is in use by ${holder}, for more than 10 seconds`,
      { cause, hint: `wait for it to end, or use another data folder; the store is ${this.path}` },
    );
  }
}

/** The process that holds a store, if `error` names one. */
function holderOf(error: unknown): string | undefined {
  if (!isLocked(error)) return undefined;
  const found = /held in (.+?) \(PID (\d+)\)/.exec(error.message);
  return found === null ? "another process" : `process ${found[2]} (${found[1]})`;
}

import { close, fdatasync, openSync } from "node:fs";
import { systemClock } from "@tocsin/adapters/host-node";

/**
 * Syncs the write-ahead log off the main thread: answers are read while the disk works. A commit is on disk
 * when a sync that began after it has ended; commits that are made meanwhile share the next sync.
 */
export class LogSync {
  readonly #path: string;
  readonly #took: (milliseconds: number) => void;
  #handle: number | undefined;
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;
  #beside: Promise<void> | undefined;

  /** `path`: of the log, which SQLite creates with the first transaction and keeps while the file is open. `took`: learns the milliseconds of each sync. */
  constructor(path: string, took: (milliseconds: number) => void) {
    this.#path = path;
    this.#took = took;
  }

  /** Another sync that has to end before a commit counts. */
  beside(sync: Promise<void>): void {
    this.#beside = sync;
    // Whoever waits for a commit gets the error.
    sync.catch(() => undefined);
  }

  /** Resolves when all that was committed before the call is on disk; rejects with the system's error. */
  async synced(): Promise<void> {
    const log = this.#log();
    if (this.#beside !== undefined) await Promise.all([log, this.#beside]);
    this.#beside = undefined;
    return log;
  }
  #log(): Promise<void> {
    this.#next ??= this.#running.then(() => {
      this.#next = undefined;
      this.#running = this.#sync();
      return this.#running;
    });
    return this.#next;
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    await this.#beside?.catch(() => undefined);
    await (this.#next ?? this.#running).catch(() => undefined);
    // Not waited for: SQLite has deleted the log, and freeing its blocks takes milliseconds on some disks.
    if (this.#handle !== undefined) close(this.#handle, () => undefined);
    this.#handle = undefined;
  }

  #sync(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#handle ??= openSync(this.#path, "r+");
      const began = systemClock.monotonic();
      fdatasync(this.#handle, (error) => {
        if (error !== null) return reject(error);
        this.#took(systemClock.monotonic() - began);
        resolve();
      });
    });
  }
}

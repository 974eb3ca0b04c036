import { close, fdatasync, openSync } from "node:fs";
import { systemClock } from "@tocsin/adapters/host-node";

/**
 * Syncs the write-ahead log without holding the loop: answers are read while the disk works. A commit
 * is on disk when a sync that began after it has ended; those that come meanwhile share the next one.
 */
export class LogSync {
  readonly #path: string;
  readonly #took: (milliseconds: number) => void;
  #handle: number | undefined;
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;
  #beside: Promise<void> | undefined;

  /** `path`: of the log. SQLite makes it with the first transaction, and keeps it while it is open. */
  constructor(path: string, took: (milliseconds: number) => void) {
    this.#path = path;
    this.#took = took;
  }

  /** What must be on disk, too, before a commit counts. */
  beside(sync: Promise<void>): void {
    this.#beside = sync;
    // Whoever waits for a commit hears of it.
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
    // SQLite has deleted the log: the last one that has it frees its blocks, which takes milliseconds on some disks.
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

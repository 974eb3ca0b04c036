import { systemClock } from "@tocsin/adapters/host-node";
import { isBusy } from "./errors.ts";

/** Milliseconds between two tries. */
const pause = 20;

/**
 * Waits, without holding the event loop, while another process holds the file, up to a number of milliseconds. Calls
 * are executed in their order.
 */
export class Patience {
  readonly #milliseconds: number;
  /** The last call that waits. */
  #last: Promise<void> | undefined;

  constructor(milliseconds: number) {
    this.#milliseconds = milliseconds;
  }

  /** Executes `body`: synchronously when nobody holds the file. */
  async run<T>(body: () => T): Promise<T> {
    const end = systemClock.monotonic() + this.#milliseconds;
    const before = this.#last;
    if (before === undefined) {
      try {
        return body();
      } catch (error) {
        if (!isBusy(error)) throw error;
      }
    }
    const done = this.#wait(body, end, before);
    const over = done.then(
      () => undefined,
      () => undefined,
    );
    this.#last = over;
    try {
      return await done;
    } finally {
      if (this.#last === over) this.#last = undefined;
    }
  }
  async #wait<T>(body: () => T, end: number, before: Promise<void> | undefined): Promise<T> {
    await (before ?? sleep());
    for (;;) {
      try {
        return body();
      } catch (error) {
        if (!isBusy(error) || systemClock.monotonic() >= end) throw error;
        await sleep();
      }
    }
  }
}

function sleep(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, pause));
}

import { systemClock } from "@tocsin/adapters/host-node";
import { isBusy } from "./errors.ts";

const pause = 20;

/**
 * Waits, without holding the loop, while another process has the file: for so many milliseconds. What is asked for
 * is done in the order of asking.
 */
export class Patience {
  readonly #milliseconds: number;
  /** Whoever waits last. */
  #last: Promise<void> | undefined;

  constructor(milliseconds: number) {
    this.#milliseconds = milliseconds;
  }

  /** Does it at once, before this returns, when nobody has the file. */
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

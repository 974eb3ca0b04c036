import { type Clock, Stopper } from "@tocsin/platform/host";

export { Stopper };

/** Sleep that can be ended. A ring while nobody sleeps ends the next sleep at once. */
export class Bell {
  readonly #clock: Clock;
  #rung = false;
  #sleeper: Stopper | undefined;
  #waiter: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }
  ring(): void {
    this.#rung = true;
    this.#sleeper?.abort();
    this.#waiter?.();
  }
  /** Until the bell rings or the monotonic clock shows `until` (Infinity: only the bell). */
  async sleep(until: number): Promise<void> {
    if (!this.#rung) {
      const left = until - this.#clock.monotonic();
      if (left === Infinity) {
        await new Promise<void>((resolve) => (this.#waiter = resolve));
      } else if (left > 0) {
        this.#sleeper = new Stopper();
        await this.#clock.sleep(left, this.#sleeper);
      }
    }
    this.#rung = false;
    this.#sleeper = undefined;
    this.#waiter = undefined;
  }
}

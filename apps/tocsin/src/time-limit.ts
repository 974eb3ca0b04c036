import { startTimer, systemClock } from "@tocsin/adapters/host-node";

/**
 * A time limit, in milliseconds. It is suspended while something else is waited for, though for `grace`
 * milliseconds in all at most: the work never outlasts both together.
 */
export class TimeLimit {
  readonly #over: () => void;
  #left: number;
  #grace: number;
  #waits = 0;
  /** When it was last suspended or resumed. */
  #since = systemClock.monotonic();
  #suspended = false;
  #stopTimer: () => void = () => undefined;

  constructor(milliseconds: number, grace: number, over: () => void) {
    this.#left = milliseconds;
    this.#grace = grace;
    this.#over = over;
    this.#resume();
  }
  /** Is suspended until the promise is settled. */
  async waiting<T>(promise: Promise<T>): Promise<T> {
    this.#waits += 1;
    if (this.#waits === 1 && this.#grace > 0) this.#suspend();
    try {
      return await promise;
    } finally {
      this.#waits -= 1;
      if (this.#waits === 0 && this.#suspended) {
        this.#grace -= systemClock.monotonic() - this.#since;
        this.#resume();
      }
    }
  }
  end(): void {
    this.#stopTimer();
  }

  #resume(): void {
    this.#suspended = false;
    this.#start(this.#over, this.#left);
  }
  #suspend(): void {
    this.#left -= systemClock.monotonic() - this.#since;
    this.#suspended = true;
    this.#start(() => {
      this.#grace = 0;
      this.#resume();
    }, this.#grace);
  }
  #start(then: () => void, milliseconds: number): void {
    this.#stopTimer();
    this.#since = systemClock.monotonic();
    this.#stopTimer = startTimer(Math.max(0, milliseconds), then);
  }
}

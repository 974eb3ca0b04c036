import { systemClock } from "@tocsin/adapters/host-node";

/**
 * A limit of time for a work, in milliseconds. Its clock stands still while something else is waited
 * for, but for `grace` milliseconds in all at most: the work never outlasts both together.
 */
export class TimeLimit {
  readonly #over: () => void;
  #left: number;
  #grace: number;
  #waits = 0;
  /** Until when it ran or stood still; the timer of the one or the other. */
  #since = systemClock.monotonic();
  #still = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(milliseconds: number, grace: number, over: () => void) {
    this.#left = milliseconds;
    this.#grace = grace;
    this.#over = over;
    this.#run();
  }
  /** Stands still until the promise is settled. */
  async waiting<T>(promise: Promise<T>): Promise<T> {
    this.#waits += 1;
    if (this.#waits === 1 && this.#grace > 0) this.#stand();
    try {
      return await promise;
    } finally {
      this.#waits -= 1;
      if (this.#waits === 0 && this.#still) {
        this.#grace -= systemClock.monotonic() - this.#since;
        this.#run();
      }
    }
  }
  end(): void {
    clearTimeout(this.#timer);
  }

  #run(): void {
    this.#still = false;
    this.#start(this.#over, this.#left);
  }
  #stand(): void {
    this.#left -= systemClock.monotonic() - this.#since;
    this.#still = true;
    this.#start(() => {
      this.#grace = 0;
      this.#run();
    }, this.#grace);
  }
  #start(then: () => void, milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#since = systemClock.monotonic();
    this.#timer = setTimeout(then, Math.max(0, milliseconds));
  }
}

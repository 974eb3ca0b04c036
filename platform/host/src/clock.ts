import type { Signal } from "./signal.ts";

/** The source of time. Code below the adapters has no other one. */
export interface Clock {
  /** The wall clock: nanoseconds since 1970-01-01T00:00:00Z. It may step backwards. */
  now(): bigint;
  /** Milliseconds since an arbitrary start, for measuring durations. It never steps backwards. */
  monotonic(): number;
  /** Resolves after `milliseconds`, or at once when `signal` is aborted. Never rejects. */
  sleep(milliseconds: number, signal?: Signal): Promise<void>;
}

interface Sleeper {
  readonly due: number;
  readonly wake: () => void;
}

/** Lets work that was woken run until it sleeps again: more turns than any chain of promises here needs. */
async function idle(): Promise<void> {
  for (let turn = 0; turn < 200; turn++) await Promise.resolve();
}

/** A clock that stands still until it is told to move: the double that tests use. */
export class SimulatedClock implements Clock {
  #milliseconds = 0;
  #wall: bigint;
  #sleepers: Sleeper[] = [];

  constructor(start: bigint = 1_700_000_000_000_000_000n) {
    this.#wall = start;
  }
  now(): bigint {
    return this.#wall + BigInt(Math.round(this.#milliseconds * 1e6));
  }
  monotonic(): number {
    return this.#milliseconds;
  }
  sleep(milliseconds: number, signal?: Signal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const sleeper = { due: this.#milliseconds + milliseconds, wake: resolve };
      this.#sleepers.push(sleeper);
      signal?.addEventListener("abort", () => {
        this.#sleepers = this.#sleepers.filter((one) => one !== sleeper);
        resolve();
      });
    });
  }
  /** Milliseconds until the next sleeper wakes, or undefined when nobody sleeps. */
  untilNext(): number | undefined {
    if (this.#sleepers.length === 0) return undefined;
    return Math.max(0, Math.min(...this.#sleepers.map((one) => one.due)) - this.#milliseconds);
  }
  /** Moves time forward and wakes everyone whose time has come, in order. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#milliseconds + milliseconds;
    await idle();
    for (;;) {
      const next = this.#sleepers.filter((one) => one.due <= end).sort((a, b) => a.due - b.due)[0];
      if (next === undefined) break;
      this.#milliseconds = Math.max(this.#milliseconds, next.due);
      this.#sleepers = this.#sleepers.filter((one) => one !== next);
      next.wake();
      await idle();
    }
    this.#milliseconds = end;
    await idle();
  }
  /** Steps the wall clock (not the monotonic one), as an administrator or NTP may do. Nanoseconds. */
  step(nanoseconds: bigint): void {
    this.#wall += nanoseconds;
  }
}

import type { Clock, Loop } from "@tocsin/platform/host";
import { startTimer } from "./timer.ts";

/** How long work may run before others get a turn. */
const turnAfterMilliseconds = 20;

/** Kept, because each use of the global `process` calls a getter. */
const here = process;

/** Milliseconds of a clock that nobody can set. (`performance` would load a module that nothing else needs.) */
export function monotonic(): number {
  // Called often: destructuring the pair costs more than reading the clock.
  const time = here.hrtime();
  return time[0] * 1000 + time[1] / 1e6;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => BigInt(Date.now()) * 1_000_000n,
  monotonic,
  sleep: async (milliseconds, signal) => {
    const end = monotonic() + milliseconds;
    // A timer may be early by less than a millisecond.
    for (let left = milliseconds; left > 0 && !signal?.aborted; left = end - monotonic()) {
      await new Promise<void>((resolve) => {
        const stop = startTimer(left, done);
        function done() {
          stop();
          signal?.removeEventListener("abort", done);
          resolve();
        }
        signal?.addEventListener("abort", done);
      });
    }
  },
};

/** The event loop of this process. */
export function systemLoop(): Loop {
  let since = monotonic();
  return {
    due: () => monotonic() - since >= turnAfterMilliseconds,
    turn: () =>
      new Promise((resolve) => {
        setImmediate(() => {
          since = monotonic();
          resolve();
        });
      }),
  };
}

import type { Clock, Loop } from "@tocsin/platform/host";

/** The longest time that the platform's timers know. */
const longestTimer = 2 ** 31 - 1;
/** Long work lets others in after this time. */
const turnAfterMilliseconds = 20;

/** The global is looked up by a function of Node's. */
const here = process;

/** Milliseconds of a clock that nobody sets. `performance` would load a module of Node's that is not needed else. */
export function monotonic(): number {
  // By place: it is asked often, and by pattern costs more than the clock.
  const time = here.hrtime();
  return time[0] * 1000 + time[1] / 1e6;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => BigInt(Date.now()) * 1_000_000n,
  monotonic,
  sleep: async (milliseconds, signal) => {
    const end = monotonic() + milliseconds;
    for (let left = milliseconds; left > 0 && !signal?.aborted; left = end - monotonic()) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(done, Math.min(left, longestTimer));
        function done() {
          clearTimeout(timer);
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

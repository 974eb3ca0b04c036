import type { Clock, Loop } from "@tocsin/platform/host";

/** The longest time that the platform's timers know. */
const longestTimer = 2 ** 31 - 1;
/** Long work lets others in after this time. */
const turnAfterMilliseconds = 20;

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => BigInt(Date.now()) * 1_000_000n,
  monotonic: () => performance.now(),
  sleep: async (milliseconds, signal) => {
    const end = performance.now() + milliseconds;
    for (let left = milliseconds; left > 0 && !signal?.aborted; left = end - performance.now()) {
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
  let since = performance.now();
  return {
    due: () => performance.now() - since >= turnAfterMilliseconds,
    turn: () =>
      new Promise((resolve) => {
        setImmediate(() => {
          since = performance.now();
          resolve();
        });
      }),
  };
}

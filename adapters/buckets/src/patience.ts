import { FluxError } from "@tocsin/data/value";
import type { Clock, Signal } from "@tocsin/platform/host";

/** Waits for one step of an exchange, but not longer than the patience. */
type Waiting = <T>(step: Promise<T>) => Promise<T>;

const never = new Promise<never>(() => undefined);

/**
 * Executes `work`, which wraps each wait for the other side in `waiting`. A step that takes too long ends the work with an
 * error, and aborts the signal that `work` gets; the caller's signal aborts it, too.
 */
export async function withPatience<T>(
  clock: Clock,
  milliseconds: number,
  signal: Signal | undefined,
  work: (waiting: Waiting, stop: Signal) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  const abort = (): void => stop.abort(signal?.reason);
  signal?.addEventListener("abort", abort);
  if (signal?.aborted) abort();
  const waiting: Waiting = async (step) => {
    const timer = new AbortController();
    const late = clock.sleep(milliseconds, timer.signal).then(() => {
      if (timer.signal.aborted) return never;
      throw new FluxError("deadline exceeded", `no answer within ${milliseconds / 1000} seconds`);
    });
    try {
      return await Promise.race([step, late]);
    } finally {
      timer.abort();
    }
  };
  try {
    return await work(waiting, stop.signal);
  } finally {
    stop.abort();
    signal?.removeEventListener("abort", abort);
  }
}

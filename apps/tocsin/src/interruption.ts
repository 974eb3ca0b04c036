import { type Memory, type Signal, Stopper } from "@tocsin/platform/host";
import { leave } from "./leave.ts";
import { TimeLimit } from "./time-limit.ts";

/** Ends work early: on SIGINT or SIGTERM, after a time, or when too much memory is in use. */
export interface Interruption {
  readonly signal: Signal;
  /** 130 or 143 after a signal; undefined without one. */
  exitCode(): number | undefined;
  /** Whether the time limit was reached. */
  timedOut(): boolean;
  /** Whether the memory limit was exceeded. */
  outOfMemory(): boolean;
  /** Waits for a promise; within the grace, this time does not count. */
  waiting<T>(promise: Promise<T>): Promise<T>;
  /** Stops listening. */
  end(): void;
}

/**
 * Starts listening. `timeout` and `grace` are in milliseconds; undefined: no limit. A run checks its memory itself; this
 * notices what it does outside its plans, such as reading a file into a bucket.
 */
export function interruption(
  timeout: number | undefined,
  memory?: Memory,
  grace = 0,
): Interruption {
  // Node would load a module for its own `AbortController`.
  const stopper = new Stopper();
  let code: number | undefined;
  let late = false;
  const stopWith = (exitCode: number) => (): void => {
    // A second signal ends the process at once: the queue is safe on disk at any moment.
    if (code !== undefined) leave(exitCode);
    code = exitCode;
    stopper.abort();
  };
  const interrupted = stopWith(130);
  const terminated = stopWith(143);
  process.on("SIGINT", interrupted);
  process.on("SIGTERM", terminated);
  const timer =
    timeout === undefined
      ? undefined
      : new TimeLimit(timeout, grace, () => {
          late = true;
          stopper.abort();
        });
  let full = false;
  let times = 0;
  const watch =
    memory === undefined
      ? undefined
      : setInterval(() => {
          // The run's own check comes first, because its error says more.
          times = memory.used(memory.limit) > memory.limit ? times + 1 : 0;
          if (times < 3) return;
          full = true;
          stopper.abort();
        }, 50);
  return {
    signal: stopper,
    exitCode: () => code,
    timedOut: () => late,
    outOfMemory: () => full,
    waiting: (promise) => timer?.waiting(promise) ?? promise,
    end: () => {
      timer?.end();
      clearInterval(watch);
      process.off("SIGINT", interrupted);
      process.off("SIGTERM", terminated);
    },
  };
}

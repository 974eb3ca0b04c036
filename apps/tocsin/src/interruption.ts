/** Ends work early: on SIGINT, on SIGTERM, or after a time. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** 130 or 143 after a signal; undefined without one. */
  exitCode(): number | undefined;
  /** True when the time was over. */
  timedOut(): boolean;
  /** Stops listening. */
  end(): void;
}

/** Starts listening. `timeout`: milliseconds, or undefined for no limit. */
export function interruption(timeout: number | undefined): Interruption {
  const controller = new AbortController();
  let code: number | undefined;
  let late = false;
  const stopWith = (exitCode: number) => (): void => {
    // A second signal means it: the queue is safe on disk at any moment.
    if (code !== undefined) process.exit(exitCode);
    code = exitCode;
    controller.abort();
  };
  const interrupted = stopWith(130);
  const terminated = stopWith(143);
  process.on("SIGINT", interrupted);
  process.on("SIGTERM", terminated);
  const timer =
    timeout === undefined
      ? undefined
      : setTimeout(() => {
          late = true;
          controller.abort();
        }, timeout);
  return {
    signal: controller.signal,
    exitCode: () => code,
    timedOut: () => late,
    end: () => {
      clearTimeout(timer);
      process.off("SIGINT", interrupted);
      process.off("SIGTERM", terminated);
    },
  };
}

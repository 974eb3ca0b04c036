/**
 * Long work of pure code: it pauses every few milliseconds, so that its caller can let others into the event loop, and
 * returns its result at the end.
 */
export type Steps<Result = void> = Generator<undefined, Result>;

/** Runs work to its end without a pause. */
export function finished<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

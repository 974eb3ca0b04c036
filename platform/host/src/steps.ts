/**
 * Long work of pure code: it stops every few milliseconds, so that whoever runs it may let others
 * into the event loop, and gives its result at the end.
 */
export type Steps<Result = void> = Generator<undefined, Result>;

/** Runs work to its end without letting anybody in. */
export function finished<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

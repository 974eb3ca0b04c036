/** A result that is there already, or a promise of it: nothing waits unless something acts. */
export type Awaitable<T> = T | Promise<T>;

/** Calls `next` with the value, at once if it is there already. */
export function after<T, U>(value: Awaitable<T>, next: (value: T) => Awaitable<U>): Awaitable<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}

/** Calls `step` for each item in order, each time after the step before has finished. */
export function inOrder<T>(
  items: readonly T[],
  step: (item: T, index: number) => Awaitable<void>,
): Awaitable<void> {
  for (let i = 0; i < items.length; i++) {
    const result = step(items[i], i);
    if (result instanceof Promise) return restInOrder(items, step, i, result);
  }
}

async function restInOrder<T>(
  items: readonly T[],
  step: (item: T, index: number) => Awaitable<void>,
  from: number,
  pending: Promise<void>,
): Promise<void> {
  await pending;
  for (let i = from + 1; i < items.length; i++) await step(items[i], i);
}

/** An event that is being recorded, as queues see it. */
export interface Entering {
  readonly id: number;
  /** The number of its order key; null: it has none. */
  readonly order: number | null;
  readonly urgency: number;
  /** What comes after it in its chain. */
  next: number | null;
  /** Whether it comes after another one. */
  behind: boolean;
}

/**
 * Makes chains of events that are recorded together, in the order of their ids: each names the next one of its order
 * key, which need not be in the queue before its turn comes. The events of a chain are equally urgent, so that none has
 * to hurry for one behind it. `free`: whether the queue of an order key is empty.
 */
export function chain(events: readonly Entering[], free: (order: number) => boolean): void {
  const last = new Map<number, Entering>();
  const ended = new Set<number>();
  for (const event of events) {
    const { order, urgency } = event;
    if (order === null || ended.has(order)) continue;
    const before = last.get(order);
    if (before === undefined ? free(order) : before.urgency === urgency) {
      if (before !== undefined) {
        before.next = event.id;
        event.behind = true;
      }
      last.set(order, event);
    } else ended.add(order);
  }
}

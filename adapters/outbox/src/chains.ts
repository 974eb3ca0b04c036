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
 * Of events that are recorded together, in the order of their ids: tells each which one comes after it, and need not
 * stand in the queue of their order key until then. All of a chain are equally urgent, so that none
 * is more urgent for what follows. `free`: whether nothing else of an order key is in its queue.
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

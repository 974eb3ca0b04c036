/** An event that is being recorded. */
interface Entering {
  readonly id: number;
  /** The number of its order key; null: it has none. */
  readonly order: number | null;
  readonly urgency: number;
}

/**
 * Of events that are recorded together, in the order of their ids: by the id of each the id of the one that comes after
 * it, and need not stand in the queue of their order key until then. All of a chain are equally urgent, so that none
 * is more urgent for what follows. `free`: whether nothing else of an order key is in its queue.
 */
export function chainsOf(
  events: readonly Entering[],
  free: (order: number) => boolean,
): ReadonlyMap<number, number> {
  const last = new Map<number, Entering>();
  const next = new Map<number, number>();
  const ended = new Set<number>();
  for (const event of events) {
    const { order, urgency, id } = event;
    if (order === null || ended.has(order)) continue;
    const before = last.get(order);
    if (before === undefined ? free(order) : before.urgency === urgency) {
      if (before !== undefined) next.set(before.id, id);
      last.set(order, event);
    } else ended.add(order);
  }
  return next;
}

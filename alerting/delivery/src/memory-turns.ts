import { type Delivery, isUnfinished } from "./delivery.ts";
import { Heap } from "./heap.ts";
import { urgency } from "./rate.ts";
import { isDue } from "./retry.ts";
import { before, isSettled, looksBehind, type Ready } from "./turns.ts";
import { type Settling, settlingAfter, type Turn, turnOf } from "./turns.ts";

interface Place extends Turn {
  readonly delivery: { readonly id: string };
  readonly endpoint: string;
}

/** What of an endpoint waits, and what of it may go out. */
class Shelf {
  unfinished = 0;
  readonly ready = new Heap<Place>(before);
  /** Ids that may go out at a time. */
  readonly later = new Set<string>();
}

/** Which unfinished events of a store in memory may go out: the index that a database would have. */
export class MemoryTurns {
  readonly #get: (id: string) => Delivery | undefined;
  readonly #unfinished = new Set<string>();
  /** Unfinished ids of each order key, in order. */
  readonly #queues = new Map<string, string[]>();
  readonly #flying = new Set<string>();
  /** By order key: the event that is under way, whatever went out beside it without the store. */
  readonly #busy = new Map<string, string>();
  readonly #turns = new Map<string, Place>();
  readonly #turnOfKey = new Map<string, string>();
  readonly #shelves = new Map<string, Shelf>();
  /** What order keys wait for. */
  readonly #settling = new Map<string, Settling>();

  /** `get`: an event as it is stored now. */
  constructor(get: (id: string) => Delivery | undefined) {
    this.#get = get;
  }

  /** Ids under way. */
  get sending(): string[] {
    return [...this.#flying];
  }
  /** Endpoints that something unfinished waits for. */
  get endpoints(): string[] {
    return [...this.#shelves].filter(([, { unfinished }]) => unfinished > 0).map(([key]) => key);
  }
  backlog(endpoint: string): number {
    return this.#shelves.get(endpoint)?.unfinished ?? 0;
  }
  /** Unfinished ids of an order key, in order. */
  queue(orderKey: string): readonly string[] {
    return this.#queues.get(orderKey) ?? [];
  }

  /** A delivery is stored anew, by a transition at `at`. */
  changed(delivery: Delivery, at: number): void {
    const { id, orderKey, state, endpoint } = delivery;
    const settling = settlingAfter(delivery, at);
    if (settling !== undefined) this.#settling.set(orderKey, settling);
    const [was, is] = [this.#unfinished.has(id), isUnfinished(delivery)];
    if (was !== is) this.#shelf(endpoint).unfinished += is ? 1 : -1;
    if (is) this.#unfinished.add(id);
    else this.#unfinished.delete(id);
    const busy = this.#busy.get(orderKey);
    if (state === "sending") this.#busy.set(orderKey, busy ?? id);
    else if (busy === id) this.#busy.delete(orderKey);
    if (state === "sending") this.#flying.add(id);
    else this.#flying.delete(id);
    if (orderKey === "") {
      const queue = is ? [{ ...delivery, urgency: urgency(delivery) }] : [];
      this.#give(id, turnOf(queue, state === "sending"));
      return;
    }
    if (was !== is) this.#enqueue(orderKey, id, is);
    this.#arrange(orderKey);
  }

  #enqueue(orderKey: string, id: string, enters: boolean): void {
    const queue = this.#queues.get(orderKey) ?? [];
    if (enters) queue.splice(queue.findLastIndex((one) => Number(one) < Number(id)) + 1, 0, id);
    else queue.splice(queue.indexOf(id), 1);
    if (queue.length > 0) this.#queues.set(orderKey, queue);
    else this.#queues.delete(orderKey);
  }

  #arrange(orderKey: string): void {
    const queue = (this.#queues.get(orderKey) ?? []).slice(0, 1 + looksBehind).flatMap((id) => {
      const one = this.#get(id);
      return one === undefined ? [] : [{ id, state: one.state, urgency: urgency(one) }];
    });
    const turn = turnOf(queue, this.#busy.has(orderKey), this.#settling.get(orderKey));
    const had = this.#turnOfKey.get(orderKey);
    if (had !== undefined && had !== turn?.id) this.#give(had, undefined);
    if (turn === undefined) this.#turnOfKey.delete(orderKey);
    else {
      this.#turnOfKey.set(orderKey, turn.id);
      this.#give(turn.id, turn);
    }
  }

  #give(id: string, turn: Turn | undefined): void {
    const had = this.#turns.get(id);
    if (had !== undefined) this.#shelf(had.endpoint).later.delete(id);
    const delivery = this.#get(id);
    if (turn === undefined || delivery === undefined) {
      this.#turns.delete(id);
      return;
    }
    const same = had?.urgency === turn.urgency && !had.later && !turn.later;
    if (!same) this.#place({ ...turn, delivery: { id }, endpoint: delivery.endpoint });
  }
  #place(place: Place): void {
    this.#turns.set(place.id, place);
    const shelf = this.#shelf(place.endpoint);
    if (place.later) shelf.later.add(place.id);
    else shelf.ready.push(place);
  }

  /** The most urgent that may go out at `now`, at most `most`. They stay here until they change. */
  ready(endpoint: string, most: number, now: number): Ready["ready"] {
    const { ready, later } = this.#shelf(endpoint);
    this.#settle(now);
    for (const id of later) if (isDue(this.#due(id), now)) this.#ripen(id);
    const found: { delivery: Delivery; urgency: number }[] = [];
    const popped: Place[] = [];
    while (found.length < most) {
      const place = ready.pop();
      if (place === undefined) break;
      if (this.#turns.get(place.id) !== place) continue;
      popped.push(place);
      const delivery = this.#get(place.id);
      if (delivery !== undefined) found.push({ delivery, urgency: place.urgency });
    }
    for (const place of popped) ready.push(place);
    return found;
  }
  /** When the next one is due that is not due yet; Infinity: there is none. */
  nextDue(endpoint: string): number {
    let next = Infinity;
    for (const id of this.#shelf(endpoint).later) next = Math.min(next, this.#due(id));
    return next;
  }
  /** Ends all waits between attempts; gives whose. */
  wake(now: number): string[] {
    this.#settle(now);
    const later = [...this.#shelves.values()].flatMap((shelf) => [...shelf.later]);
    const ids = later.filter((id) => this.#turns.get(id)?.from === undefined);
    for (const id of ids) this.#ripen(id);
    return ids;
  }

  #due(id: string): number {
    return Math.max(this.#get(id)?.nextAttemptAt ?? 0, this.#turns.get(id)?.from ?? 0);
  }
  /** Forgets what nobody waits for any more. */
  #settle(now: number): void {
    for (const [orderKey, settling] of this.#settling) {
      if (!isSettled(settling, now)) continue;
      this.#settling.delete(orderKey);
      this.#arrange(orderKey);
    }
  }

  #ripen(id: string): void {
    const place = this.#turns.get(id);
    if (place === undefined) return;
    this.#shelf(place.endpoint).later.delete(id);
    this.#place({ ...place, later: false });
  }
  #shelf(endpoint: string): Shelf {
    const shelf = this.#shelves.get(endpoint) ?? new Shelf();
    this.#shelves.set(endpoint, shelf);
    return shelf;
  }
}

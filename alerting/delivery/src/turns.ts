import type { Delivery, DeliveryState } from "./delivery.ts";
import type { Endpoint } from "./endpoint.ts";
import { oldestReading } from "./retry.ts";
import type { Take, TokenBucket } from "./store.ts";

/** How many events behind the first are asked how urgent they are. */
export const looksBehind = 16;

/**
 * A process that is gone cannot call its last request back, and the network may hold that up: TCP alone
 * sends what was lost again after 0.2, 0.6 and 1.4 s. So long newer events of its order key wait, after
 * the event itself was taken up (milliseconds): an old state that comes after a newer one turns the
 * incident back.
 */
const settleTime = 2000;

/** The longest that such a wait may still last; a longer one began before the clock stepped back. */
export const longestSettling = settleTime + oldestReading;

/** Newer events of an order key than `after` wait until then. Milliseconds since 1970. */
export interface Settling {
  readonly after: number;
  readonly until: number;
}

/** What an event's transition at `at` asks newer ones of its order key to wait for, if anything. */
export function settlingAfter(delivery: Delivery, at: number): Settling | undefined {
  const { id, orderKey, state, reason, inDoubt } = delivery;
  const lingers = state === "waiting" && reason === "interrupted" && inDoubt && orderKey !== "";
  return lingers ? { after: Number(id), until: at + settleTime } : undefined;
}

/** Whether that time is over at `now`, or was begun by a clock that has stepped back since. */
export function isSettled({ until }: Settling, now: number): boolean {
  return until <= now || until > now + longestSettling;
}

/** One of the unfinished events of an order key, as a store has it. */
export interface Queued {
  readonly id: string;
  readonly state: DeliveryState;
  readonly urgency: number;
}

/** Which event of an order key may go out, and as what. */
export interface Turn {
  readonly id: string;
  readonly urgency: number;
  /** Not before its `nextAttemptAt`, nor before `from`. */
  readonly later: boolean;
  /** When a request of its order key that may be on its way has come in. */
  readonly from?: number;
}

/**
 * Who may go out next. `queue`: the first unfinished events of one order key, in the order of their
 * ids, at least `looksBehind` behind the first where there are so many. `flying`: one of them is
 * under way. `settling`: what the order key waits for, if anything.
 */
export function turnOf(
  queue: readonly Queued[],
  flying: boolean,
  settling?: Settling,
): Turn | undefined {
  if (flying || queue.length === 0) return undefined;
  const [first] = queue;
  let { urgency } = first;
  const looked = Math.min(queue.length, 1 + looksBehind);
  for (let at = 1; at < looked; at++) urgency = Math.min(urgency, queue[at].urgency);
  const { id } = first;
  if (settling === undefined || Number(id) <= settling.after) {
    return { id, urgency, later: first.state === "waiting" };
  }
  return { id, urgency, later: true, from: settling.until };
}

/**
 * Of events that are recorded together (their places among them): the order in which they will go out, as far as can
 * be told: the first of each order key in the order in which they came, then the second of each. What goes out
 * together so lies together.
 */
export function departure(events: readonly { readonly orderKey: string }[]): number[] {
  const ranks = new Map<string, number>();
  const rounds: number[][] = [];
  for (let index = 0; index < events.length; index++) {
    const { orderKey } = events[index];
    const rank = orderKey === "" ? 0 : (ranks.get(orderKey) ?? 0);
    ranks.set(orderKey, rank + 1);
    if (rank === rounds.length) rounds.push([]);
    rounds[rank].push(index);
  }
  return rounds.flat();
}

/** What may go out of one endpoint, the most urgent first. */
export interface Ready {
  readonly endpoint: string;
  readonly ready: readonly { readonly delivery: Delivery; readonly urgency: number }[];
}

/** What goes out, and what was seen. */
interface Choice {
  readonly chosen: readonly Delivery[];
  /** Endpoints and buckets that were looked at, as they become. */
  readonly endpoints: ReadonlyMap<string, Endpoint>;
  /** Those of `endpoints` that differ from what is stored. */
  readonly touched: ReadonlySet<string>;
  /** Endpoints that refused an event, or whose bucket did. */
  readonly refused: ReadonlySet<string>;
}

/** How many of one endpoint are looked through, at most, for those that are not passed over. */
const lookedThrough = 1000;

/** What may go out of one endpoint, at most `most`, without what is passed over. `find` gives so many. */
export function readyFor(
  { passesOver }: Take,
  most: number,
  find: (count: number) => Ready["ready"],
): Ready["ready"] {
  if (passesOver === undefined) return find(most);
  const left = find(most + lookedThrough).filter(({ delivery }) => !passesOver(delivery));
  return left.slice(0, most);
}

/** Takes the most urgent of all endpoints, as far as endpoints and buckets admit them. */
export function choose(
  lanes: readonly Ready[],
  asked: Take,
  stored: (key: string) => Endpoint,
): Choice {
  return new Choosing(asked, stored).of(lanes);
}

class Choosing implements Choice {
  readonly chosen: Delivery[] = [];
  readonly endpoints = new Map<string, Endpoint>();
  readonly touched = new Set<string>();
  readonly refused = new Set<string>();
  readonly #asked: Take;
  readonly #stored: (key: string) => Endpoint;

  constructor(asked: Take, stored: (key: string) => Endpoint) {
    this.#asked = asked;
    this.#stored = stored;
  }
  of(lanes: readonly Ready[]): Choice {
    const open = lanes.map((lane) => ({
      ...lane,
      at: 0,
      meter: this.#asked.meterOf(lane.endpoint),
    }));
    for (;;) {
      let best: (typeof open)[number] | undefined;
      for (const lane of open) {
        if (lane.at >= lane.ready.length || this.refused.has(lane.endpoint)) continue;
        if (best === undefined || before(lane.ready[lane.at], best.ready[best.at])) best = lane;
      }
      if (best === undefined) return this;
      if (this.#admits(best)) this.chosen.push(best.ready[best.at++].delivery);
      else this.refused.add(best.endpoint);
    }
  }

  #admits({ endpoint, meter }: { endpoint: string; meter: TokenBucket | undefined }): boolean {
    const admitted = this.#asked.admit(this.#known(endpoint));
    const metered = meter?.take(this.#known(meter.key));
    if (admitted === undefined || (meter !== undefined && metered === undefined)) return false;
    this.#becomes(admitted);
    if (metered !== undefined) this.#becomes(metered);
    return true;
  }
  #known(key: string): Endpoint {
    const known = this.endpoints.get(key) ?? this.#stored(key);
    this.endpoints.set(key, known);
    return known;
  }
  #becomes(next: Endpoint): void {
    if (this.endpoints.get(next.key) === next) return;
    this.endpoints.set(next.key, next);
    this.touched.add(next.key);
  }
}

interface Place {
  readonly delivery: { readonly id: string };
  readonly urgency: number;
}

/** Whether `a` goes first. */
export function before(a: Place, b: Place): boolean {
  if (a.urgency !== b.urgency) return a.urgency < b.urgency;
  return Number(a.delivery.id) < Number(b.delivery.id);
}

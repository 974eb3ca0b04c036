import type { Delivery } from "./delivery.ts";
import { admit, type Endpoint, probeDue, quietUntil } from "./endpoint.ts";
import { Heap } from "./heap.ts";
import type { Meter } from "./rate.ts";

interface Place {
  readonly urgency: number;
  readonly delivery: Delivery;
}

function before(a: Place, b: Place): boolean {
  if (a.urgency !== b.urgency) return a.urgency < b.urgency;
  return Number(a.delivery.id) < Number(b.delivery.id);
}

/** The deliveries of one endpoint that could be sent now, were it not for the endpoint. */
export class Lane {
  endpoint: Endpoint;
  inFlight = 0;
  /** The bucket of its host; undefined: no rate. */
  readonly meter: Meter | undefined;
  readonly #ready = new Heap<Place>(before);

  constructor(endpoint: Endpoint, meter: Meter | undefined) {
    this.endpoint = endpoint;
    this.meter = meter;
  }
  push(delivery: Delivery, urgency: number): void {
    this.#ready.push({ delivery, urgency });
    if (this.meter !== undefined) this.meter.queued += 1;
  }
  /** The next to send; those that `stale` says are out of date are dropped. */
  peek(stale: (delivery: Delivery) => boolean): Place | undefined {
    for (;;) {
      const first = this.#ready.peek();
      if (first === undefined || !stale(first.delivery)) return first;
      this.#pop();
    }
  }
  /** Takes the next one out if the endpoint takes an event at `now` (wall clock). */
  take(now: number): Delivery | undefined {
    const admitted = admit(this.endpoint, now);
    if (admitted === undefined || this.meter?.take(now) === false) return undefined;
    this.endpoint = admitted;
    return this.#pop();
  }
  /**
   * Milliseconds until the endpoint takes all that is here: 0 now, Infinity when nothing that is
   * known changes it soon enough to wait for.
   */
  opensIn(now: number): number {
    const quiet = quietUntil(this.endpoint, now);
    if (this.endpoint.state !== "open") {
      if (this.endpoint.state === "probing" && this.inFlight > 0) return 0;
      return probeDue(this.endpoint, now) <= now && quiet === 0 ? 0 : Infinity;
    }
    return Math.max(quiet > 0 ? quiet - now : 0, this.meter?.clearsIn(now) ?? 0);
  }
  /** Milliseconds until it is worth looking at this lane again. */
  wakesIn(now: number): number {
    const quiet = Math.max(0, quietUntil(this.endpoint, now) - now, this.meter?.opensIn(now) ?? 0);
    if (this.endpoint.state === "open") return quiet;
    return Math.max(quiet, probeDue(this.endpoint, now) - now);
  }

  #pop(): Delivery | undefined {
    const popped = this.#ready.pop();
    if (popped !== undefined && this.meter !== undefined) this.meter.queued -= 1;
    return popped?.delivery;
  }
}

import { effectiveType, messageTypes } from "@tocsin/alerting/oncall";
import type { Delivery } from "./delivery.ts";
import { admit, type Endpoint, probeDue, quietUntil, type Rate } from "./endpoint.ts";
import { Heap } from "./heap.ts";

/** Pages before notes, then the older first. */
function before(a: Delivery, b: Delivery): boolean {
  const first = rank(a) - rank(b);
  return first === 0 ? Number(a.id) < Number(b.id) : first < 0;
}

function rank(delivery: Delivery): number {
  return messageTypes.indexOf(effectiveType(delivery.messageType));
}

/** The deliveries of one endpoint that could be sent now, were it not for the endpoint. */
export class Lane {
  endpoint: Endpoint;
  inFlight = 0;
  readonly #ready = new Heap<Delivery>(before);

  constructor(endpoint: Endpoint) {
    this.endpoint = endpoint;
  }
  push(delivery: Delivery): void {
    this.#ready.push(delivery);
  }
  /** The next to send; those that `stale` says are out of date are dropped. */
  peek(stale: (delivery: Delivery) => boolean): Delivery | undefined {
    for (;;) {
      const first = this.#ready.peek();
      if (first === undefined || !stale(first)) return first;
      this.#ready.pop();
    }
  }
  /** Takes the next one out if the endpoint takes an event at `now` (wall clock). */
  take(now: number, rate: Rate | undefined): Delivery | undefined {
    const admitted = admit(this.endpoint, now, rate);
    if (admitted === undefined) return undefined;
    this.endpoint = admitted;
    return this.#ready.pop();
  }
  /**
   * Milliseconds until the endpoint takes an event again: 0 now, Infinity when nothing that is
   * known
   * changes it soon enough to wait for.
   */
  opensIn(now: number, rate: Rate | undefined): number {
    const quiet = quietUntil(this.endpoint, now);
    if (this.endpoint.state !== "open") {
      if (this.endpoint.state === "probing" && this.inFlight > 0) return 0;
      return probeDue(this.endpoint, now) <= now && quiet === 0 ? 0 : Infinity;
    }
    if (quiet > 0) return quiet - now;
    return admit(this.endpoint, now, rate) === undefined ? Infinity : 0;
  }
  /** Milliseconds until it is worth looking at this lane again. */
  wakesIn(now: number, rate: Rate | undefined): number {
    const quiet = Math.max(0, quietUntil(this.endpoint, now) - now);
    if (this.endpoint.state !== "open") {
      return Math.max(quiet, probeDue(this.endpoint, now) - now);
    }
    if (quiet > 0 || rate === undefined) return quiet;
    const missing = Math.max(0, 1 - this.endpoint.tokens);
    return Math.ceil((missing * 60_000) / rate.perMinute) - (now - this.endpoint.tokensAt);
  }
}

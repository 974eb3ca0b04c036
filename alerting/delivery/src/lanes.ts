import { admit, type Endpoint, freshEndpoint, probeDue, quietUntil } from "./endpoint.ts";
import { hostOfEndpoint, Meter, meterKey, type Rate, takeToken } from "./rate.ts";
import type { TokenBucket } from "./store.ts";

/** How many requests an endpoint gets at once before it has answered any: more than the burst of a host with a rate. */
const firstWindow = 32;

/** What a sender knows of the deliveries of one endpoint. */
export class Lane {
  endpoint: Endpoint;
  readonly host: string;
  inFlight = 0;
  /** How many more a store was asked for that has not said yet which. */
  asked = 0;
  /** How many requests it is given at once: one more for each that it answers, half when one fails. */
  #window = firstWindow;
  /** Whether something may be there that could go out, were it not for the endpoint. */
  stocked = true;
  /** When the next wait between attempts is over (monotonic). */
  due = Infinity;
  /** Unfinished deliveries, at the last count. */
  #backlog = 0;
  /** The bucket of its host; undefined: no rate. */
  readonly meter: Meter | undefined;

  constructor(endpoint: Endpoint, meter: Meter | undefined) {
    this.endpoint = endpoint;
    this.host = hostOfEndpoint(endpoint.key);
    this.meter = meter;
  }
  get backlog(): number {
    return this.#backlog;
  }
  set backlog(count: number) {
    if (this.meter !== undefined) this.meter.queued += count - this.#backlog;
    this.#backlog = count;
  }
  /** How many more requests it may be given now; `most`: at once. */
  room(most: number): number {
    return Math.min(most, this.#window) - this.inFlight - this.asked;
  }
  /** It answered, or a request to it failed. */
  answered(well: boolean, most: number): void {
    this.#window = well
      ? Math.min(Math.max(most, firstWindow), this.#window + 1)
      : Math.max(firstWindow, Math.floor(this.#window / 2));
  }
  /** Lets one event through, without a store. */
  admits(now: number): boolean {
    const admitted = admit(this.endpoint, now);
    const metered = this.meter?.take(now) ?? true;
    if (admitted === undefined || !metered) return false;
    this.endpoint = admitted;
    return true;
  }
  /** Nothing is here that could go out before `due` (monotonic). */
  empty(due: number): void {
    this.stocked = false;
    this.due = due;
  }
  /** Looks whether a wait is over. */
  wake(now: number): boolean {
    if (this.due > now) return false;
    this.stocked = true;
    this.due = Infinity;
    return true;
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
  /** Milliseconds until the endpoint takes an event. */
  wakesIn(now: number): number {
    const quiet = Math.max(0, quietUntil(this.endpoint, now) - now, this.meter?.opensIn(now) ?? 0);
    if (this.endpoint.state === "open") return quiet;
    return Math.max(quiet, probeDue(this.endpoint, now) - now);
  }
}

/** What a sender knows of endpoints, and of the rates of their hosts. */
export class Lanes {
  readonly #rateOf: (host: string) => Rate | undefined;
  readonly #lanes = new Map<string, Lane>();
  readonly #meters = new Map<string, Meter>();
  /** Buckets as they were read. */
  readonly #stored = new Map<string, Endpoint>();

  constructor(rateOf: (host: string) => Rate | undefined) {
    this.#rateOf = rateOf;
  }
  /** That of an endpoint's key, made when it is asked for first. */
  of(key: string): Lane {
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      lane = new Lane(freshEndpoint(key), this.#meter(hostOfEndpoint(key)));
      this.#lanes.set(key, lane);
    }
    return lane;
  }
  /** All that have been asked for. */
  all(): IterableIterator<Lane> {
    return this.#lanes.values();
  }
  /** What the store says of an endpoint or of a host's bucket. */
  know(stored: Endpoint): void {
    if (stored.key.startsWith(meterKey(""))) {
      this.#stored.set(stored.key, stored);
      const meter = this.#meters.get(stored.key);
      if (meter !== undefined) meter.stored = stored;
      return;
    }
    this.of(stored.key).endpoint = stored;
  }
  /** The bucket that an event takes its token from at `at`; undefined: its host has no rate. */
  bucket(endpoint: string, at: number): TokenBucket | undefined {
    const { meter } = this.of(endpoint);
    if (meter === undefined) return undefined;
    const { key, rate } = meter;
    return { key, take: (stored) => takeToken(stored, at, rate) };
  }
  /** The longest time that a queue takes at its host's rate, and that rate (events a minute); undefined: none waits for it. */
  queueTime(
    now: number,
  ): { readonly milliseconds: number; readonly perMinute: number } | undefined {
    let longest: { milliseconds: number; perMinute: number } | undefined;
    for (const meter of this.#meters.values()) {
      const { perMinute } = meter.rate;
      const milliseconds = Math.round((meter.queued * 60_000) / perMinute);
      if (meter.opensIn(now) > 0 && milliseconds > (longest?.milliseconds ?? 0))
        longest = { milliseconds, perMinute };
    }
    return longest;
  }

  #meter(host: string): Meter | undefined {
    const key = meterKey(host);
    const known = this.#meters.get(key);
    const rate = this.#rateOf(host);
    if (known !== undefined || rate === undefined) return known;
    const meter = new Meter(host, rate);
    const stored = this.#stored.get(key);
    if (stored !== undefined) meter.stored = stored;
    this.#meters.set(key, meter);
    return meter;
  }
}

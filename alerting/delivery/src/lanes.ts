import { admit, type Endpoint, probeDue, quietUntil } from "./endpoint.ts";
import { hostOfEndpoint, type Meter } from "./rate.ts";

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

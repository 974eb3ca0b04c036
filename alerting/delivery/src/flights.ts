import type { Delivery } from "./delivery.ts";
import type { Lane } from "./lanes.ts";

type Times = Pick<Flight, "claimedAt" | "begun">;

/** An attempt: under way, or ended and not written down yet. */
export class Flight {
  readonly delivery: Delivery;
  readonly lane: Lane;
  /** When it was claimed (milliseconds since 1970), and when it began (monotonic). */
  readonly claimedAt: number;
  readonly begun: number;
  ended = false;

  constructor(delivery: Delivery, lane: Lane, { claimedAt, begun }: Times) {
    this.delivery = delivery;
    this.lane = lane;
    this.claimedAt = claimedAt;
    this.begun = begun;
  }
}

/** The attempts of a sender, until they are written down. */
export class Flights {
  readonly #all = new Map<string, Flight>();
  #aloft = 0;
  #waiting: (() => void)[] = [];

  /** How many there are. */
  get size(): number {
    return this.#all.size;
  }
  /** How many of them have not ended. */
  get aloft(): number {
    return this.#aloft;
  }
  /** Whether a delivery has one. */
  has(id: string): boolean {
    return this.#all.has(id);
  }
  begin(flight: Flight): void {
    this.#all.set(flight.delivery.id, flight);
    this.#aloft += 1;
  }
  /** Whether one of them is so that has not ended. */
  some(is: (flight: Flight) => boolean): boolean {
    for (const one of this.underWay()) if (is(one)) return true;
    return false;
  }
  /** Those that have not ended. */
  *underWay(): Generator<Flight> {
    for (const one of this.#all.values()) if (!one.ended) yield one;
  }
  /** It ends; false: it had ended before. */
  end(flight: Flight): boolean {
    if (flight.ended) return false;
    flight.ended = true;
    this.#aloft -= 1;
    if (this.#aloft > 0) return true;
    for (const resolve of this.#waiting) resolve();
    this.#waiting = [];
    return true;
  }
  /** The end of a delivery's attempt is written down. */
  settled(id: string): void {
    this.#all.delete(id);
  }
  /** Resolves when none is under way. */
  async landed(): Promise<void> {
    if (this.#aloft > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}

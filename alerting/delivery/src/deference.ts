import type { Delivery } from "./delivery.ts";
import { replaceable } from "./machine.ts";

/**
 * While a script is evaluated, what earlier runs left does not go out where this run may still say the
 * entity's state anew: after an outage a page about what is long over would go out a moment before its end.
 */
export class Deference {
  readonly #runId: string;
  #until: number;
  /** Of entities that the run has spoken of: what it said waits for what was said before. */
  readonly #heard = new Set<string>();

  /** `until`: when it ends by itself, as a page must not wait for a long evaluation. Monotonic. */
  constructor(runId: string, until: number) {
    this.#runId = runId;
    this.#until = until;
  }

  /** When it ends, unless it is ended before; Infinity: it is over. */
  endsAfter(now: number): number {
    return now < this.#until ? this.#until : Infinity;
  }
  /** What the run has recorded. */
  heard(deliveries: readonly Delivery[], now: number): void {
    if (now < this.#until) for (const { orderKey } of deliveries) this.#heard.add(orderKey);
  }
  /** Whether a delivery waits for the run; undefined: nothing does any more. */
  at(now: number): ((delivery: Delivery) => boolean) | undefined {
    if (now >= this.#until) return undefined;
    return (one) => one.runId !== this.#runId && replaceable(one) && !this.#heard.has(one.orderKey);
  }
  end(): void {
    this.#until = -Infinity;
  }
}

import type { Delivery } from "./delivery.ts";
import type { Lapsed } from "./store.ts";

/** Attempts of other processes, and since when (monotonic) they are seen under way. */
export class ForeignAttempts {
  #seen = new Map<string, { readonly attempts: number; readonly since: number }>();

  get size(): number {
    return this.#seen.size;
  }
  /** These, and no others, are under way now. */
  watch(foreign: readonly Delivery[], now: number): void {
    const known = this.#seen;
    this.#seen = new Map(
      foreign.map(({ id, attempts }) => {
        const seen = known.get(id);
        return [id, seen?.attempts === attempts ? seen : { attempts, since: now }];
      }),
    );
  }
  /** Those that were seen for longer than any lease. */
  lapsed(now: number, lease: number): Lapsed[] {
    return [...this.#seen]
      .filter(([, { since }]) => now - since > lease)
      .map(([id, { attempts }]) => ({ id, attempts }));
  }
}

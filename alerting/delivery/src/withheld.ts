import type { Delivery } from "./delivery.ts";
import type { Take } from "./store.ts";

/** Order keys of which newer events went out without the store: what it has of them waits until it knows. */
export class Withheld {
  readonly #keys = new Set<string>();

  add(orderKeys: readonly string[]): void {
    for (const key of orderKeys) if (key !== "") this.#keys.add(key);
  }
  clear(): void {
    this.#keys.clear();
  }
  has({ orderKey }: Delivery): boolean {
    return this.#keys.has(orderKey);
  }
  /** What is passed over, with what is anyway. */
  with(others: Take["passesOver"]): Take["passesOver"] {
    if (this.#keys.size === 0) return others;
    return (one) => this.has(one) || others?.(one) === true;
  }
}

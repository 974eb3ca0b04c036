import { type Random, seeded } from "@tocsin/platform/host";

/** Choices of one script. The same seed makes the same choices. */
export class Dice {
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = seeded(seed);
  }
  /** A whole number from 0 to `below` - 1. */
  below(below: number): number {
    return Math.floor(this.#random.next() * below);
  }
  /** Whether something of this probability happens. */
  chance(probability: number): boolean {
    return this.#random.next() < probability;
  }
  one<T>(all: readonly T[]): T {
    return all[this.below(all.length)];
  }
  /** Some of them, in their order; at least `least`. */
  some<T>(all: readonly T[], least = 0): T[] {
    const chosen = all.filter(() => this.chance(0.4));
    return chosen.length < least ? all.slice(0, least) : chosen;
  }
}

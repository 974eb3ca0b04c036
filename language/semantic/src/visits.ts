import type { Type } from "./type.ts";

/**
 * Remembers the types that a walk has been to. A type may hold another one many times over, so a
 * walk that goes into it each time may take for ever. Most types are small: for those remembering
 * would cost more than it saves, so it begins after some steps only.
 */
export class Visits {
  #steps = 0;
  #seen: Set<Type> | undefined;

  /** Whether the walk has to go into a type; false when it has been there. */
  isNew(type: Type): boolean {
    this.#steps += 1;
    if (this.#steps < 64) return true;
    this.#seen ??= new Set();
    if (this.#seen.has(type)) return false;
    this.#seen.add(type);
    return true;
  }
}

/** The same for a walk over two types at once. */
export class PairVisits {
  #steps = 0;
  #seen: Map<Type, Set<Type>> | undefined;

  isNew(a: Type, b: Type): boolean {
    this.#steps += 1;
    if (this.#steps < 64) return true;
    this.#seen ??= new Map();
    const met = this.#seen.get(a);
    if (met?.has(b)) return false;
    if (met) met.add(b);
    else this.#seen.set(a, new Set([b]));
    return true;
  }
}

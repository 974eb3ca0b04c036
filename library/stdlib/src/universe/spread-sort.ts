/** Fewer numbers are sorted by the platform. */
const worthWhile = 64;
/** So many moves for each number are made before the platform is asked after all. */
const movesEach = 8;

/**
 * Sorts numbers, none of them NaN, in place: each goes to about where it belongs if they are evenly
 * spread, and from there step by step. Numbers that are not so are sorted by the platform.
 */
export class SpreadSorter {
  #ends = new Uint32Array(0);
  #spread = new Float64Array(0);

  sort(values: Float64Array): void {
    if (values.length < worthWhile || !this.#distribute(values) || !this.#settle(values))
      values.sort();
  }

  /** Copies the numbers to about their places; false when there are none to speak of. */
  #distribute(values: Float64Array): boolean {
    const { length } = values;
    let least = values[0];
    let most = values[0];
    for (let i = 1; i < length; i++) {
      const value = values[i];
      if (value < least) least = value;
      else if (value > most) most = value;
    }
    const scale = (length - 1) / (most - least);
    if (!(scale > 0 && scale < Infinity)) return false;
    if (this.#spread.length < length) {
      this.#ends = new Uint32Array(length + 1);
      this.#spread = new Float64Array(length);
    }
    const ends = this.#ends.fill(0, 0, length + 1);
    for (let i = 0; i < length; i++) ends[Math.floor((values[i] - least) * scale) + 1]++;
    for (let i = 1; i <= length; i++) ends[i] += ends[i - 1];
    const spread = this.#spread;
    for (let i = 0; i < length; i++) {
      const value = values[i];
      spread[ends[Math.floor((value - least) * scale)]++] = value;
    }
    return true;
  }
  /** Copies them back in order; false when that took too long: all are there, in any order. */
  #settle(values: Float64Array): boolean {
    const spread = this.#spread;
    const { length } = values;
    let moves = length * movesEach;
    for (let i = 0; i < length; i++) {
      const value = spread[i];
      let to = i;
      for (; to > 0 && values[to - 1] > value; to--) values[to] = values[to - 1];
      values[to] = value;
      moves -= i - to;
      if (moves < 0) {
        values.set(spread.subarray(0, length));
        return false;
      }
    }
    return true;
  }
}

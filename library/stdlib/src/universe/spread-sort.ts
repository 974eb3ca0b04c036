import { boundsOf } from "./bounds-of.ts";

/** The platform sorts fewer numbers faster. */
const worthWhile = 64;
/** How many numbers with one place are left to the final insertion sort. */
const fewNumbers = 24;
/** How many times numbers with one place are spread again at most. */
const depthMost = 4;

/**
 * Sorts numbers, none of them NaN, in place. Each goes about where it would be if all were evenly spread; many numbers
 * with one place are spread again. An insertion sort does the rest.
 */
export class SpreadSorter {
  readonly #ends: Uint32Array[] = [];
  #spread = new Float64Array(0);

  sort(values: Float64Array): void {
    if (values.length < worthWhile) values.sort();
    else if (this.#distribute(values, 0)) settle(values);
  }

  /** Moves numbers near their places. False: they are sorted. */
  #distribute(values: Float64Array, depth: number): boolean {
    const { length } = values;
    const { least, most } = boundsOf(values);
    if (least === most) return false;
    const scale = (length - 1) / (most - least);
    if (depth === depthMost || !(scale > 0 && scale < Infinity)) {
      values.sort();
      return false;
    }
    const ends = this.#counts(depth, length);
    countPlaces(values, { least, scale }, ends);
    if (this.#spread.length < length) this.#spread = new Float64Array(length);
    spread(values, { least, scale }, ends, this.#spread);
    values.set(this.#spread.subarray(0, length));
    let from = 0;
    for (let i = 0; i < length; i++) {
      const to = ends[i];
      if (to - from > fewNumbers) this.#distribute(values.subarray(from, to), depth + 1);
      from = to;
    }
    return true;
  }
  #counts(depth: number, length: number): Uint32Array {
    if ((this.#ends.at(depth)?.length ?? 0) <= length)
      this.#ends[depth] = new Uint32Array(length + 1);
    return this.#ends[depth].fill(0, 0, length + 1);
  }
}

/** Where the numbers would be if they were evenly spread. */
interface Evenly {
  readonly least: number;
  readonly scale: number;
}

/** Finds where the numbers of each place begin, by counting them. */
function countPlaces(values: Float64Array, { least, scale }: Evenly, ends: Uint32Array): void {
  const { length } = values;
  for (let i = 0; i < length; i++) ends[Math.floor((values[i] - least) * scale) + 1]++;
  for (let i = 1; i <= length; i++) ends[i] += ends[i - 1];
}

function spread(
  values: Float64Array,
  { least, scale }: Evenly,
  ends: Uint32Array,
  to: Float64Array,
): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    to[ends[Math.floor((value - least) * scale)]++] = value;
  }
}

/** Insertion sort: for numbers that are near their places. */
function settle(values: Float64Array): void {
  for (let i = 1; i < values.length; i++) {
    const value = values[i];
    let to = i;
    for (; to > 0 && values[to - 1] > value; to--) values[to] = values[to - 1];
    values[to] = value;
  }
}

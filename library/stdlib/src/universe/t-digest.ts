import { SpreadSorter } from "./spread-sort.ts";

/** Groups of neighbouring values: the mean of each, ascending, and how many values it has. */
interface Centroids {
  readonly means: Float64Array;
  readonly weights: Float64Array;
}

/**
 * Estimates quantiles of a stream of values in bounded memory: the merging t-digest of Dunning and
 * Ertl ("Computing extremely accurate quantiles using t-digests"), with their arcsine scale.
 * Centroids are small near both ends, where quantiles are asked for most.
 */
export class TDigest {
  readonly #compression: number;
  readonly #mergedMax: number;
  readonly #waitingMax: number;
  /** Values that were not merged yet. */
  #waiting = new Float64Array(256);
  #waitingCount = 0;
  readonly #sorter = new SpreadSorter();
  #merged: Centroids;
  /** What the next merge writes to. */
  #spare: Centroids;
  #mergedCount = 0;
  #mergedWeight = 0;
  #least = Number.POSITIVE_INFINITY;
  #most = Number.NEGATIVE_INFINITY;

  constructor(compression: number) {
    this.#compression = compression;
    this.#mergedMax = 2 * Math.ceil(compression);
    this.#waitingMax = 8 * Math.ceil(compression);
    this.#merged = centroids(0);
    this.#spare = centroids(0);
  }
  reset(): void {
    this.#waitingCount = 0;
    this.#mergedCount = 0;
    this.#mergedWeight = 0;
    this.#least = Number.POSITIVE_INFINITY;
    this.#most = Number.NEGATIVE_INFINITY;
  }
  add(value: number): void {
    if (Number.isNaN(value)) return;
    this.#reserve(1);
    this.#waiting[this.#waitingCount++] = value;
    this.#mergeIfMany();
  }
  /** As `add` for each of the values `from .. to`. */
  addAll(values: Float64Array, from: number, to: number): void {
    let at = from;
    while (at < to) {
      const room =
        this.#mergedCount > this.#mergedMax ? 1 : this.#waitingMax + 1 - this.#waitingCount;
      const end = Math.min(to, at + room);
      this.#reserve(end - at);
      const waiting = this.#waiting;
      let count = this.#waitingCount;
      for (; at < end; at++) {
        const value = values[at];
        waiting[count] = value;
        count += +(value === value);
      }
      this.#waitingCount = count;
      this.#mergeIfMany();
    }
  }
  #mergeIfMany(): void {
    if (this.#mergedCount > this.#mergedMax || this.#waitingCount > this.#waitingMax) this.#merge();
  }
  #reserve(more: number): void {
    const count = this.#waitingCount + more;
    if (count <= this.#waiting.length) return;
    const larger = new Float64Array(Math.max(count, 2 * this.#waiting.length));
    larger.set(this.#waiting);
    this.#waiting = larger;
  }
  /** The value below which the part `q` (0 to 1) of all values lies; NaN without values. */
  quantile(q: number): number {
    this.#merge();
    const { means, weights } = this.#merged;
    const count = this.#mergedCount;
    if (count === 0) return Number.NaN;
    if (count === 1) return means[0];
    const index = q * this.#mergedWeight;
    if (index <= weights[0] / 2)
      return this.#least + ((2 * index) / weights[0]) * (means[0] - this.#least);
    // The middle of each centroid lies at the weight before it plus half of its own.
    let before = 0;
    for (let i = 0; i + 1 < count; i++) {
      const middle = before + weights[i] / 2;
      const next = before + weights[i] + weights[i + 1] / 2;
      if (index <= next) return between(means[i], next - index, means[i + 1], index - middle);
      before += weights[i];
    }
    const beyond = index - this.#mergedWeight + weights[count - 1] / 2;
    return between(means[count - 1], weights[count - 1] / 2 - beyond, this.#most, beyond);
  }

  #merge(): void {
    if (this.#waitingCount === 0 && this.#mergedCount <= this.#mergedMax) return;
    const waiting = this.#waiting.subarray(0, this.#waitingCount);
    this.#sorter.sort(waiting);
    const { means, weights } = this.#merged;
    const count = this.#mergedCount;
    if (this.#spare.means.length < waiting.length + count)
      this.#spare = centroids(2 * (waiting.length + count));
    const made = this.#spare;
    this.#mergedWeight += waiting.length;
    let at = -1;
    let sum = 0;
    let limit = 0;
    for (let i = 0, j = 0; i < waiting.length || j < count;) {
      const isNew = j === count || (i < waiting.length && waiting[i] <= means[j]);
      const mean = isNew ? waiting[i++] : means[j];
      const weight = isNew ? 1 : weights[j++];
      sum += weight;
      if (at >= 0 && sum <= limit) {
        made.weights[at] += weight;
        made.means[at] += (weight * (mean - made.means[at])) / made.weights[at];
        continue;
      }
      const filled = at < 0 ? 0 : this.#place((sum - weight) / this.#mergedWeight);
      limit = this.#mergedWeight * this.#share(filled + 1);
      at += 1;
      made.means[at] = mean;
      made.weights[at] = weight;
    }
    this.#spare = this.#merged;
    this.#merged = made;
    this.#mergedCount = at + 1;
    if (waiting.length > 0) {
      this.#least = Math.min(this.#least, waiting[0]);
      this.#most = Math.max(this.#most, waiting[waiting.length - 1]);
    }
    this.#waitingCount = 0;
  }
  /** The place of the quantile `q` on the scale of centroids. */
  #place(q: number): number {
    return (this.#compression * (Math.asin(2 * q - 1) + Math.PI / 2)) / Math.PI;
  }
  /** The inverse of that: the part of all values before a place. */
  #share(place: number): number {
    const most = Math.min(place, this.#compression);
    return (Math.sin((most * Math.PI) / this.#compression - Math.PI / 2) + 1) / 2;
  }
}

const centroids = (most: number): Centroids => ({
  means: new Float64Array(most),
  weights: new Float64Array(most),
});

function between(a: number, weightA: number, b: number, weightB: number): number {
  const mean = (a * weightA + b * weightB) / (weightA + weightB);
  return Math.max(Math.min(a, b), Math.min(mean, Math.max(a, b)));
}

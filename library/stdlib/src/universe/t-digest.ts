/** Values that are near each other, summed up: their mean and how many there are. */
interface Centroid {
  mean: number;
  weight: number;
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
  #merged: Centroid[] = [];
  #waiting: Centroid[] = [];
  #mergedWeight = 0;
  #waitingWeight = 0;
  #least = Number.POSITIVE_INFINITY;
  #most = Number.NEGATIVE_INFINITY;

  constructor(compression: number) {
    this.#compression = compression;
    this.#mergedMax = 2 * Math.ceil(compression);
    this.#waitingMax = 8 * Math.ceil(compression);
  }
  reset(): void {
    this.#merged = [];
    this.#waiting = [];
    this.#mergedWeight = 0;
    this.#waitingWeight = 0;
    this.#least = Number.POSITIVE_INFINITY;
    this.#most = Number.NEGATIVE_INFINITY;
  }
  add(value: number): void {
    if (Number.isNaN(value)) return;
    this.#waiting.push({ mean: value, weight: 1 });
    this.#waitingWeight += 1;
    if (this.#merged.length > this.#mergedMax || this.#waiting.length > this.#waitingMax)
      this.#merge();
  }
  /** The value below which the part `q` (0 to 1) of all values lies; NaN without values. */
  quantile(q: number): number {
    this.#merge();
    const centroids = this.#merged;
    if (centroids.length === 0) return Number.NaN;
    if (centroids.length === 1) return centroids[0].mean;
    const [first] = centroids;
    const last = centroids[centroids.length - 1];
    const index = q * this.#mergedWeight;
    if (index <= first.weight / 2)
      return this.#least + ((2 * index) / first.weight) * (first.mean - this.#least);
    // The middle of each centroid lies at the weight before it plus half of its own.
    let before = 0;
    for (let i = 0; i + 1 < centroids.length; i++) {
      const middle = before + centroids[i].weight / 2;
      const next = before + centroids[i].weight + centroids[i + 1].weight / 2;
      if (index <= next) {
        const { mean } = centroids[i];
        return between(mean, next - index, centroids[i + 1].mean, index - middle);
      }
      before += centroids[i].weight;
    }
    const beyond = index - this.#mergedWeight + last.weight / 2;
    return between(last.mean, last.weight / 2 - beyond, this.#most, beyond);
  }

  #merge(): void {
    if (this.#waiting.length === 0 && this.#merged.length <= this.#mergedMax) return;
    const all = [...this.#waiting, ...this.#merged].sort((a, b) => a.mean - b.mean);
    this.#mergedWeight += this.#waitingWeight;
    this.#waiting = [];
    this.#waitingWeight = 0;
    let present: Centroid = { ...all[0] };
    const merged = [present];
    let sum = present.weight;
    let limit = this.#mergedWeight * this.#share(1);
    for (const centroid of all.slice(1)) {
      if (sum + centroid.weight <= limit) {
        sum += centroid.weight;
        present.weight += centroid.weight;
        present.mean += (centroid.weight * (centroid.mean - present.mean)) / present.weight;
        continue;
      }
      limit = this.#mergedWeight * this.#share(this.#place(sum / this.#mergedWeight) + 1);
      sum += centroid.weight;
      present = { ...centroid };
      merged.push(present);
    }
    this.#merged = merged;
    this.#least = Math.min(this.#least, all[0].mean);
    this.#most = Math.max(this.#most, all[all.length - 1].mean);
  }
  /** How many centroids the part `q` of all values may fill. */
  #place(q: number): number {
    return (this.#compression * (Math.asin(2 * q - 1) + Math.PI / 2)) / Math.PI;
  }
  /** The part of all values that `place` centroids may hold: the inverse. */
  #share(place: number): number {
    const most = Math.min(place, this.#compression);
    return (Math.sin((most * Math.PI) / this.#compression - Math.PI / 2) + 1) / 2;
  }
}

function between(a: number, weightA: number, b: number, weightB: number): number {
  const mean = (a * weightA + b * weightB) / (weightA + weightB);
  return Math.max(Math.min(a, b), Math.min(mean, Math.max(a, b)));
}

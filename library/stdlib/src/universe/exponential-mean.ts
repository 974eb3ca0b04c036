/**
 * The mean of the first `n` rows, then at each row 2 / (n + 1) of its value and the rest of the mean before. Rows
 * without a value keep the mean.
 */
export class ExponentialMean {
  readonly #n: number;
  readonly #weight: number;
  /** Rows so far, as long as they are fewer than `n`; their sum, and how many have a value. */
  #rows = 0;
  #sum = 0;
  #count = 0;
  #mean: number | undefined;

  constructor(n: number) {
    this.#n = n;
    this.#weight = 2 / (n + 1);
  }
  begin(): void {
    this.#rows = this.#sum = this.#count = 0;
    this.#mean = undefined;
  }
  /** The mean after the next row; undefined while no row has had a value. Of the first `n` rows it is that of those so far. */
  next(value: number | undefined): number | undefined {
    if (this.#rows < this.#n) {
      this.#rows += 1;
      if (value === undefined) return this.#mean;
      this.#sum += value;
      this.#count += 1;
      return (this.#mean = this.#sum / this.#count);
    }
    if (value === undefined) return this.#mean;
    const before = this.#mean;
    const weight = this.#weight;
    return (this.#mean = before === undefined ? value : value * weight + before * (1 - weight));
  }
}

/** Numbers in places from 0 on; memory is taken as they are put there. */
export class GrowingNumbers {
  #data = new Float64Array(16);

  put(at: number, value: number): void {
    if (at >= this.#data.length) {
      const larger = new Float64Array(Math.max(at + 1, 2 * this.#data.length));
      larger.set(this.#data);
      this.#data = larger;
    }
    this.#data[at] = value;
  }
  at(place: number): number {
    return this.#data[place];
  }
}

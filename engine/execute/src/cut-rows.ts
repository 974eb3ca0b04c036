/** The rows of a cut in the making: named one by one only once they are not all in the order of the batch. */
export class CutRows {
  #rows: Uint32Array | undefined;
  /** How many rows there are so far. */
  count = 0;

  /** Undefined: all rows of the batch, in its order. */
  get named(): Uint32Array | undefined {
    return this.#rows?.subarray(0, this.count);
  }
  /** Appends the rows `from .. to` in the order of the batch. */
  pass(from: number, to: number): void {
    if (this.#rows === undefined && from === this.count) {
      this.count = to;
      return;
    }
    const rows = this.append(to - from);
    for (let i = 0; i < rows.length; i++) rows[i] = from + i;
  }
  /** Appends `more` rows, which the caller names in what is given. */
  append(more: number): Uint32Array {
    const { count } = this;
    this.count += more;
    return this.#room(count).subarray(count, this.count);
  }
  /** Room for `count` rows, of which those before `named` stay. */
  #room(named: number): Uint32Array {
    const before = this.#rows;
    if (before !== undefined && before.length >= this.count) return before;
    const rows = new Uint32Array(Math.max(this.count, 2 * (before?.length ?? 0)));
    if (before === undefined) for (let row = 0; row < named; row++) rows[row] = row;
    else rows.set(before);
    this.#rows = rows;
    return rows;
  }
}

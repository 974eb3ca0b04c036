import { type Batch, isValid, tableStart } from "@tocsin/data/column";
import { FluxError } from "@tocsin/data/value";
import type { TimeColumn } from "./numeric-column.ts";

/**
 * For how many rows in a row each row has been in a state; -1 for those that are not. Batches come one
 * after the other; what a table that goes on came to is kept.
 */
export class RunCounts {
  #count = 0;

  /** `matches` is 1 for rows in the state; `goesOn`: the first table began in the batch before. */
  column(batch: Batch, matches: Uint8Array, goesOn: boolean): BigInt64Array {
    const counts = new BigInt64Array(batch.rows);
    const words = new Int32Array(counts.buffer);
    let count = this.#count;
    for (let table = 0; table < batch.tableEnds.length; table++) {
      if (table > 0 || !goesOn) count = 0;
      for (let row = tableStart(batch, table); row < batch.tableEnds[table]; row++) {
        count = matches[row] === 1 ? count + 1 : 0;
        words[2 * row] = count === 0 ? -1 : count;
        if (count === 0) words[2 * row + 1] = -1;
      }
    }
    this.#count = count;
    return counts;
  }
}

/** Integers that doubles hold, all of them: of differences beyond, the slow way is taken. */
const exact = 2 ** 53;
const word = 2 ** 32;

/** For how many whole units of time each row has been in a state; -1 for those that are not. */
export class RunDurations {
  readonly #unit: bigint;
  /** The first row in the state, and the row before, of a table that goes on. */
  #since = 0n;
  #before = 0n;
  #inState = false;
  #started = false;

  /** `unit` in nanoseconds, above 0. */
  constructor(unit: bigint) {
    this.#unit = unit;
  }
  column(
    batch: Batch,
    { times, matches }: { readonly times: TimeColumn; readonly matches: Uint8Array },
    goesOn: boolean,
  ): BigInt64Array {
    const series = new Elapsed(times.data, this.#unit);
    if (!goesOn) this.#started = this.#inState = false;
    for (let table = 0; table < batch.tableEnds.length; table++) {
      if (table > 0) this.#started = this.#inState = false;
      const from = tableStart(batch, table);
      const to = batch.tableEnds[table];
      this.#check(times, from, to);
      let row = from;
      while (row < to) {
        const end = endOfRun(matches, row, to);
        if (matches[row] === 1) {
          if (!this.#inState) this.#since = times.data[row];
          series.since(this.#since, row, end);
        } else series.never(row, end);
        this.#inState = matches[row] === 1;
        row = end;
      }
    }
    return series.durations;
  }

  /** Times must be there, and not go back. */
  #check({ data, valid }: TimeColumn, from: number, to: number): void {
    for (let row = from; row < to; row++) {
      if (valid !== undefined && !isValid(valid, row)) throw failed("got a null timestamp");
      if (row > from && data[row] < data[row - 1]) throw failed("got an out-of-order timestamp");
    }
    if (from === to) return;
    if (this.#started && data[from] < this.#before) throw failed("got an out-of-order timestamp");
    this.#before = data[to - 1];
    this.#started = true;
  }
}

function failed(message: string): FluxError {
  return new FluxError("failed precondition", `stateTracking: ${message}`);
}

function endOfRun(matches: Uint8Array, from: number, to: number): number {
  let end = from + 1;
  while (end < to && matches[end] === matches[from]) end++;
  return end;
}

/** How many whole units after another time each time of a series is. */
class Elapsed {
  readonly durations: BigInt64Array<ArrayBuffer>;
  readonly #times: BigInt64Array;
  readonly #unit: bigint;
  readonly #divisor: number;
  /** Halves of the integers: no bigint is made of them. */
  readonly #halves: Int32Array;
  readonly #made: Int32Array;

  constructor(times: BigInt64Array, unit: bigint) {
    this.durations = new BigInt64Array(times.length);
    this.#times = times;
    this.#unit = unit;
    this.#divisor = Number(unit);
    this.#halves = new Int32Array(times.buffer, times.byteOffset, 2 * times.length);
    this.#made = new Int32Array(this.durations.buffer);
  }
  /** The times `from .. to`, which ascend from `since` on. */
  since(since: bigint, from: number, to: number): void {
    if (this.#times[to - 1] - since >= exact || this.#unit >= exact) {
      for (let row = from; row < to; row++)
        this.durations[row] = (this.#times[row] - since) / this.#unit;
      return;
    }
    const halves = this.#halves;
    const made = this.#made;
    const divisor = this.#divisor;
    const low = Number(BigInt.asUintN(32, since));
    const high = Number(since >> 32n);
    for (let row = from; row < to; row++) {
      const difference = (halves[2 * row + 1] - high) * word + ((halves[2 * row] >>> 0) - low);
      const whole = Math.floor(difference / divisor);
      made[2 * row] = whole | 0;
      made[2 * row + 1] = Math.floor(whole / word);
    }
  }
  /** -1 for the times `from .. to`. */
  never(from: number, to: number): void {
    for (let i = 2 * from; i < 2 * to; i++) this.#made[i] = -1;
  }
}

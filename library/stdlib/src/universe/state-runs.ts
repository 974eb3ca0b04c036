import { type Batch, halvesOf, isValid, tableStart } from "@tocsin/data/column";
import { FluxError } from "@tocsin/data/value";
import type { TimeColumn } from "./numeric-column.ts";

/**
 * Counts for how many consecutive rows each row has been in a state; -1 where it is not in it. The count of a table
 * that goes on is kept for the next batch.
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

/** Doubles hold all integers below. Larger differences are computed with bigints. */
const exact = 2 ** 53;
const word = 2 ** 32;

/** Rows of one call: a loop that is called often is compiled soon, and stays compiled. */
export const rowsAtOnce = 256;

/** The columns of a batch, 64-bit numbers as halves, the lower one first. */
interface Work {
  readonly halves: Int32Array;
  readonly matches: Uint8Array;
  readonly made: Int32Array;
}

/** Measures for how many whole units of time each row has been in a state; -1 where it is not in it. */
export class RunDurations {
  readonly #unit: bigint;
  /** When the table at hand came into the state, in halves. */
  #high = 0;
  #low = 0;
  #inState = false;
  /** The time of the row before. */
  #before = 0n;
  #started = false;

  /** `unit`: in nanoseconds, more than 0. */
  constructor(unit: bigint) {
    this.#unit = unit;
  }
  column(
    batch: Batch,
    { times, matches }: { readonly times: TimeColumn; readonly matches: Uint8Array },
    goesOn: boolean,
  ): BigInt64Array {
    const durations = new BigInt64Array(batch.rows);
    const work = { halves: halvesOf(times.data), matches, made: halvesOf(durations) };
    if (!goesOn) this.#started = this.#inState = false;
    for (let table = 0; table < batch.tableEnds.length; table++) {
      if (table > 0) this.#started = this.#inState = false;
      const from = tableStart(batch, table);
      const to = batch.tableEnds[table];
      this.#check(times, work.halves, from, to);
      for (let row = from; row < to;) {
        const end = Math.min(to, row + rowsAtOnce);
        row = this.#count(work, row, end);
        if (row < end) durations[row] = this.#since(times.data[row++]);
      }
    }
    return durations;
  }

  /** Measures rows without bigints, up to the first duration that a double does not hold; gives the row of that. */
  #count({ halves, matches, made }: Work, from: number, to: number): number {
    const divisor = Number(this.#unit);
    let high = this.#high;
    let low = this.#low;
    let inState = this.#inState;
    let row = from;
    for (; row < to; row++) {
      if (matches[row] === 0) {
        inState = false;
        made[2 * row] = made[2 * row + 1] = -1;
        continue;
      }
      if (!inState) {
        inState = true;
        high = halves[2 * row + 1];
        low = halves[2 * row] >>> 0;
      }
      const difference = (halves[2 * row + 1] - high) * word + ((halves[2 * row] >>> 0) - low);
      if (difference >= exact) break;
      const whole = Math.floor(difference / divisor);
      made[2 * row] = whole | 0;
      if (whole >= word) made[2 * row + 1] = Math.floor(whole / word);
    }
    this.#high = high;
    this.#low = low;
    this.#inState = inState;
    return row;
  }
  #since(time: bigint): bigint {
    return (time - BigInt(this.#high) * BigInt(word) - BigInt(this.#low)) / this.#unit;
  }
  /** Throws where a time is null or earlier than the one before. */
  #check({ data, valid }: TimeColumn, halves: Int32Array, from: number, to: number): void {
    if (from === to) return;
    for (let row = from; valid !== undefined && row < to; row++)
      if (!isValid(valid, row)) throw failed("got a null timestamp");
    if (this.#started && data[from] < this.#before) throw failed("got an out-of-order timestamp");
    for (let row = from; row < to; row += rowsAtOnce)
      if (!ascends(halves, Math.max(from, row - 1), Math.min(to, row + rowsAtOnce)))
        throw failed("got an out-of-order timestamp");
    this.#before = data[to - 1];
    this.#started = true;
  }
}

/** Compares times by halves: until a loop is optimized, each bigint in it is an object. */
function ascends(halves: Int32Array, from: number, to: number): boolean {
  let high = halves[2 * from + 1];
  let low = halves[2 * from] >>> 0;
  for (let row = from + 1; row < to; row++) {
    const nextHigh = halves[2 * row + 1];
    const nextLow = halves[2 * row] >>> 0;
    if (nextHigh < high || (nextHigh === high && nextLow < low)) return false;
    high = nextHigh;
    low = nextLow;
  }
  return true;
}

function failed(message: string): FluxError {
  return new FluxError("failed precondition", `stateTracking: ${message}`);
}

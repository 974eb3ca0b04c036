import { type Batch, tableStart } from "@tocsin/data/column";
import { operatorKind } from "../per-batch.ts";
import { keepingRows, selectRows } from "../whole-batch.ts";

/** How many rows of each table stay, and how many before (or after) them are skipped. */
interface LimitSpec {
  readonly n: number;
  readonly offset: number;
}

/** The first rows of each table. A table of which no row stays is passed on empty. */
export const limitKind = operatorKind<LimitSpec>(
  {
    name: "limit",
    rowwise: false,
    keepsOrder: true,
    reads: (_, wanted) => wanted,
    describe: ({ n, offset }) => `${n} after ${offset}`,
  },
  ({ n, offset }, out) => {
    // How many rows of the table that goes on came in earlier batches.
    let seen = 0;
    return {
      push(batch) {
        const ranges = new Ranges(batch);
        const last = batch.tableEnds.length - 1;
        for (let table = 0; table <= last; table++) {
          const from = tableStart(batch, table);
          const to = batch.tableEnds[table];
          ranges.add(from + Math.max(0, offset - seen), Math.min(to, from + offset + n - seen));
          seen = table === last && batch.open ? seen + to - from : 0;
        }
        out.push(ranges.select());
      },
      finish: () => undefined,
    };
  },
);

/** The last rows of each table, but for `offset` rows at its end. */
export const tailKind = operatorKind<LimitSpec>(
  {
    name: "tail",
    rowwise: false,
    keepsOrder: true,
    reads: (_, wanted) => wanted,
    describe: ({ n, offset }) => `${n} before ${offset}`,
  },
  ({ n, offset }, out) => {
    const most = Math.max(0, n) + offset;
    const atEnd = (batch: Batch): Batch => lastRows(batch, { n: most, offset: 0 });
    return keepingRows(out, most, atEnd, (batch) => lastRows(batch, { n, offset }));
  },
);

function lastRows(batch: Batch, { n, offset }: LimitSpec): Batch {
  const ranges = new Ranges(batch);
  for (let table = 0; table < batch.tableEnds.length; table++) {
    const to = batch.tableEnds[table] - offset;
    ranges.add(Math.max(tableStart(batch, table), to - Math.max(0, n)), to);
  }
  return ranges.select();
}

/** Takes a range of rows from each table of a batch. */
class Ranges {
  readonly #batch: Batch;
  readonly #rows: Uint32Array;
  readonly #ends: Uint32Array;
  #table = 0;
  #count = 0;

  constructor(batch: Batch) {
    this.#batch = batch;
    this.#rows = new Uint32Array(batch.rows);
    this.#ends = new Uint32Array(batch.tableEnds.length);
  }
  /** Takes the rows `from .. to` of the next table; none if `from` is not less than `to`. */
  add(from: number, to: number): void {
    for (let row = from; row < to; row++) this.#rows[this.#count++] = row;
    this.#ends[this.#table++] = this.#count;
  }
  select(): Batch {
    if (this.#count === this.#batch.rows) return this.#batch;
    return selectRows(this.#batch, this.#rows, this.#count, this.#ends);
  }
}

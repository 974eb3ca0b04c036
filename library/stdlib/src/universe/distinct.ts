import {
  type Batch,
  expand,
  gather,
  indexOf,
  tablesBetween,
  tableStart,
} from "@tocsin/data/column";
import { CellIndex, nullColumn, operatorKind } from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";
import { evenEnds, keyAnd } from "./table-result.ts";

/** Finds the first row of each distinct cell in each table; a table may come in several batches. */
export class FirstCells {
  readonly #cells = new CellIndex();
  /** For each cell the table in which it was seen last, counted from 1 over all batches. */
  #seen = new Uint32Array(64);
  #table = 0;
  #open = false;

  /** Writes the rows to `rows`, and where those of each table end to `ends`; gives how many there are. */
  find(batch: Batch, at: number, rows: Uint32Array, ends: Uint32Array): number {
    const codes = new Uint32Array(batch.rows);
    this.#cells.codesOf(expand(batch.columns[at], batch.tableEnds), codes);
    if (this.#seen.length < this.#cells.size) {
      const larger = new Uint32Array(this.#cells.size * 2);
      larger.set(this.#seen);
      this.#seen = larger;
    }
    let count = 0;
    for (let table = 0; table < ends.length; table++) {
      if (table > 0 || !this.#open) this.#table += 1;
      for (let row = tableStart(batch, table); row < batch.tableEnds[table]; row++) {
        if (this.#seen[codes[row]] === this.#table) continue;
        this.#seen[codes[row]] = this.#table;
        rows[count++] = row;
      }
      ends[table] = count;
    }
    this.#open = batch.open;
    return count;
  }
}

const distinctKind = operatorKind<{ readonly column: string }>(
  {
    name: "distinct",
    rowwise: false,
    reads: ({ column }) => new Set([column]),
    describe: ({ column }) => column,
  },
  ({ column }, out) => {
    const first = new FirstCells();
    return {
      push(batch) {
        const at = indexOf(batch.schema, column);
        if (at < 0) {
          const made = oneNull(batch);
          if (made.rows > 0) out.push(made);
          return;
        }
        const rows = new Uint32Array(batch.rows);
        const ends = new Uint32Array(batch.tableEnds.length);
        const count = first.find(batch, at, rows, ends);
        const values = gather(expand(batch.columns[at], batch.tableEnds), rows, count);
        out.push(keyAnd(batch, [{ label: "_value", column: values }], ends));
      },
      finish: () => undefined,
    };
  },
);

/** One row with a null for each table that ends in the batch, which lacks the column. */
function oneNull(batch: Batch): Batch {
  const tables = batch.tableEnds.length - (batch.open ? 1 : 0);
  const column = nullColumn("string", tables);
  const ended = tablesBetween(batch, 0, tables);
  return keyAnd(ended, [{ label: "_value", column }], evenEnds(tables));
}

export const distinct = transformation({
  name: "distinct",
  type: "(<-tables: stream[A], ?column: string) => stream[B] where A: Record, B: Record",
  docs:
    "The different values of `column` in each table, in the order of their first rows, as " +
    "column `_value` beside the key. A null counts as a value.",
  example: `import "sampledata"
sampledata.int() |> distinct()`,
  kind: distinctKind,
  spec: (args) => ({ column: args.string("column", "_value") }),
});

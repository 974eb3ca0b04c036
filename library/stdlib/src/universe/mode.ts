import {
  type Batch,
  columnBuilder,
  expand,
  indexOf,
  tablesBetween,
  tableStart,
} from "@tocsin/data/column";
import { CellIndex, nullColumn, perBatchKind } from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";
import { evenEnds, keyAnd, type ResultColumn } from "./table-result.ts";

const modeKind = perBatchKind<{ readonly column: string }>(
  {
    name: "mode",
    rowwise: false,
    reads: ({ column }) => new Set([column]),
    describe: ({ column }) => column,
  },
  ({ column }) => {
    const present = new Frequencies();
    return (batch) => modesOf(batch, column, present);
  },
);

/** The modes of the tables that end in a batch. `present` has counted what came of the first one before. */
function modesOf(batch: Batch, label: string, present: Frequencies): Batch | undefined {
  const { open, tableEnds } = batch;
  const ended = tablesBetween(batch, 0, open ? tableEnds.length - 1 : tableEnds.length);
  const tables = ended.tableEnds.length;
  const at = indexOf(batch.schema, label);
  const column = at < 0 ? undefined : batch.columns[at];
  const value = (column: ResultColumn["column"]): ResultColumn => ({ label: "_value", column });
  if (column === undefined || column.form === "table") {
    const none = nullColumn("string", tables);
    const key = ended.columns[at];
    return tables === 0
      ? undefined
      : keyAnd(ended, [value(key?.form === "table" ? key.values : none)], evenEnds(tables));
  }
  const codes = present.codesOf(expand(column, tableEnds), batch.rows);
  const builder = columnBuilder(column.kind);
  const ends = new Uint32Array(tables);
  for (let table = 0; table < tableEnds.length; table++) {
    present.add(codes.subarray(tableStart(batch, table), tableEnds[table]));
    if (table === tables) break;
    const modes = present.modes();
    if (modes.length === 0) builder.append(null);
    for (const code of modes) builder.append(present.cells.cell(code));
    ends[table] = builder.rows;
    present.clear();
  }
  // No table goes on, so that the cells are not needed any more.
  if (!open) present.forget();
  return tables === 0 ? undefined : keyAnd(ended, [value(builder.finish())], ends);
}

/** How often each cell of a table occurs. */
class Frequencies {
  cells = new CellIndex();
  #counts = new Uint32Array(64);
  /** The cells that occur. */
  #seen: number[] = [];

  codesOf(column: Parameters<CellIndex["codesOf"]>[0], rows: number): Uint32Array {
    const codes = new Uint32Array(rows);
    this.cells.codesOf(column, codes);
    if (this.cells.size > this.#counts.length) {
      const more = new Uint32Array(2 * this.cells.size);
      more.set(this.#counts);
      this.#counts = more;
    }
    return codes;
  }
  add(codes: Uint32Array): void {
    for (let i = 0; i < codes.length; i++)
      if (++this.#counts[codes[i]] === 1) this.#seen.push(codes[i]);
  }
  /** The most frequent cells in order; none where all are equally frequent, or there is only one. */
  modes(): readonly number[] {
    const counts = this.#counts;
    const values = this.#seen.filter((code) => this.cells.cell(code) !== null);
    let most = 0;
    for (const code of values) most = Math.max(most, counts[code]);
    const found = values.filter((code) => counts[code] === most);
    if (found.length === values.length) return [];
    return found.sort((a, b) => this.cells.compare(a, b));
  }
  /** Begins another table. */
  clear(): void {
    for (const code of this.#seen) this.#counts[code] = 0;
    this.#seen = [];
  }
  forget(): void {
    this.cells = new CellIndex();
  }
}

export const mode = transformation({
  name: "mode",
  type: "(<-tables: stream[A], ?column: string) => stream[{C with _value: B}] where A: Record, C: Record",
  docs:
    "The most frequent value of each table, or several of them in order. Null when all values " +
    "are equally frequent.",
  example: `import "sampledata"
sampledata.int() |> mode()`,
  kind: modeKind,
  spec: (args) => ({ column: args.string("column", "_value") }),
});

import {
  concatenate,
  type Batch,
  type Column,
  type ColumnSpec,
  expand,
  type FlatColumn,
  gather,
  indexOf,
  isValid,
  rowsOf,
  sameSchema,
  type TableColumn,
} from "@tocsin/data/column";
import { compareUtf8 } from "@tocsin/data/value";
import { CellIndex, PairIndex, perRow, Regrouping, sortedRows } from "@tocsin/engine/execute";

/** What two streams are joined on, and what they are called: shared columns get the name as suffix. */
export interface JoinSpec {
  readonly on: readonly string[];
  readonly names: readonly [left: string, right: string];
}

/** All tables of one stream that have one schema. */
interface Side {
  readonly batch: Batch;
  /** Rows with the same cells in the `on` columns have the same number, also on the other side. */
  readonly numbers: Uint32Array;
  /** 1 for rows with a null in an `on` column: it equals nothing. */
  readonly nulls: Uint8Array;
}

/** Rows that belong together, by their numbers on both sides, in the order of tables. */
interface RowPairs {
  readonly left: Uint32Array;
  readonly right: Uint32Array;
  /** The tables that each table of the result was made of, and where its rows end. */
  readonly leftTables: Uint32Array;
  readonly rightTables: Uint32Array;
  readonly ends: Uint32Array;
}

/**
 * Joins every table of the left stream with every one of the right, on equal cells in the `on` columns.
 * Rows of a table come in the order of those columns. Both streams are whole tables.
 */
export function joinStreams(
  left: readonly Batch[],
  right: readonly Batch[],
  spec: JoinSpec,
): Batch[] {
  const on = [...spec.on].sort(compareUtf8);
  const lefts = sidesOf(left, on);
  const rights = sidesOf(right, on);
  const size = numberRows([...lefts, ...rights], on);
  const joined = new Regrouping();
  for (const one of rights) {
    const partners = new Partners(one, size);
    for (const other of lefts) {
      const pairs = partners.of(other, on);
      if (pairs.left.length === 0) continue;
      joined.add(combined(other.batch, one.batch, { on, pairs, spec }), ({ key }) => key);
    }
  }
  return joined.batches();
}

/** Batches with the same schema become one; tables that lack an `on` column match nothing. */
function sidesOf(batches: readonly Batch[], on: readonly string[]): Side[] {
  const strata: Batch[][] = [];
  for (const batch of batches) {
    if (!on.every((label) => indexOf(batch.schema, label) >= 0)) continue;
    const same = strata.find(([first]) => sameSchema(first.schema, batch.schema));
    if (same === undefined) strata.push([batch]);
    else same.push(batch);
  }
  return strata.map((stratum) => {
    const batch = endToEnd(stratum);
    return { batch, numbers: new Uint32Array(batch.rows), nulls: new Uint8Array(batch.rows) };
  });
}

function endToEnd(batches: readonly Batch[]): Batch {
  if (batches.length === 1) return batches[0];
  const [{ schema }] = batches;
  const columns = schema.map(({ kind }, i): Column => {
    const [{ form }] = batches.map((batch) => batch.columns[i]);
    if (form !== "table")
      return concatenate(batches.map((batch) => batch.columns[i] as FlatColumn));
    const values = concatenate(batches.map((batch) => (batch.columns[i] as TableColumn).values));
    return { kind, form, values };
  });
  const tableEnds = new Uint32Array(batches.reduce((sum, one) => sum + one.tableEnds.length, 0));
  let rows = 0;
  let table = 0;
  for (const batch of batches) {
    for (const end of batch.tableEnds) tableEnds[table++] = rows + end;
    rows += batch.rows;
  }
  return { schema, columns, rows, tableEnds, open: false };
}

/** Numbers the rows of all sides by their cells; all numbers are below what it gives. */
function numberRows(sides: readonly Side[], on: readonly string[]): number {
  let size = 1;
  for (const label of on) {
    const cells = new CellIndex();
    const pairs = new PairIndex();
    for (const { batch, numbers, nulls } of sides) {
      const column = expand(batch.columns[indexOf(batch.schema, label)], batch.tableEnds);
      const codes = new Uint32Array(batch.rows);
      cells.codesOf(column, codes);
      pairs.number(numbers, codes);
      if (column.valid === undefined) continue;
      for (let row = 0; row < rowsOf(column); row++)
        if (!isValid(column.valid, row)) nulls[row] = 1;
    }
    ({ size } = pairs);
  }
  return size;
}

/** The rows of one side by their numbers. */
class Partners {
  readonly #ends: Uint32Array;
  readonly #rows: Uint32Array;
  readonly #tables: Uint32Array;

  constructor({ batch, numbers, nulls }: Side, size: number) {
    this.#ends = new Uint32Array(size);
    for (let row = 0; row < batch.rows; row++) if (nulls[row] === 0) this.#ends[numbers[row]]++;
    for (let number = 1; number < size; number++) this.#ends[number] += this.#ends[number - 1];
    this.#rows = new Uint32Array(size === 0 ? 0 : this.#ends[size - 1]);
    const next = Uint32Array.from({ length: size }, (_, number) => this.#from(number));
    for (let row = 0; row < batch.rows; row++)
      if (nulls[row] === 0) this.#rows[next[numbers[row]]++] = row;
    this.#tables = tablesOfRows(batch);
  }
  /** All pairs of a row of `side` and a row of this one, tables in the order of `side`. */
  of({ batch, numbers, nulls }: Side, on: readonly string[]): RowPairs {
    const columns = on.map((label) => indexOf(batch.schema, label));
    const order = sortedRows(batch, { columns, descending: false });
    let count = 0;
    for (let row = 0; row < batch.rows; row++)
      if (nulls[row] === 0) count += this.#ends[numbers[row]] - this.#from(numbers[row]);
    const left = new Uint32Array(count);
    const right = new Uint32Array(count);
    let at = 0;
    for (let i = 0; i < batch.rows; i++) {
      const row = order?.[i] ?? i;
      if (nulls[row] === 1) continue;
      for (let j = this.#from(numbers[row]); j < this.#ends[numbers[row]]; j++) {
        left[at] = row;
        right[at++] = this.#rows[j];
      }
    }
    return byTables({ left, right }, tablesOfRows(batch), this.#tables);
  }
  #from(number: number): number {
    return number === 0 ? 0 : this.#ends[number - 1];
  }
}

function tablesOfRows(batch: Batch): Uint32Array {
  return perRow(
    Uint32Array.from(batch.tableEnds, (_, table) => table),
    batch,
  );
}

/** Sorts pairs of rows by their pairs of tables, keeping their order in each. */
function byTables(
  { left, right }: { readonly left: Uint32Array; readonly right: Uint32Array },
  tableOfLeft: Uint32Array,
  tableOfRight: Uint32Array,
): RowPairs {
  const pairs = new PairIndex();
  const numbers = left.map((row) => tableOfLeft[row]);
  pairs.number(
    numbers,
    right.map((row) => tableOfRight[row]),
  );
  const ends = new Uint32Array(pairs.size);
  for (const number of numbers) ends[number]++;
  for (let number = 1; number < ends.length; number++) ends[number] += ends[number - 1];
  const next = Uint32Array.from(ends, (_, number) => (number === 0 ? 0 : ends[number - 1]));
  const sorted = { left: new Uint32Array(left.length), right: new Uint32Array(left.length) };
  numbers.forEach((number, i) => {
    const place = next[number]++;
    sorted.left[place] = left[i];
    sorted.right[place] = right[i];
  });
  return {
    ...sorted,
    leftTables: Uint32Array.from(ends, (_, number) => pairs.left(number)),
    rightTables: Uint32Array.from(ends, (_, number) => pairs.right(number)),
    ends,
  };
}

function combined(
  left: Batch,
  right: Batch,
  {
    on,
    pairs,
    spec,
  }: { readonly on: readonly string[]; readonly pairs: RowPairs; readonly spec: JoinSpec },
): Batch {
  const columns = new Map<string, { spec: ColumnSpec; column: Column }>();
  const add = (
    [batch, other]: readonly [Batch, Batch],
    name: string,
    { rows, tables }: { readonly rows: Uint32Array; readonly tables: Uint32Array },
  ): void => {
    batch.schema.forEach((one, i) => {
      const joinedOn = on.includes(one.label);
      const shared = !joinedOn && indexOf(other.schema, one.label) >= 0;
      const label = shared ? `${one.label}_${name}` : one.label;
      const before = columns.get(label);
      // A column that is joined on is a key column when it is one on either side.
      if (before !== undefined && !(joinedOn && one.key && !before.spec.key)) return;
      const column = batch.columns[i];
      const made: Column =
        column.form === "table"
          ? { ...column, values: gather(column.values, tables, tables.length) }
          : gather(column, rows, rows.length);
      columns.set(label, { spec: { ...one, label }, column: made });
    });
  };
  add([left, right], spec.names[0], { rows: pairs.left, tables: pairs.leftTables });
  add([right, left], spec.names[1], { rows: pairs.right, tables: pairs.rightTables });
  const sorted = [...columns.values()].sort((a, b) => compareUtf8(a.spec.label, b.spec.label));
  return {
    schema: sorted.map((one) => one.spec),
    columns: sorted.map((one) => one.column),
    rows: pairs.left.length,
    tableEnds: pairs.ends,
    open: false,
  };
}

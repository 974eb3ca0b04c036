import {
  type Batch,
  type Column,
  type ColumnSpec,
  expand,
  type FlatColumn,
  gather,
  indexOf,
  isValid,
  type Part,
  partEnds,
  parts,
  rowsOf,
  sameSchema,
  slice,
  stacked,
} from "@tocsin/data/column";
import { compareUtf8 } from "@tocsin/data/value";
import {
  CellIndex,
  PairIndex,
  perRow,
  pieceRows,
  Regrouping,
  sortingRows,
  type WholeBatches,
} from "@tocsin/engine/execute";
import type { Steps } from "@tocsin/platform/host";

const rowsPerStep = 65_536;
const pairsPerStep = 131_072;

/** What two streams are joined on, and their names, which become the suffix of columns that both have. */
export interface JoinSpec {
  readonly on: readonly string[];
  readonly names: readonly [left: string, right: string];
}

/** All tables of one stream that have one schema. */
interface Side {
  readonly batch: Batch;
  /** A number for each row: the same on both sides for the same cells in the `on` columns. */
  readonly numbers: Uint32Array;
  /** 1 for rows with a null in an `on` column, which equals nothing. */
  readonly nulls: Uint8Array;
}

/** Pairs of rows of both sides that match, table after table. */
interface RowPairs {
  readonly left: Uint32Array;
  readonly right: Uint32Array;
  /** The tables that each table of the result is made of, and where its rows end. */
  readonly leftTables: Uint32Array;
  readonly rightTables: Uint32Array;
  readonly ends: Uint32Array;
}

/**
 * Joins every table of the left stream with every one of the right, on equal cells in the `on` columns, in steps. The
 * rows of a table come in the order of those columns.
 */
export function* joinStreams(
  left: WholeBatches,
  right: WholeBatches,
  spec: JoinSpec,
): Generator<Batch | undefined> {
  const on = [...spec.on].sort(compareUtf8);
  const lefts = yield* sidesOf(left, on);
  const rights = yield* sidesOf(right, on);
  const size = yield* numberRows([...lefts, ...rights], on);
  const joined = new Regrouping();
  for (const one of rights) {
    const partners = new Partners(one, size);
    yield;
    for (const other of lefts) {
      const pairs = yield* partners.of(other, on);
      for (const part of parts(pairs.ends, pieceRows)) {
        if (part.last > part.first) {
          const some = partOf(pairs, part);
          joined.add(combined(other.batch, one.batch, { on, pairs: some, spec }), isKey);
        }
        yield;
      }
    }
  }
  yield* joined.batches();
}

const isKey = ({ key }: ColumnSpec): boolean => key;

function partOf(pairs: RowPairs, part: Part): RowPairs {
  const { from, to, first, last } = part;
  return {
    left: pairs.left.subarray(first, last),
    right: pairs.right.subarray(first, last),
    leftTables: pairs.leftTables.subarray(from, to),
    rightTables: pairs.rightTables.subarray(from, to),
    ends: partEnds(pairs.ends, part),
  };
}

/** The tables of a stream, one side for each schema. Tables that lack an `on` column match nothing. */
function* sidesOf(whole: WholeBatches, on: readonly string[]): Steps<Side[]> {
  const strata: Batch[][] = [];
  for (const batch of whole.take()) {
    if (batch === undefined) yield;
    else if (on.every((label) => indexOf(batch.schema, label) >= 0)) {
      const same = strata.find(([first]) => sameSchema(first.schema, batch.schema));
      if (same === undefined) strata.push([batch]);
      else same.push(batch);
    }
  }
  const sides: Side[] = [];
  for (const stratum of strata) {
    const batch = yield* stacked(stratum);
    sides.push({ batch, numbers: new Uint32Array(batch.rows), nulls: new Uint8Array(batch.rows) });
  }
  return sides;
}

/** Numbers the rows of all sides by their cells; gives how many numbers there are. */
function* numberRows(sides: readonly Side[], on: readonly string[]): Steps<number> {
  let size = 1;
  for (const label of on) {
    const cells = new CellIndex();
    const pairs = new PairIndex();
    for (const side of sides) {
      const { columns, schema, tableEnds, rows } = side.batch;
      const column = expand(columns[indexOf(schema, label)], tableEnds);
      yield;
      for (let row = 0; row < rows; row += rowsPerStep) {
        const to = Math.min(rows, row + rowsPerStep);
        numberSome(side, slice(column, row, to), { cells, pairs, from: row });
        yield;
      }
    }
    ({ size } = pairs);
  }
  return size;
}

/** Numbers the rows from `from` on by one more column, which has their cells. */
function numberSome(
  { numbers, nulls }: Side,
  column: FlatColumn,
  { cells, pairs, from }: { cells: CellIndex; pairs: PairIndex; from: number },
): void {
  const codes = new Uint32Array(rowsOf(column));
  cells.codesOf(column, codes);
  pairs.number(numbers.subarray(from, from + codes.length), codes);
  if (column.valid === undefined) return;
  for (let row = 0; row < codes.length; row++)
    if (!isValid(column.valid, row)) nulls[from + row] = 1;
}

/** Finds the rows of one side by their numbers. */
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
  /** All pairs of a row of `side` and a row of this one that match, tables in the order of `side`. */
  *of(side: Side, on: readonly string[]): Steps<RowPairs> {
    const { batch, numbers, nulls } = side;
    const columns = on.map((label) => indexOf(batch.schema, label));
    const order = yield* sortingRows(batch, { columns, descending: false });
    let count = 0;
    for (let row = 0; row < batch.rows; row++)
      if (nulls[row] === 0) count += this.#ends[numbers[row]] - this.#from(numbers[row]);
    const left = new Uint32Array(count);
    const right = new Uint32Array(count);
    let at = 0;
    let paused = 0;
    for (let i = 0; i < batch.rows; i++) {
      const row = order?.[i] ?? i;
      if (nulls[row] === 1) continue;
      for (let j = this.#from(numbers[row]); j < this.#ends[numbers[row]]; j++) {
        left[at] = row;
        right[at++] = this.#rows[j];
      }
      if (i + at - paused < pairsPerStep) continue;
      paused = i + at;
      yield;
    }
    return yield* byTables({ left, right }, tablesOfRows(batch), this.#tables);
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

/** Sorts pairs of rows by their pairs of tables, within which they keep their order. */
function* byTables(
  { left, right }: { readonly left: Uint32Array; readonly right: Uint32Array },
  tableOfLeft: Uint32Array,
  tableOfRight: Uint32Array,
): Steps<RowPairs> {
  const pairs = new PairIndex();
  const numbers = new Uint32Array(left.length);
  for (let from = 0; from < left.length; from += pairsPerStep) {
    const to = Math.min(left.length, from + pairsPerStep);
    const others = new Uint32Array(to - from);
    for (let i = from; i < to; i++) {
      numbers[i] = tableOfLeft[left[i]];
      others[i - from] = tableOfRight[right[i]];
    }
    pairs.number(numbers.subarray(from, to), others);
    yield;
  }
  const ends = new Uint32Array(pairs.size);
  for (let i = 0; i < numbers.length; i++) ends[numbers[i]]++;
  const next = new Uint32Array(ends.length);
  for (let number = 1; number < ends.length; number++) {
    next[number] = ends[number - 1];
    ends[number] += next[number];
  }
  const sorted = { left: new Uint32Array(left.length), right: new Uint32Array(left.length) };
  for (let i = 0; i < numbers.length; i++) {
    const place = next[numbers[i]]++;
    sorted.left[place] = left[i];
    sorted.right[place] = right[i];
    if (i % pairsPerStep === pairsPerStep - 1) yield;
  }
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

import {
  type Batch,
  batchesOf,
  type Column,
  type ColumnSpec,
  compareKeys,
  expand,
  type FlatColumn,
  gather,
  indexOf,
  keyOf,
  type Table,
} from "@tocsin/data/column";
import { compareUtf8 } from "@tocsin/data/value";
import { CellIndex, PairIndex, sortedRows } from "@tocsin/engine/execute";

/**
 * What two streams are joined on, and what they are called: shared columns get the name as suffix.
 */
export interface JoinSpec {
  readonly on: readonly string[];
  readonly names: readonly [left: string, right: string];
}

/** Pairs of rows, by their numbers in the left and the right table. */
interface RowPairs {
  readonly left: Uint32Array;
  readonly right: Uint32Array;
}

/**
 * Joins every table of the left stream with every one of the right that has the same cells in the
 * `on` columns of both keys. Rows of a pair come in the order of those columns; a null equals
 * nothing.
 */
export function joinTables(
  left: readonly Table[],
  right: readonly Table[],
  spec: JoinSpec,
): Batch[] {
  const on = [...spec.on].sort(compareUtf8);
  const has = (table: Table): boolean => on.every((label) => indexOf(table.schema, label) >= 0);
  const partners = new Partners(right.filter(has), on);
  const joined: Table[] = [];
  for (const one of left.filter(has)) {
    for (const other of partners.of(one)) {
      const pairs = pairRows(one, other, on);
      if (pairs.left.length > 0) joined.push(combined(one, other, { on, pairs, spec }));
    }
  }
  const keyed = joined.map((table) => ({ table, key: keyOf(table, 0) }));
  keyed.sort((a, b) => compareKeys(a.key, b.key));
  return batchesOf(keyed.map(({ table }) => table));
}

/**
 * Finds the right tables that a left one can have rows in common with, without looking at all of
 * them.
 */
class Partners {
  readonly #tables: readonly Table[];
  readonly #on: readonly string[];
  /** By the key columns that count, then by the cells that tables have there. */
  readonly #known = new Map<string, Map<string, Table[]>>();

  constructor(tables: readonly Table[], on: readonly string[]) {
    this.#tables = tables;
    this.#on = on;
  }
  of(table: Table): Table[] {
    const keyed = this.#on.filter((label) => isKey(table, label));
    const found: Table[] = [];
    // Which of these are key columns on the right too differs from table to table.
    for (const labels of this.#labelsOnTheRight(keyed)) {
      const id = labels.join("\u0000");
      let known = this.#known.get(id);
      if (known === undefined) {
        known = this.#byCells(labels);
        this.#known.set(id, known);
      }
      const text = cellsText(table, labels);
      found.push(...(known.get(text) ?? []).filter((other) => sameLabels(keyed, labels, other)));
    }
    return found;
  }
  #byCells(labels: readonly string[]): Map<string, Table[]> {
    const byCells = new Map<string, Table[]>();
    for (const table of this.#tables) {
      if (!labels.every((label) => isKey(table, label))) continue;
      const text = cellsText(table, labels);
      const same = byCells.get(text);
      if (same === undefined) byCells.set(text, [table]);
      else same.push(table);
    }
    return byCells;
  }
  #labelsOnTheRight(keyed: readonly string[]): string[][] {
    const kinds = new Map<string, string[]>();
    for (const table of this.#tables) {
      const labels = keyed.filter((label) => isKey(table, label));
      kinds.set(labels.join("\u0000"), labels);
    }
    return [...kinds.values()];
  }
}

function sameLabels(keyed: readonly string[], labels: readonly string[], table: Table): boolean {
  return keyed.every((label) => labels.includes(label) === isKey(table, label));
}

function isKey(table: Table, label: string): boolean {
  return table.schema.some((spec) => spec.key && spec.label === label);
}

function cellsText(table: Table, labels: readonly string[]): string {
  const key = keyOf(table, 0);
  return labels
    .map((label) => {
      const at = key.labels.indexOf(label);
      return `${key.kinds[at]}${String(key.cells[at])}`;
    })
    .join("\u0000");
}

function pairRows(left: Table, right: Table, on: readonly string[]): RowPairs {
  const [ofLeft, ofRight] = sharedNumbers(left, right, on);
  const partners = new Map<number, number[]>();
  for (const row of inOrder(right, on)) {
    if (ofRight[row] < 0) continue;
    const rows = partners.get(ofRight[row]);
    if (rows === undefined) partners.set(ofRight[row], [row]);
    else rows.push(row);
  }
  const leftRows: number[] = [];
  const rightRows: number[] = [];
  for (const row of inOrder(left, on)) {
    for (const partner of partners.get(ofLeft[row]) ?? []) {
      leftRows.push(row);
      rightRows.push(partner);
    }
  }
  return { left: Uint32Array.from(leftRows), right: Uint32Array.from(rightRows) };
}

/** For each row of both tables a number that rows with equal cells share; -1 where one is null. */
function sharedNumbers(
  left: Table,
  right: Table,
  on: readonly string[],
): [left: Int32Array, right: Int32Array] {
  const numbers = [left, right].map(({ rows }) => new Uint32Array(rows));
  const nulls = [left, right].map(({ rows }) => new Uint8Array(rows));
  for (const label of on) {
    const cells = new CellIndex();
    const pairs = new PairIndex();
    [left, right].forEach((table, side) => {
      const codes = new Uint32Array(table.rows);
      cells.codesOf(columnOf(table, label), codes);
      codes.forEach((code, row) => {
        if (cells.cell(code) === null) nulls[side][row] = 1;
      });
      pairs.number(numbers[side], codes);
    });
  }
  const [ofLeft, ofRight] = numbers.map((all, side) =>
    Int32Array.from(all, (number, row) => (nulls[side][row] === 1 ? -1 : number)),
  );
  return [ofLeft, ofRight];
}

function columnOf(table: Table, label: string): FlatColumn {
  return expand(table.columns[indexOf(table.schema, label)], table.tableEnds);
}

function inOrder(table: Table, on: readonly string[]): Uint32Array {
  const columns = on.map((label) => indexOf(table.schema, label));
  return (
    sortedRows(table, { columns, descending: false }) ??
    Uint32Array.from({ length: table.rows }, (_, row) => row)
  );
}

function combined(
  left: Table,
  right: Table,
  {
    on,
    pairs,
    spec,
  }: { readonly on: readonly string[]; readonly pairs: RowPairs; readonly spec: JoinSpec },
): Table {
  const columns = new Map<string, { spec: ColumnSpec; column: Column }>();
  const add = (table: Table, other: Table, name: string, rows: Uint32Array): void => {
    table.schema.forEach((one, i) => {
      const shared = indexOf(other.schema, one.label) >= 0;
      const joinedOn = on.includes(one.label);
      const label = shared && !joinedOn ? `${one.label}_${name}` : one.label;
      const before = columns.get(label);
      const column = table.columns[i];
      // A column that is joined on is a key column when it is one on either side.
      if (before !== undefined && !(joinedOn && one.key && !before.spec.key)) return;
      columns.set(label, {
        spec: { ...one, label },
        column: column.form === "table" ? column : gather(column, rows, rows.length),
      });
    });
  };
  add(left, right, spec.names[0], pairs.left);
  add(right, left, spec.names[1], pairs.right);
  const sorted = [...columns.values()].sort((a, b) => compareUtf8(a.spec.label, b.spec.label));
  const rows = pairs.left.length;
  return {
    schema: sorted.map((one) => one.spec),
    columns: sorted.map((one) => one.column),
    rows,
    tableEnds: Uint32Array.of(rows),
    open: false,
  };
}

import {
  type Batch,
  cellAt,
  type Column,
  columnBuilder,
  type ColumnSpec,
  expand,
  type FlatColumn,
  gather,
  indexOf,
  partEnds,
  parts,
  rowsOf,
  slice,
  tableStart,
} from "@tocsin/data/column";
import { type ColumnKind, displayFloat, formatTime9, invalid, type Raw } from "@tocsin/data/value";
import { CellIndex, GroupIndex, noSuchColumn, PairIndex, pieceRows } from "@tocsin/engine/execute";
import { PivotRows } from "./pivot-rows.ts";
import { allSet, ScatterColumn } from "./scatter-column.ts";

/**
 * What identifies a row of the result, what names its columns, and where their values come from.
 */
export interface PivotSpec {
  readonly rowKey: readonly string[];
  readonly columnKey: readonly string[];
  readonly valueColumn: string;
}

/** A column that pivoting made: one for each name and type. */
interface ValueColumn {
  readonly label: string;
  readonly values: ScatterColumn;
}

/** Runs of fewer rows with one name are taken together with the next ones. */
const shortRun = 32;

/** A table of a batch that is pivoted. */
interface Taking {
  readonly batch: Batch;
  readonly table: number;
  readonly values: FlatColumn;
  readonly names: ColumnNames;
}

interface LastWritten {
  readonly group: number;
  readonly kind: ColumnKind;
  readonly columns: Map<string, ValueColumn>;
}

/** What a table of the result looks like so far. */
interface Shape {
  /** Columns that come from the input: the key's, and those of the row key. */
  readonly kept: readonly ColumnSpec[];
  /** The numbers of its value columns, in the order in which their names occurred. */
  readonly made: number[];
}

/**
 * Turns rows into columns. The rows of the result are numbered across all tables in the order in which they first
 * appear. Values are written to their place in columns that all tables share, which are cut into tables at the end.
 */
export class Pivoting {
  readonly #spec: PivotSpec;
  readonly #groups = new GroupIndex();
  readonly #shapes: Shape[] = [];
  readonly #rows: PivotRows;
  readonly #columns: ValueColumn[] = [];
  readonly #byLabel = new Map<string, number>();
  /** The value columns that were last written, of one table and type. */
  #last: LastWritten = { group: -1, kind: "float", columns: new Map() };

  constructor(spec: PivotSpec) {
    this.#spec = spec;
    this.#rows = new PivotRows(spec.rowKey);
  }
  add(batch: Batch): void {
    const { rowKey, columnKey, valueColumn } = this.#spec;
    const rowAt = rowKey.map((label) => find(batch, label, "specified row key column"));
    const columnAt = columnKey.map((label) => find(batch, label, "specified column"));
    const valueAt = find(batch, valueColumn, "specified value column");
    const staysKey = ({ key, label }: ColumnSpec): boolean =>
      key && !columnKey.includes(label) && label !== valueColumn;
    const { groups } = this.#groups.groupsOf(batch, staysKey);
    this.#shape(batch, groups, staysKey);
    if (batch.rows === 0) return;
    const keys = rowAt.map((at) => expand(batch.columns[at], batch.tableEnds));
    this.#rows.take(keys, batch.rows);
    const values = expand(batch.columns[valueAt], batch.tableEnds);
    const names = new ColumnNames(batch, columnAt);
    for (let table = 0; table < batch.tableEnds.length; table++)
      this.#addTable(groups[table], { batch, table, values, names });
  }
  #addTable(group: number, { batch, table, values, names }: Taking): void {
    const end = batch.tableEnds[table];
    const rows = this.#rows;
    for (let from = tableStart(batch, table), placed = from; from < end;) {
      const to = names.sameUntil(from, end);
      const run = { from, to };
      const { values: column } = this.#column(group, names.at(from, table), values.kind);
      if (from >= placed && to - from >= shortRun) {
        const place = rows.place(group, from, to);
        if (place >= 0) column.writeAt(values, run, place, rows.count);
        else column.write(values, run, rows.places, rows.count);
      } else {
        if (from >= placed) placed = this.#placeShort(group, from, end, names);
        column.write(values, run, rows.places, rows.count);
      }
      from = to;
    }
  }
  /** Finds the rows of short runs together, up to a long one; gives where that begins. */
  #placeShort(group: number, from: number, end: number, names: ColumnNames): number {
    let to = from;
    for (let next = from; next < end;) {
      next = names.sameUntil(to, end);
      if (next - to >= shortRun) break;
      to = next;
    }
    const place = this.#rows.place(group, from, to);
    const { places } = this.#rows;
    for (let row = from; place >= 0 && row < to; row++) places[row] = place + row - from;
    return to;
  }
  /** The tables in batches of about `pieceRows` rows, in steps. To be called once, at the end. */
  *batches(): Generator<Batch | undefined> {
    const order = yield* this.#groups.sorted();
    const { rows, ends } = this.#rowsByGroup(order);
    yield;
    const columns: FlatColumn[] = [];
    for (const { values } of this.#columns) {
      columns.push(values.finish(this.#rows.count));
      yield;
    }
    const kept = this.#rows.columns();
    let from = 0;
    for (let place = 1; place <= order.length; place++) {
      if (place < order.length && alike(this.#shapes[order[from]], this.#shapes[order[place]]))
        continue;
      const groups = order.subarray(from, place);
      const first = from === 0 ? 0 : ends[from - 1];
      const tableEnds = ends.slice(from, place).map((end) => end - first);
      for (const part of parts(tableEnds, pieceRows)) {
        const taken = { rows, from: first + part.first, to: first + part.last };
        const some = groups.subarray(part.from, part.to);
        const batch = this.#batch(some, taken, partEnds(tableEnds, part), { columns, kept });
        yield { ...batch, open: part.open };
      }
      from = place;
    }
  }

  #shape(batch: Batch, groups: Uint32Array, staysKey: (spec: ColumnSpec) => boolean): void {
    let kept: ColumnSpec[] | undefined;
    for (const group of groups) {
      if (this.#shapes[group] !== undefined) continue;
      kept ??= batch.schema.flatMap((spec) => {
        const key = staysKey(spec);
        return key || this.#keepsRowKey(spec.label) ? [{ ...spec, key }] : [];
      });
      this.#shapes[group] = { kept, made: [] };
    }
  }
  /** Whether a column of the row key is kept: the value column is not, even if it is part of that. */
  #keepsRowKey(label: string): boolean {
    return this.#spec.rowKey.includes(label) && label !== this.#spec.valueColumn;
  }
  /** The value column `label` of a table, of one type only. */
  #column(group: number, label: string, kind: ColumnKind): ValueColumn {
    const last = this.#last;
    if (last.group !== group || last.kind !== kind) {
      this.#last = { group, kind, columns: new Map() };
    }
    const { columns } = this.#last;
    let column = columns.get(label);
    if (column === undefined) columns.set(label, (column = this.#columnOf(group, label, kind)));
    return column;
  }
  #columnOf(group: number, label: string, kind: ColumnKind): ValueColumn {
    const id = `${kind} ${label}`;
    let number = this.#byLabel.get(id);
    if (number === undefined) {
      number = this.#columns.push({ label, values: new ScatterColumn(kind) }) - 1;
      this.#byLabel.set(id, number);
    }
    const { made, kept } = this.#shapes[group];
    if (!made.includes(number)) {
      const other = made.find((one) => this.#columns[one].label === label);
      if (other !== undefined) {
        const { kind: first } = this.#columns[other].values;
        throw invalid(`pivot: column "${label}" has values of type ${first} and of type ${kind}`);
      }
      if (kept.some((spec) => spec.label === label)) {
        throw invalid(
          `pivot: value "${label}" appears in a column key column, but a column named "${label}" ` +
            `already exists; consider renaming "${label}" to something else before pivoting`,
        );
      }
      made.push(number);
    }
    return this.#columns[number];
  }
  /**
   * The rows of the result, table after table, within each as they came. Undefined: they are in that order already.
   */
  #rowsByGroup(order: Uint32Array): { rows: Uint32Array | undefined; ends: Uint32Array } {
    const places = new Uint32Array(order.length);
    order.forEach((group, place) => (places[group] = place));
    const ends = new Uint32Array(order.length);
    let inOrder = true;
    let before = 0;
    const { groupOf, count } = this.#rows;
    for (let row = 0; row < count; row++) {
      const place = places[groupOf[row]];
      if (place < before) inOrder = false;
      before = place;
      ends[place]++;
    }
    for (let place = 1; place < ends.length; place++) ends[place] += ends[place - 1];
    if (inOrder) return { rows: undefined, ends };
    const next = Uint32Array.from(ends, (_, place) => (place === 0 ? 0 : ends[place - 1]));
    const rows = new Uint32Array(count);
    for (let row = 0; row < count; row++) rows[next[places[groupOf[row]]]++] = row;
    return { rows, ends };
  }
  #batch(
    groups: Uint32Array,
    taken: Taken,
    tableEnds: Uint32Array,
    all: { columns: readonly FlatColumn[]; kept: ReadonlyMap<string, FlatColumn> },
  ): Batch {
    const { kept, made } = this.#shapes[groups[0]];
    const schema = [...kept];
    const columns = kept.map((spec): Column => {
      if (spec.key) return this.#groups.column(spec, groups);
      const column = all.kept.get(spec.label) ?? columnBuilder(spec.kind, 0).finish();
      return takenFrom(column, taken);
    });
    for (const number of made) {
      const { label, values } = this.#columns[number];
      schema.push({ label, kind: values.kind, key: false });
      columns.push(withoutNeedlessBits(takenFrom(all.columns[number], taken)));
    }
    return { schema, columns, rows: taken.to - taken.from, tableEnds, open: false };
  }
}

/** Whether tables have the same columns, so that one batch can hold them. */
function alike(a: Shape, b: Shape): boolean {
  return (
    a.made.length === b.made.length &&
    a.made.every((number, i) => number === b.made[i]) &&
    a.kept.length === b.kept.length &&
    a.kept.every((spec, i) => {
      const { label, kind, key } = b.kept[i];
      return spec.label === label && spec.kind === kind && spec.key === key;
    })
  );
}

/** The rows at the places `from .. to`; `rows` undefined: each row is at the place with its number. */
interface Taken {
  readonly rows: Uint32Array | undefined;
  readonly from: number;
  readonly to: number;
}

function takenFrom(column: FlatColumn, { rows, from, to }: Taken): FlatColumn {
  if (rows === undefined) return slice(column, from, to);
  return gather(column, rows.subarray(from, to), to - from);
}

function withoutNeedlessBits(column: FlatColumn): FlatColumn {
  const { valid } = column;
  const rows = rowsOf(column);
  return valid !== undefined && allSet(valid, rows) ? { ...column, valid: undefined } : column;
}

function find(batch: Batch, label: string, what: string): number {
  const at = indexOf(batch.schema, label);
  if (at < 0) throw noSuchColumn(`pivot: ${what} does not exist in table: ${label}`, batch);
  return at;
}

/** The names of the columns that the rows of a batch go to: the cells of the column key, joined by `_`. */
class ColumnNames {
  readonly #columns: readonly Column[];
  readonly #perTable: boolean;
  /** A number for each row, the same for the same cells. */
  readonly #codes: Uint32Array;
  readonly #names = new Map<number, string>();

  constructor(batch: Batch, at: readonly number[]) {
    this.#columns = at.map((i) => batch.columns[i]);
    this.#perTable = this.#columns.every(({ form }) => form === "table");
    const [first] = this.#columns;
    const coded = at.length === 1 && first.form === "coded" && first.valid === undefined;
    this.#codes = coded ? first.codes : new Uint32Array(this.#perTable ? 0 : batch.rows);
    if (this.#perTable || coded) return;
    const codes = new Uint32Array(batch.rows);
    for (const column of this.#columns) {
      new CellIndex().codesOf(expand(column, batch.tableEnds), codes);
      new PairIndex().number(this.#codes, codes);
    }
  }
  /** The first row behind `from` with another name, or `end`. */
  sameUntil(from: number, end: number): number {
    if (this.#perTable) return end;
    const codes = this.#codes;
    const code = codes[from];
    let to = from + 1;
    while (to < end && codes[to] === code) to++;
    return to;
  }
  at(row: number, table: number): string {
    if (this.#perTable) return this.#name(row, table);
    let name = this.#names.get(this.#codes[row]);
    if (name === undefined) this.#names.set(this.#codes[row], (name = this.#name(row, table)));
    return name;
  }
  #name(row: number, table: number): string {
    return this.#columns
      .map((column) =>
        column.form === "table"
          ? cellName(column.kind, cellAt(column.values, table))
          : cellName(column.kind, cellAt(column, row)),
      )
      .join("_");
  }
}

function cellName(kind: ColumnKind, cell: Raw): string {
  if (cell === null) return "null";
  if (kind === "time") return formatTime9(cell as bigint);
  if (typeof cell === "number") return exponential(cell);
  return String(cell);
}

/** Upstream names columns after floats in the form `1.5E+00`. */
function exponential(value: number): string {
  if (!Number.isFinite(value)) return displayFloat(value);
  const [digits, exponent] = value.toExponential().split("e");
  const size = exponent.slice(1);
  const sign = Object.is(value, -0) ? "-" : "";
  return `${sign}${digits}E${exponent[0]}${size.padStart(2, "0")}`;
}

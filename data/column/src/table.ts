import type { ColumnKind, Raw } from "@tocsin/data/value";
import { finished, type Steps } from "@tocsin/platform/host";
import { columnBuilder, type ColumnBuilder } from "./builder.ts";
import { tableStart } from "./cell.ts";
import type { Batch, Column, ColumnSpec, FlatColumn, Schema, TableColumn } from "./column.ts";
import { concatenate, joinedColumn } from "./concatenate.ts";
import { rowsOf, slice } from "./gather.ts";
import { type GroupKey, keyOf } from "./group-key.ts";

/**
 * A batch with exactly one, whole table: what operators that look at a table as a whole work on.
 * Key columns are still in the form `table`, with one value; all others have `rows` cells.
 */
export type Table = Batch;

/** Table `table` of a batch as a batch of its own, sharing memory. */
export function tableOf(batch: Batch, table: number): Table {
  if (batch.tableEnds.length === 1 && !batch.open) return batch;
  const from = tableStart(batch, table);
  const to = batch.tableEnds[table];
  const columns = batch.columns.map((column) =>
    column.form === "table"
      ? { ...column, values: slice(column.values, table, table + 1) }
      : slice(column, from, to),
  );
  return {
    schema: batch.schema,
    columns,
    rows: to - from,
    tableEnds: Uint32Array.of(to - from),
    open: false,
  };
}

/** Pieces of one table (same schema, same key) end to end. */
export const joinPieces = (pieces: readonly Table[]): Table => finished(joinedPieces(pieces));

/** As `joinPieces`, in steps. */
export function* joinedPieces(pieces: readonly Table[]): Steps<Table> {
  if (pieces.length === 1) return { ...pieces[0], open: false };
  const columns: Column[] = [];
  for (const [i, column] of pieces[0].columns.entries()) {
    const flat = (): FlatColumn[] => pieces.map((piece) => piece.columns[i] as FlatColumn);
    columns.push(column.form === "table" ? column : yield* joinedColumn(flat()));
  }
  const rows = pieces.reduce((sum, piece) => sum + piece.rows, 0);
  return { schema: pieces[0].schema, columns, rows, tableEnds: Uint32Array.of(rows), open: false };
}

/** Position of a column, or -1. */
export function indexOf(schema: Schema, label: string): number {
  for (let i = 0; i < schema.length; i++) if (schema[i].label === label) return i;
  return -1;
}

/** A column of a table to be made. Key columns are given by the key, not here. */
export interface NamedColumn {
  readonly label: string;
  readonly column: FlatColumn;
}

/**
 * One table from its key and its other columns. `order` names all columns in the order in which they
 * are shown; without it the key's columns come first. All columns have the same number of rows; give
 * `rows` when there is none.
 */
export function tableFrom(
  key: GroupKey,
  columns: readonly NamedColumn[],
  options: { order?: readonly string[]; rows?: number } = {},
): Table {
  const rows = options.rows ?? (columns.length > 0 ? rowsOf(columns[0].column) : 0);
  const made = new Map<string, { spec: ColumnSpec; column: Column }>();
  key.labels.forEach((label, i) => {
    made.set(label, keyColumn(label, key.kinds[i], key.cells[i]));
  });
  for (const { label, column } of columns) {
    if (!made.has(label))
      made.set(label, { spec: { label, kind: column.kind, key: false }, column });
  }
  const labels = options.order?.filter((label) => made.has(label)) ?? [...made.keys()];
  const listed = labels.map((label) => made.get(label)).filter((one) => one !== undefined);
  return {
    schema: listed.map((one) => one.spec),
    columns: listed.map((one) => one.column),
    rows,
    tableEnds: Uint32Array.of(rows),
    open: false,
  };
}

function keyColumn(
  label: string,
  kind: ColumnKind,
  cell: Raw,
): { spec: ColumnSpec; column: TableColumn } {
  const builder = columnBuilder(kind, 1);
  builder.append(cell);
  return {
    spec: { label, kind, key: true },
    column: { kind, form: "table", values: builder.finish() },
  };
}

/** Makes one table row by row. `add` takes the cells of the columns that are not in the key. */
export class TableBuilder {
  readonly key: GroupKey;
  readonly #order: string[];
  readonly #builders = new Map<string, ColumnBuilder>();
  rows = 0;

  /** `schema` says which columns there are and in which order; those of `key` take its cells. */
  constructor(key: GroupKey, schema: Schema) {
    this.key = key;
    this.#order = schema.map((spec) => spec.label);
    for (const { label, kind } of schema) {
      if (!key.labels.includes(label)) this.#builders.set(label, columnBuilder(kind));
    }
  }
  /** The builder of a column that is not in the key; undefined for key columns and unknown ones. */
  column(label: string): ColumnBuilder | undefined {
    return this.#builders.get(label);
  }
  /** One row; labels that are missing get no value. Labels of the key are ignored. */
  add(cells: Readonly<Record<string, Raw>>): void {
    for (const [label, builder] of this.#builders) builder.append(cells[label] ?? null);
    this.rows += 1;
  }
  finish(): Table {
    const columns = [...this.#builders].map(([label, builder]) => ({
      label,
      column: builder.finish(),
    }));
    return tableFrom(this.key, columns, { order: this.#order, rows: this.rows });
  }
}

/** Whether two schemas have the same columns in the same order, with the same types and key. */
export function sameSchema(a: Schema, b: Schema): boolean {
  if (a === b) return true;
  return (
    a.length === b.length &&
    a.every(
      (spec, i) => spec.label === b[i].label && spec.kind === b[i].kind && spec.key === b[i].key,
    )
  );
}

/** Several whole tables with the same schema as one batch; tables whose schemas differ stay apart. */
export function batchesOf(tables: readonly Table[]): Batch[] {
  const batches: Batch[] = [];
  let run: Table[] = [];
  let rows = 0;
  const flush = (): void => {
    if (run.length > 0) batches.push(merged(run));
    run = [];
    rows = 0;
  };
  for (const table of tables) {
    if (run.length > 0 && (rows > 65_536 || !sameSchema(run[0].schema, table.schema))) flush();
    run.push(table);
    rows += table.rows;
  }
  flush();
  return batches;
}

function merged(tables: readonly Table[]): Batch {
  if (tables.length === 1) return tables[0];
  const ends = new Uint32Array(tables.length);
  let rows = 0;
  tables.forEach((table, i) => (ends[i] = rows += table.rows));
  const columns = tables[0].columns.map((column, i): Column => {
    if (column.form !== "table")
      return concatenate(tables.map((table) => table.columns[i] as FlatColumn));
    const values = concatenate(tables.map((table) => (table.columns[i] as TableColumn).values));
    return { kind: column.kind, form: "table", values };
  });
  return { schema: tables[0].schema, columns, rows, tableEnds: ends, open: false };
}

/** The key of a table. */
export const tableKey = (table: Table): GroupKey => keyOf(table, 0);

import {
  type Batch,
  cellOf,
  type Column,
  type ColumnSpec,
  expand,
  type FlatColumn,
  gather,
  type GroupKey,
  groupKey,
} from "@tocsin/data/column";
import type { FunctionValue } from "@tocsin/data/value";
import type { MappedBatch, Mapper } from "@tocsin/engine/expression";
import type { Operator, OperatorContext, Outlet } from "../operator.ts";
import { operatorKind } from "../per-batch.ts";
import { TableSet } from "../regroup.ts";
import { badRows } from "./bad-row.ts";
import { EmptyTables } from "./empty-tables.ts";
import { SteadySchema } from "./steady-schema.ts";

export interface MapSpec {
  /** From a row `r` to a record. */
  readonly fn: FunctionValue;
  /** Taken because scripts have it; upstream does nothing with it. */
  readonly mergeKey?: boolean;
}

/**
 * Makes a row of each row. Columns come out in the order of their names. Where a key column changes
 * or is left out, rows are grouped anew by the key columns that remain.
 */
export const mapKind = operatorKind<MapSpec>(
  { name: "map", rowwise: true },
  (spec, out, context) => {
    const mapper = context.rows.mapper(spec.fn);
    const map = new MapOperator(mapper, out, context);
    return mapper.effect === "pure" ? map : new WaitingMap(map);
  },
);

class MapOperator implements Operator {
  readonly #mapper: Mapper;
  readonly #context: OperatorContext;
  readonly #out: Outlet;
  readonly #empty = new EmptyTables();
  readonly #steady: SteadySchema;
  readonly #keeps = new Map<string, boolean>();
  #regrouped: TableSet | undefined;

  constructor(mapper: Mapper, out: Outlet, context: OperatorContext) {
    this.#mapper = mapper;
    this.#out = out;
    this.#context = context;
    this.#steady = new SteadySchema(out);
  }
  push(batch: Batch): void {
    this.#emit(batch, this.#map(batch) as MappedBatch);
  }
  finish(): void {
    for (const batch of this.#regrouped?.batches() ?? []) this.#out.push(batch);
  }
  async pushWaiting(batch: Batch): Promise<void> {
    this.#emit(batch, await this.#map(batch));
  }

  #map(batch: Batch): MappedBatch | Promise<MappedBatch> {
    return this.#mapper.map(batch, badRows(batch, this.#context));
  }
  #emit(batch: Batch, mapped: MappedBatch): void {
    const keeps = batch.schema.every((spec) => !spec.key || this.#keepsKey(spec.label));
    if (!keeps) return regroup((this.#regrouped ??= new TableSet()), batch, mapped);
    const told = this.#empty.without(assembled(batch, mapped));
    if (told !== undefined) this.#steady.push(told);
  }
  #keepsKey(label: string): boolean {
    let keeps = this.#keeps.get(label);
    if (keeps === undefined) this.#keeps.set(label, (keeps = this.#mapper.keeps(label)));
    return keeps;
  }
}

/** A map whose function reads or acts: one batch, and in it one row, after the other. */
class WaitingMap implements Operator {
  readonly #map: MapOperator;
  #waiting: Batch[] = [];
  #ended = false;

  constructor(map: MapOperator) {
    this.#map = map;
  }
  push(batch: Batch): void {
    this.#waiting.push(batch);
  }
  finish(): void {
    this.#ended = true;
  }
  async work(): Promise<void> {
    const batches = this.#waiting;
    this.#waiting = [];
    for (const batch of batches) await this.#map.pushWaiting(batch);
    if (this.#ended) this.#map.finish();
  }
}

/** What a mapper made, as a batch with the key of the old one. */
function assembled(batch: Batch, { columns, kept }: MappedBatch): Batch {
  const schema = columns.map(({ label, column, passes }): ColumnSpec => ({
    label,
    kind: column.kind,
    key: passes === label && column.form === "table",
  }));
  const made = columns.map(({ column }, i): Column =>
    schema[i].key ? column : keptRows(expand(column, batch.tableEnds), kept),
  );
  const rows = kept === undefined ? batch.rows : kept.length;
  const tableEnds = endsOf(batch.tableEnds, kept);
  return { schema, columns: made, rows, tableEnds, open: batch.open };
}

const keptRows = (column: FlatColumn, kept: Uint32Array | undefined): FlatColumn =>
  kept === undefined ? column : gather(column, kept, kept.length);

/** Where tables end when only the rows `kept` are left. */
function endsOf(tableEnds: Uint32Array, kept: Uint32Array | undefined): Uint32Array {
  if (kept === undefined) return tableEnds;
  let count = 0;
  return tableEnds.map((end) => {
    while (count < kept.length && kept[count] < end) count++;
    return count;
  });
}

/** A column of the new key: still one cell a table, or one a row. */
interface KeyColumn {
  readonly label: string;
  readonly column: Column;
}

/** Puts rows under the key that their columns make: the old key's columns as far as they are left. */
function regroup(into: TableSet, batch: Batch, { columns, kept }: MappedBatch): void {
  const isKey = (label: string): boolean =>
    batch.schema.some((spec) => spec.key && spec.label === label);
  const schema = columns.map(({ label, column }) => ({ label, kind: column.kind, key: false }));
  const cells = columns.map(({ label, column }) =>
    isKey(label) && column.form === "table"
      ? column.values
      : keptRows(expand(column, batch.tableEnds), kept),
  );
  const key = columns.flatMap(({ label, column }, i): KeyColumn[] =>
    isKey(label) ? [{ label, column: column.form === "table" ? column : cells[i] }] : [],
  );
  const perRow = key.filter(({ column }) => column.form !== "table");
  const ends = endsOf(batch.tableEnds, kept);
  let from = 0;
  for (let table = 0; table < ends.length; table++) {
    while (from < ends[table]) {
      const to = perRow.length === 0 ? ends[table] : endOfRun(perRow, from, ends[table]);
      into.add(keyAt(key, from, table), schema, cells, from, to);
      from = to;
    }
  }
}

/** The first row behind `from` that has another key. */
function endOfRun(key: readonly KeyColumn[], from: number, end: number): number {
  const first = key.map(({ column }) => cellOf(column, from, 0));
  let row = from + 1;
  while (row < end && key.every(({ column }, i) => cellOf(column, row, 0) === first[i])) row++;
  return row;
}

const keyAt = (key: readonly KeyColumn[], row: number, table: number): GroupKey =>
  groupKey(
    key.map(({ label, column }) => ({
      label,
      kind: column.kind,
      cell: cellOf(column, row, table),
    })),
  );

import {
  type Batch,
  cellAt,
  type Column,
  type ColumnSpec,
  expand,
  type FlatColumn,
  gather,
  groupKey,
  type Schema,
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
    const made = assembled(batch, mapped, keeps);
    if (!keeps) regroup((this.#regrouped ??= new TableSet()), made, batch.schema);
    else {
      const told = this.#empty.without(made);
      if (told !== undefined) this.#steady.push(told);
    }
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

/** What a mapper made, as a batch: with the key of the old one when that stays, else without any. */
function assembled(batch: Batch, mapped: MappedBatch, keepsKey: boolean): Batch {
  const { kept } = mapped;
  const schema: ColumnSpec[] = [];
  const columns: Column[] = [];
  for (const { label, column, passes } of mapped.columns) {
    const key = keepsKey && passes === label && column.form === "table";
    schema.push({ label, kind: column.kind, key });
    if (key) columns.push(column);
    else {
      const flat = expand(column, batch.tableEnds);
      columns.push(kept === undefined ? flat : gather(flat, kept, kept.length));
    }
  }
  const rows = kept === undefined ? batch.rows : kept.length;
  const tableEnds = kept === undefined ? batch.tableEnds : endsOf(batch.tableEnds, kept);
  return { schema, columns, rows, tableEnds, open: batch.open };
}

function endsOf(tableEnds: Uint32Array, kept: Uint32Array): Uint32Array {
  let count = 0;
  return tableEnds.map((end) => {
    while (count < kept.length && kept[count] < end) count++;
    return count;
  });
}

/** Puts the rows of a batch without key under the key that its columns make. */
function regroup(into: TableSet, made: Batch, before: Schema): void {
  const columns = made.columns as readonly FlatColumn[];
  const key = made.schema.flatMap(({ label, kind }, i) =>
    before.some((spec) => spec.key && spec.label === label) ? [{ label, kind, at: i }] : [],
  );
  let from = 0;
  for (let row = 1; row <= made.rows; row++) {
    const same =
      row < made.rows &&
      key.every(({ at }) => cellAt(columns[at], row) === cellAt(columns[at], from));
    if (same) continue;
    const cells = key.map(({ label, kind, at }) => ({
      label,
      kind,
      cell: cellAt(columns[at], from),
    }));
    into.add(groupKey(cells), made.schema, columns, from, row);
    from = row;
  }
}

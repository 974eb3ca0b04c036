import {
  type Batch,
  type Column,
  type ColumnSpec,
  expand,
  type FlatColumn,
  gather,
} from "@tocsin/data/column";
import type { FunctionValue } from "@tocsin/data/value";
import { type MappedBatch, type Mapper, rowUse } from "@tocsin/engine/expression";
import { both, without } from "@tocsin/engine/plan";
import type { Steps } from "@tocsin/platform/host";
import { inKey } from "../column-change.ts";
import type { OperatorContext, Outlet } from "../operator.ts";
import { operatorKind } from "../per-batch.ts";
import { pushing } from "../pushing.ts";
import { Regrouping } from "../regrouping.ts";
import { withoutEmptyTables } from "../whole-batch.ts";
import { badRows } from "./bad-row.ts";
import { EmptyTables } from "./empty-tables.ts";
import { SteadySchema } from "./steady-schema.ts";
import { type MayWait, Waiting } from "./waiting.ts";

interface MapSpec {
  /** From a row `r` to a record. */
  readonly fn: FunctionValue;
  /** Accepted because scripts have it; like upstream, nothing uses it. */
  readonly mergeKey?: boolean;
}

/**
 * Makes a row of each row, with columns in the order of their names. Where a key column may change or is left out,
 * rows are grouped again by the key columns that remain.
 */
export const mapKind = operatorKind<MapSpec>(
  {
    name: "map",
    rowwise: true,
    reads({ fn }, wanted) {
      const use = rowUse(fn);
      if (use === undefined) return undefined;
      return use.passes ? both(without(wanted, ...use.made), use.columns) : use.columns;
    },
  },
  (spec, out, context) => {
    const mapper = context.rows.mapper(spec.fn);
    const map = new MapOperator(mapper, out, context);
    return mapper.effect === "pure" ? map : new Waiting(map);
  },
);

class MapOperator implements MayWait {
  readonly #mapper: Mapper;
  readonly #context: OperatorContext;
  readonly #out: Outlet;
  readonly #empty = new EmptyTables();
  readonly #steady: SteadySchema;
  readonly #keeps = new Map<string, boolean>();
  #regrouped: Regrouping | undefined;
  #ended = false;

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
    this.#ended = true;
  }
  *steps(): Steps {
    if (!this.#ended || this.#regrouped === undefined) return;
    const batches = this.#regrouped.batches();
    this.#regrouped = undefined;
    yield* pushing(this.#out, batches);
  }
  async pushWaiting(batch: Batch): Promise<void> {
    this.#emit(batch, await this.#map(batch));
  }

  #map(batch: Batch): MappedBatch | Promise<MappedBatch> {
    return this.#mapper.map(batch, badRows(batch, this.#context));
  }
  #emit(batch: Batch, mapped: MappedBatch): void {
    const keeps = batch.schema.every((spec) => !spec.key || this.#keepsKey(spec.label));
    const made = assembled(batch, mapped);
    if (!keeps) return this.#regroup(batch, made);
    const told = this.#empty.without(made);
    if (told !== undefined) this.#steady.push(told);
  }
  /** Groups rows by those columns of the old key that are left. */
  #regroup(batch: Batch, made: Batch): void {
    const some = withoutEmptyTables(made);
    const isKey = ({ label }: ColumnSpec): boolean => inKey(label)(batch);
    if (some !== undefined) (this.#regrouped ??= new Regrouping()).add(some, isKey);
  }
  #keepsKey(label: string): boolean {
    let keeps = this.#keeps.get(label);
    if (keeps === undefined) this.#keeps.set(label, (keeps = this.#mapper.keeps(label)));
    return keeps;
  }
}

/** What a mapper made, as a batch with the old key. */
function assembled(batch: Batch, { columns, kept }: MappedBatch): Batch {
  const schema = columns.map(({ label, column, passes }): ColumnSpec => ({
    label,
    kind: column.kind,
    key: passes === label && column.form === "table",
  }));
  const made = columns.map(({ column, label }, i): Column => {
    // What is the same in a whole table, and becomes part of its key, is looked at once a table.
    const stays = schema[i].key || (column.form === "table" && inKey(label)(batch));
    return stays ? column : keptRows(expand(column, batch.tableEnds), kept);
  });
  const rows = kept === undefined ? batch.rows : kept.length;
  const tableEnds = endsOf(batch.tableEnds, kept);
  return { schema, columns: made, rows, tableEnds, open: batch.open };
}

const keptRows = (column: FlatColumn, kept: Uint32Array | undefined): FlatColumn =>
  kept === undefined ? column : gather(column, kept, kept.length);

/** Where tables end if only the rows `kept` are left. */
function endsOf(tableEnds: Uint32Array, kept: Uint32Array | undefined): Uint32Array {
  if (kept === undefined) return tableEnds;
  let count = 0;
  return tableEnds.map((end) => {
    while (count < kept.length && kept[count] < end) count++;
    return count;
  });
}

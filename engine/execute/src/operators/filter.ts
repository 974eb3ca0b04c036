import { type Batch } from "@tocsin/data/column";
import type { FunctionValue } from "@tocsin/data/value";
import { type Predicate, rowUse } from "@tocsin/engine/expression";
import { both } from "@tocsin/engine/plan";
import type { OperatorContext, Outlet } from "../operator.ts";
import { operatorKind } from "../per-batch.ts";
import { keepRows, withoutUnread } from "../whole-batch.ts";
import { badRows } from "./bad-row.ts";
import { EmptyTables } from "./empty-tables.ts";
import { type MayWait, Waiting } from "./waiting.ts";

interface FilterSpec {
  /** From a row `r` to a bool; null counts as false. */
  readonly fn: FunctionValue;
  /** What happens to a table of which no row is left. */
  readonly onEmpty: "keep" | "drop";
}

/** Keeps the rows for which a function holds. */
export const filterKind = operatorKind<FilterSpec>(
  {
    name: "filter",
    rowwise: true,
    reads({ fn }, wanted) {
      const use = rowUse(fn);
      return use === undefined || use.passes ? undefined : both(wanted, use.columns);
    },
  },
  (spec, out, context) => {
    const predicate = context.rows.predicate(spec.fn);
    const filter = new Filter(predicate, spec, { out, context });
    return predicate.effect === "pure" ? filter : new Waiting(filter);
  },
);

class Filter implements MayWait {
  readonly #predicate: Predicate;
  readonly #empty: EmptyTables | undefined;
  readonly #out: Outlet;
  readonly #context: OperatorContext;
  #rows = new Uint32Array(0);

  constructor(
    predicate: Predicate,
    spec: FilterSpec,
    { out, context }: { out: Outlet; context: OperatorContext },
  ) {
    this.#predicate = predicate;
    this.#empty = spec.onEmpty === "drop" ? new EmptyTables() : undefined;
    this.#out = out;
    this.#context = context;
  }
  push(batch: Batch): void {
    this.#keep(batch, this.#select(batch) as number);
  }
  finish(): void {}
  async pushWaiting(batch: Batch): Promise<void> {
    this.#keep(batch, await this.#select(batch));
  }

  #select(batch: Batch): number | Promise<number> {
    if (this.#rows.length < batch.rows) this.#rows = new Uint32Array(batch.rows);
    return this.#predicate.select(batch, this.#rows, badRows(batch, this.#context));
  }
  #keep(batch: Batch, count: number): void {
    const all = count === batch.rows;
    const kept = all ? batch : this.#kept(batch, count);
    const told = this.#empty === undefined ? kept : this.#empty.without(kept);
    if (told !== undefined) this.#out.push(told);
  }
  #kept(batch: Batch, count: number): Batch {
    const read = withoutUnread(batch, this.#context.wantedCells);
    return keepRows(read, this.#rows.subarray(0, count));
  }
}

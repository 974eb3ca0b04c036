import { type Batch, batchesOf, joinPieces, type Table, tableOf } from "@tocsin/data/column";
import type { Steps } from "@tocsin/platform/host";
import type { Operator, OperatorContext, OperatorKind, Outlet, Properties } from "./operator.ts";
import { operatorKind } from "./per-batch.ts";

/** Hands over whole tables, put together where they came in several batches. */
export class TableCollector {
  readonly #take: (table: Table) => void;
  #pieces: Table[] = [];

  constructor(take: (table: Table) => void) {
    this.#take = take;
  }
  add(batch: Batch): void {
    const last = batch.tableEnds.length - 1;
    for (let table = 0; table <= last; table++) {
      this.#pieces.push(tableOf(batch, table));
      if (table < last || !batch.open) this.#end();
    }
  }
  #end(): void {
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#take(joinPieces(pieces));
  }
}

/** Turns one table into others, in steps if that takes long. */
export type TableChange = (table: Table) => Table | readonly Table[] | Steps<Table> | undefined;

function isSteps(given: ReturnType<TableChange>): given is Steps<Table> {
  return given !== undefined && "next" in given;
}

/**
 * A kind whose operator sees one whole table after the other. The tables that its change gives must have keys that no
 * other table of the stream has.
 */
export function wholeTableKind<Spec>(
  properties: Omit<Properties<Spec>, "rowwise">,
  make: (spec: Spec, context: OperatorContext) => TableChange,
): OperatorKind<Spec> {
  return operatorKind({ ...properties, rowwise: false }, (spec, out, context) => {
    return new WholeTableOperator(make(spec, context), out, context);
  });
}

class WholeTableOperator implements Operator {
  readonly #collector: TableCollector;
  readonly #change: TableChange;
  readonly #out: Outlet;
  readonly #context: OperatorContext;
  #waiting: Table[] = [];

  constructor(change: TableChange, out: Outlet, context: OperatorContext) {
    this.#change = change;
    this.#out = out;
    this.#context = context;
    this.#collector = new TableCollector((table) => this.#waiting.push(table));
  }
  push(batch: Batch): void {
    this.#collector.add(batch);
  }
  finish(): void {}
  async work(turn: () => Promise<void>): Promise<void> {
    const tables = this.#waiting;
    this.#waiting = [];
    let made: Table[] = [];
    for (const table of tables) {
      const given = this.#change(table);
      const changed = isSteps(given) ? await this.#inTurns(given, turn) : given;
      if (Array.isArray(changed)) made.push(...changed);
      else if (changed !== undefined) made.push(changed as Table);
      if (this.#context.host.loop.due()) {
        made = this.#flush(made);
        await turn();
      }
    }
    this.#flush(made);
  }
  async #inTurns(steps: Steps<Table>, turn: () => Promise<void>): Promise<Table> {
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
      if (this.#context.host.loop.due()) await turn();
    }
  }
  #flush(made: Table[]): Table[] {
    for (const batch of batchesOf(made)) this.#out.push(batch);
    return [];
  }
}

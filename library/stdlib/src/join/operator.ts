import { type Batch, bytesOf, indexOf } from "@tocsin/data/column";
import { type FunctionValue, invalid } from "@tocsin/data/value";
import {
  GroupIndex,
  type Operator,
  type OperatorContext,
  operatorKind,
  type Outlet,
  WholeBatches,
  withoutEmptyTables,
} from "@tocsin/engine/execute";
import { rowUse } from "@tocsin/engine/expression";
import { both, type ColumnNames, passing, without } from "@tocsin/engine/plan";
import type { Steps } from "@tocsin/platform/host";
import type { Side } from "./as.ts";
import { HeldTables, SeenColumns } from "./held-tables.ts";
import { type KeyedRows, keyedRows } from "./key-order.ts";
import { type JoinMethod, TableMatch } from "./match.ts";
import type { ColumnPair } from "./on.ts";
import { JoinOutput } from "./output.ts";

interface JoinSpec {
  readonly on: readonly ColumnPair[];
  /** From a row `l` and a row `r` to a record. */
  readonly as: FunctionValue;
  readonly method: JoinMethod;
}

/** Pairs rows of tables that have the same group key in both streams. */
export const joinKind = operatorKind<JoinSpec>(
  {
    name: "join.tables",
    rowwise: false,
    readsCells: ({ on, as }, wanted) => {
      const compared = on.flatMap(({ left, right }) => [left, right]);
      return passing(both(usedOf(as, "l", wanted), usedOf(as, "r", wanted)), ...compared);
    },
    describe: ({ on, method }) =>
      `${method} ${on.map(({ left, right }) => `l.${left} == r.${right}`).join(" and ")}`,
  },
  (spec, out, context) => new JoinOperator(spec, out, context),
);

/** The columns of one side that a function looks at, or passes on when nobody reads more than `wanted`. */
function usedOf(as: FunctionValue, side: Side, wanted: ColumnNames): ColumnNames {
  const use = rowUse(as, side);
  if (use === undefined) return undefined;
  return use.passes ? both(without(wanted, ...use.made), use.columns) : use.columns;
}

/** All left tables of one schema. */
interface Stratum {
  readonly keyed: KeyedRows;
  /** 1 for each table that a right one was joined with. */
  readonly used: Uint8Array;
}

/**
 * Holds the left stream until its end; then each batch of the right stream is joined as it comes
 * and let go. Rows are merged in the order of their keys, so that only what is not in order is
 * sorted.
 */
class JoinOperator implements Operator {
  readonly #spec: JoinSpec;
  readonly #output: JoinOutput;
  readonly #seen = { l: new SeenColumns(), r: new SeenColumns() };
  readonly #whole = { l: new WholeBatches(), r: new WholeBatches() };
  readonly #held = new HeldTables();
  readonly #groups = new GroupIndex();
  readonly #strata: Stratum[] = [];
  /** Where the left table of each group is. */
  readonly #left: { readonly stratum: Stratum; readonly table: number }[] = [];
  #waiting: Batch[] = [];
  #turn = async (): Promise<void> => undefined;
  readonly #ended = [false, false];
  #sealed = false;
  /** Of the left stream. */
  #bytes = 0;

  constructor(spec: JoinSpec, out: Outlet, context: OperatorContext) {
    this.#spec = spec;
    this.#output = new JoinOutput(spec.as, this.#seen, context, out);
  }
  push(batch: Batch, port: number): void {
    if (port === 0) this.#bytes += bytesOf(batch);
    this.#whole[port === 0 ? "l" : "r"].add(batch);
  }
  finish(port: number): void {
    this.#ended[port] = true;
  }
  held(): number {
    return this.#bytes + this.#whole.r.bytes;
  }
  async work(turn: () => Promise<void>): Promise<void> {
    this.#turn = turn;
    await this.#inTurns(this.#take("l"));
    await this.#inTurns(this.#take("r"));
    if (!this.#ended[0]) return;
    if (!this.#sealed) await this.#inTurns(this.#seal());
    const batches = this.#waiting;
    this.#waiting = [];
    for (const batch of batches) await this.#join(batch);
    if (!this.#ended[1]) return;
    await this.#leftovers();
    await this.#output.flush();
  }

  *#take(side: "l" | "r"): Steps {
    for (const batch of this.#whole[side].take()) {
      if (batch !== undefined) this.#takeTables(batch, side);
      yield;
    }
  }
  #takeTables(given: Batch, side: "l" | "r"): void {
    this.#seen[side].add(given.schema);
    const batch = withoutEmptyTables(given);
    if (batch === undefined) return;
    for (const label of this.#labels(side)) {
      if (indexOf(batch.schema, label) >= 0) continue;
      const there = batch.schema.map((spec) => spec.label).join(", ");
      throw invalid(
        `cannot set join columns in ${side === "l" ? "left" : "right"} table stream: ` +
          `table is missing column '${label}'`,
        `it has the columns ${there}`,
      );
    }
    if (side === "l") this.#held.add(batch);
    else this.#waiting.push(batch);
  }
  #labels(side: "l" | "r"): readonly string[] {
    return this.#spec.on.map((pair) => (side === "l" ? pair.left : pair.right));
  }
  /** All left tables are there: sorts them, and notes where each group's is. */
  *#seal(): Steps {
    this.#sealed = true;
    for (const batch of yield* this.#held.take()) {
      const keyed = yield* keyedRows(batch, this.#labels("l"));
      const stratum = { keyed, used: new Uint8Array(batch.tableEnds.length) };
      this.#strata.push(stratum);
      const { groups } = this.#groups.groupsOf(batch, ({ key }) => key);
      groups.forEach((group, table) => (this.#left[group] = { stratum, table }));
    }
  }
  async #join(batch: Batch): Promise<void> {
    const { method } = this.#spec;
    const keyed = await this.#inTurns(keyedRows(batch, this.#labels("r")));
    const matches = new Map<Stratum | undefined, TableMatch>();
    const { groups } = this.#groups.groupsOf(batch, ({ key }) => key);
    for (let table = 0; table < groups.length; table++) {
      const left = this.#left[groups[table]];
      if (left === undefined && (method === "inner" || method === "left")) continue;
      const stratum = left?.stratum;
      let match = matches.get(stratum);
      if (match === undefined) {
        match = new TableMatch(stratum?.keyed, keyed, method);
        matches.set(stratum, match);
      }
      const other = stratum?.keyed.batch;
      if (!this.#output.isFrom(other, batch)) await this.#output.from(other, batch);
      if (left !== undefined) left.stratum.used[left.table] = 1;
      match.enter(left?.table ?? 0, table);
      this.#output.begin(table);
      while (!match.step(this.#output)) await this.#flush();
      this.#output.end();
    }
  }
  /** Left tables whose group the right stream does not have. */
  async #leftovers(): Promise<void> {
    const { method } = this.#spec;
    if (method === "inner" || method === "right") return;
    for (const { keyed, used } of this.#strata) {
      const match = new TableMatch(keyed, undefined, method);
      for (let table = 0; table < used.length; table++) {
        if (used[table] === 1) continue;
        await this.#output.from(keyed.batch, undefined);
        match.enter(table, 0);
        this.#output.begin(table);
        while (!match.step(this.#output)) await this.#flush();
        this.#output.end();
      }
    }
  }
  /** The present table goes on in the next batch. */
  async #flush(): Promise<void> {
    await this.#output.flush(true);
    await this.#turn();
  }
  async #inTurns<Result>(steps: Steps<Result>): Promise<Result> {
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
      await this.#turn();
    }
  }
}

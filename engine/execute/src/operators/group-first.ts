import {
  type Batch,
  type Column,
  type ColumnSpec,
  expand,
  gather,
  indexOf,
  slice,
} from "@tocsin/data/column";
import { type ColumnNames, isKind, passing, type Rule } from "@tocsin/engine/plan";
import type { Steps } from "@tocsin/platform/host";
import type { Limits } from "../first-rows.ts";
import { GroupIndex } from "../group-index.ts";
import type { Limit } from "../passing-rows.ts";
import { operatorKind } from "../per-batch.ts";
import { atEnd, type Batches } from "../pushing.ts";
import { Regrouping } from "../regrouping.ts";
import { rowsHeld } from "../whole-batch.ts";
import { groupKind, type GroupSpec, keyOfGroup } from "./group.ts";
import { firstInOrder, firstSorted, sortLimitKind, type SortLimitSpec } from "./sort.ts";

interface GroupFirstSpec extends GroupSpec {
  /** What the reader keeps of each group. */
  readonly first: SortLimitSpec;
}

/** A `group` whose reader keeps only the first rows of each group, so that others need not be held. */
export const groupFirstKind = operatorKind<GroupFirstSpec>(
  {
    name: "groupFirst",
    rowwise: false,
    reads: ({ mode, columns, first }, wanted) =>
      mode === "by" ? passing(wanted, ...columns, ...first.columns) : undefined,
    describe: ({ mode, columns, first }) => `${mode} [${columns.join(", ")}], ${first.n}`,
  },
  (spec, out, { wanted }) => {
    const first = new FirstOfGroups(spec, wanted);
    const operator = atEnd(
      out,
      (batch) => first.add(batch),
      () => first.batches(),
    );
    return {
      ...operator,
      held: () => first.bytes,
      *steps() {
        yield* first.cutBack();
        yield* operator.steps();
      },
    };
  },
);

/** Holds the first rows of each group so far, and some more. */
class FirstOfGroups {
  readonly #spec: GroupFirstSpec;
  readonly #wanted: ColumnNames;
  readonly #isKey: (spec: ColumnSpec) => boolean;
  readonly #known: KnownLimits;
  readonly #groups = new GroupIndex();
  #kept: Regrouping;
  #rows = 0;
  /** Rows that are held before they are cut back to the first of each group. */
  #most = rowsHeld;

  constructor(spec: GroupFirstSpec, wanted: ColumnNames) {
    this.#spec = spec;
    this.#wanted = wanted;
    this.#isKey = keyOfGroup(spec);
    this.#known = new KnownLimits(spec.first);
    this.#kept = new Regrouping(wanted);
  }
  add(batch: Batch): void {
    if (this.#isOneGroup(batch)) {
      this.#keep(this.#firstOfOne(batch));
      return;
    }
    const one = new Regrouping(this.#wanted);
    one.add(batch, this.#isKey);
    for (const grouped of one.batches(false))
      if (grouped !== undefined)
        this.#keep(firstSorted(grouped, this.#spec.first, this.#known.of(grouped)));
  }
  *cutBack(): Steps {
    if (this.#rows <= this.#most) return;
    const before = this.#kept;
    this.#kept = new Regrouping(this.#wanted);
    this.#rows = 0;
    for (const grouped of before.batches(false)) {
      if (grouped !== undefined) this.#keep(firstSorted(grouped, this.#spec.first));
      yield;
    }
    this.#most = 2 * this.#rows + rowsHeld;
  }
  batches(): Batches {
    return this.#kept.batches();
  }
  get bytes(): number {
    return this.#kept.bytes;
  }
  /** Whether the tables alone show that all rows are of one group. */
  #isOneGroup(batch: Batch): boolean {
    const { schema, columns, rows } = batch;
    const perTable = schema.every((spec, i) => columns[i].form === "table" || !this.#isKey(spec));
    if (rows === 0 || !perTable) return false;
    const { groups } = this.#groups.groupsOf(batch, this.#isKey);
    return groups.every((group) => group === groups[0]);
  }
  /**
   * The first rows of a batch that is one group. Columns of the form `table` are expanded only for these, if possible.
   */
  #firstOfOne(batch: Batch): Batch {
    const { first } = this.#spec;
    const schema = batch.schema.map((spec) => ({ ...spec, key: this.#isKey(spec) }));
    const columns = batch.columns.map((column, i): Column => {
      const { key, label } = schema[i];
      if (key && column.form === "table") return { ...column, values: slice(column.values, 0, 1) };
      return first.columns.includes(label) ? expand(column, batch.tableEnds) : column;
    });
    const one = { ...batch, schema, columns, tableEnds: Uint32Array.of(batch.rows) };
    const { rows, ends } = firstInOrder(one, first, this.#known.of(one));
    const count = ends[0];
    const kept = rows.subarray(0, count);
    const tables = tablesOf(kept, batch.tableEnds);
    const made = columns.map((column, i): Column => {
      if (schema[i].key) return column;
      return column.form === "table"
        ? gather(column.values, tables, count)
        : gather(column, kept, count);
    });
    return { ...one, columns: made, rows: count, tableEnds: ends };
  }
  #keep(batch: Batch): void {
    this.#kept.add(batch, keyAsItIs);
    this.#rows += batch.rows;
  }
}

/** What earlier batches say about the first rows of each group. */
class KnownLimits {
  readonly #columns: readonly string[];
  readonly #groups = new GroupIndex();
  /** The limit of each group, by the label and type of the column that is most important in a batch. */
  readonly #limits = new Map<string, (Limit | undefined)[]>();

  constructor({ columns }: SortLimitSpec) {
    this.#columns = columns;
  }
  of(batch: Batch): Limits {
    const lead = this.#columns
      .map((label) => batch.schema[indexOf(batch.schema, label)])
      .find((spec) => spec?.key === false);
    const name = `${lead?.kind} ${lead?.label}`;
    let limits = this.#limits.get(name);
    if (limits === undefined) this.#limits.set(name, (limits = []));
    const known = limits;
    const { groups } = this.#groups.groupsOf(batch, keyAsItIs);
    return {
      of: (table) => known[groups[table]],
      note: (table, limit) => void (known[groups[table]] = limit),
    };
  }
}

/** The table that each row is in. */
const tablesOf = (rows: Uint32Array, tableEnds: Uint32Array): Uint32Array =>
  rows.map((row) => {
    let [first, end] = [0, tableEnds.length];
    while (first < end) {
      const middle = (first + end) >> 1;
      if (tableEnds[middle] <= row) first = middle + 1;
      else end = middle;
    }
    return first;
  });

const keyAsItIs = ({ key }: ColumnSpec): boolean => key;

/** `group |> sort |> limit(n)` holds about `n` rows of each group instead of all. */
export const groupSortLimit: Rule = {
  name: "tocsin/GroupSortLimitRule",
  phase: "physical",
  apply(node, plan) {
    if (!isKind(node, sortLimitKind)) return undefined;
    const [input] = node.inputs;
    if (!isKind(input, groupKind) || plan.readers(input) > 1) return undefined;
    const spec: GroupFirstSpec = { ...input.spec, first: node.spec };
    return { ...node, inputs: [{ ...input, kind: groupFirstKind, spec }] };
  },
};

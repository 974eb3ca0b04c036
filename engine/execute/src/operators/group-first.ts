import { type Batch, type ColumnSpec, indexOf } from "@tocsin/data/column";
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
import { firstSorted, sortLimitKind, type SortLimitSpec } from "./sort.ts";

interface GroupFirstSpec extends GroupSpec {
  /** What the reader keeps of each group. */
  readonly first: SortLimitSpec;
}

/** A `group` whose reader keeps the first rows of each group: others are let go as they come. */
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

/** The first rows of each group of what came so far, and some more. */
class FirstOfGroups {
  readonly #spec: GroupFirstSpec;
  readonly #wanted: ColumnNames;
  readonly #isKey: (spec: ColumnSpec) => boolean;
  readonly #known: KnownLimits;
  #kept: Regrouping;
  #rows = 0;
  /** So many rows are held before most of them are let go. */
  #most = rowsHeld;

  constructor(spec: GroupFirstSpec, wanted: ColumnNames) {
    this.#spec = spec;
    this.#wanted = wanted;
    this.#isKey = keyOfGroup(spec);
    this.#known = new KnownLimits(spec.first);
    this.#kept = new Regrouping(wanted);
  }
  add(batch: Batch): void {
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
  #keep(batch: Batch): void {
    this.#kept.add(batch, keyAsItIs);
    this.#rows += batch.rows;
  }
}

/** What earlier batches say about the first rows of each group. */
class KnownLimits {
  readonly #columns: readonly string[];
  readonly #groups = new GroupIndex();
  /** By the column that is most important in a batch, and its type: the limit of each group. */
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

const keyAsItIs = ({ key }: ColumnSpec): boolean => key;

/** `group |> sort |> limit(n)` holds at most `n` rows of each group and batch, instead of all. */
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

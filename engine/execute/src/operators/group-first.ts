import { type Batch, type ColumnSpec, indexOf } from "@tocsin/data/column";
import { isKind, passing, type Rule } from "@tocsin/engine/plan";
import type { Limit, Limits } from "../first-rows.ts";
import { GroupIndex } from "../group-index.ts";
import { operatorKind } from "../per-batch.ts";
import { atEnd } from "../pushing.ts";
import { Regrouping } from "../regrouping.ts";
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
    const regrouping = new Regrouping(wanted);
    const isKey = keyOfGroup(spec);
    const known = new KnownLimits(spec.first);
    const push = (batch: Batch): void => {
      const one = new Regrouping(wanted);
      one.add(batch, isKey);
      for (const grouped of one.batches(false))
        if (grouped !== undefined)
          regrouping.add(firstSorted(grouped, spec.first, known.of(grouped)), keyAsItIs);
    };
    return atEnd(out, push, () => regrouping.batches());
  },
);

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

import type { Batch, ColumnSpec } from "@tocsin/data/column";
import { isKind, passing, type Rule } from "@tocsin/engine/plan";
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
    const push = (batch: Batch): void => {
      const one = new Regrouping();
      one.add(batch, isKey);
      for (const grouped of one.batches(false))
        if (grouped !== undefined) regrouping.add(firstSorted(grouped, spec.first), keyAsItIs);
    };
    return atEnd(out, push, () => regrouping.batches());
  },
);

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

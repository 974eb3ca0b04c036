import type { ColumnSpec } from "@tocsin/data/column";
import { passing } from "@tocsin/engine/plan";
import { operatorKind } from "../per-batch.ts";
import { atEnd } from "../pushing.ts";
import { Regrouping } from "../regrouping.ts";

/** `by`: the columns make the key; `except`: all others do. */
export interface GroupSpec {
  readonly mode: "by" | "except";
  readonly columns: readonly string[];
}

/** Which columns make the new key. */
export function keyOfGroup({ mode, columns }: GroupSpec): (spec: ColumnSpec) => boolean {
  const named = new Set(columns);
  return ({ label }) => named.has(label) === (mode === "by");
}

/** Gives rows another group key; the tables come out sorted by it. */
export const groupKind = operatorKind<GroupSpec>(
  {
    name: "group",
    rowwise: false,
    reads: ({ mode, columns }, wanted) => (mode === "by" ? passing(wanted, ...columns) : undefined),
    describe: ({ mode, columns }) => `${mode} [${columns.join(", ")}]`,
  },
  ({ mode, columns }, out, { wanted }) => {
    const regrouping = new Regrouping(wanted);
    const isKey = keyOfGroup({ mode, columns });
    return atEnd(
      out,
      (batch) => regrouping.add(batch, isKey),
      () => regrouping.batches(),
    );
  },
);

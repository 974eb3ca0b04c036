import { operatorKind } from "../per-batch.ts";
import { Regrouping } from "../regrouping.ts";

/** `by`: the columns make the key; `except`: all others do. */
export interface GroupSpec {
  readonly mode: "by" | "except";
  readonly columns: readonly string[];
}

/** Puts rows under another group key; tables come out sorted by it. */
export const groupKind = operatorKind<GroupSpec>(
  {
    name: "group",
    rowwise: false,
    describe: ({ mode, columns }) => `${mode} [${columns.join(", ")}]`,
  },
  ({ mode, columns }, out) => {
    const named = new Set(columns);
    const regrouping = new Regrouping();
    return {
      push: (batch) => regrouping.add(batch, ({ label }) => named.has(label) === (mode === "by")),
      finish() {
        for (const batch of regrouping.batches()) out.push(batch);
      },
    };
  },
);

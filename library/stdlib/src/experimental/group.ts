import { type Batch, indexOf } from "@tocsin/data/column";
import { invalid } from "@tocsin/data/value";
import { atEnd, missingColumn, operatorKind, Regrouping } from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";

const extendKind = operatorKind<{ readonly columns: readonly string[] }>(
  { name: "group", rowwise: false, describe: ({ columns }) => `also by [${columns.join(", ")}]` },
  ({ columns }, out) => {
    const regrouping = new Regrouping();
    const add = (batch: Batch): void => {
      for (const label of columns)
        if (indexOf(batch.schema, label) < 0)
          throw missingColumn("experimental.group", label, batch.schema);
      regrouping.add(batch, ({ key, label }) => key || columns.includes(label));
    };
    return atEnd(out, add, () => regrouping.batches());
  },
);

export const group = transformation({
  name: "group",
  type: "(<-tables: stream[A], mode: string, columns: [string]) => stream[A] where A: Record",
  docs: 'Adds columns to the group key. `mode` must be `"extend"`.',
  example: `import "experimental"
import "sampledata"
sampledata.int() |> experimental.group(mode: "extend", columns: ["_time"])`,
  kind: extendKind,
  spec: (args) => {
    const mode = args.string("mode");
    if (mode === "extend") return { columns: args.strings("columns") };
    throw invalid(
      `experimental.group: invalid group mode ${JSON.stringify(mode)}`,
      'use "extend"; for "by" and "except" there is group without a package',
    );
  },
});

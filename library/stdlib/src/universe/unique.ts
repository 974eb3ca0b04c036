import { indexOf } from "@tocsin/data/column";
import { noSuchColumn, operatorKind, selectRows } from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";
import { passing } from "@tocsin/engine/plan";
import { FirstCells } from "./distinct.ts";

const uniqueKind = operatorKind<{ readonly column: string }>(
  {
    name: "unique",
    rowwise: false,
    reads: ({ column }, wanted) => passing(wanted, column),
    describe: ({ column }) => column,
  },
  ({ column }, out) => {
    const first = new FirstCells();
    return {
      push(batch) {
        const at = indexOf(batch.schema, column);
        if (at < 0) throw noSuchColumn(`unique: no column "${column}" exists`, batch);
        const rows = new Uint32Array(batch.rows);
        const ends = new Uint32Array(batch.tableEnds.length);
        const count = first.find(batch, at, rows, ends);
        out.push(count === batch.rows ? batch : selectRows(batch, rows, count, ends));
      },
      finish: () => undefined,
    };
  },
);

export const unique = transformation({
  name: "unique",
  type: "(<-tables: stream[A], ?column: string) => stream[A] where A: Record",
  docs: "The first row of each table for every different value of `column`. A null counts as a value.",
  example: `import "sampledata"
sampledata.int() |> unique()`,
  kind: uniqueKind,
  spec: (args) => ({ column: args.string("column", "_value") }),
});

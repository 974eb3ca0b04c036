import { indexOf, tableStart } from "@tocsin/data/column";
import { invalid } from "@tocsin/data/value";
import { noSuchColumn, operatorKind, selectRows } from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";
import { passing } from "@tocsin/engine/plan";

const sampleKind = operatorKind<{
  readonly n: number;
  /** Undefined: a place by chance in each table. */
  readonly pos: number | undefined;
  readonly column: string;
}>(
  {
    name: "sample",
    rowwise: false,
    reads: ({ column }, wanted) => passing(wanted, column),
    describe: ({ n }) => `every ${n}th row`,
  },
  ({ n, pos, column }, out, { host }) => {
    /** Rows of the table that goes on before the next that is taken. */
    let left: number | undefined;
    return {
      push(batch) {
        if (indexOf(batch.schema, column) < 0)
          throw noSuchColumn(`sample: no column "${column}" exists`, batch);
        const rows = new Uint32Array(Math.ceil(batch.rows / n) + batch.tableEnds.length);
        const ends = new Uint32Array(batch.tableEnds.length);
        let count = 0;
        for (let table = 0; table < ends.length; table++) {
          let row = tableStart(batch, table) + (left ?? pos ?? Math.floor(host.random.next() * n));
          for (; row < batch.tableEnds[table]; row += n) rows[count++] = row;
          ends[table] = count;
          const goesOn = batch.open && table === ends.length - 1;
          left = goesOn ? row - batch.tableEnds[table] : undefined;
        }
        out.push(selectRows(batch, rows, count, ends));
      },
      finish: () => undefined,
    };
  },
);

export const sample = transformation({
  name: "sample",
  type: "(<-tables: stream[A], n: int, ?pos: int, ?column: string) => stream[A] where A: Record",
  docs: "Every `n`th row of each table, the first at `pos` (by chance where it is not given).",
  example: `import "sampledata"
sampledata.int() |> sample(n: 2, pos: 1)`,
  kind: sampleKind,
  spec: (args) => {
    const n = args.count("n");
    const pos = args.has("pos") ? args.count("pos") : -1;
    if (n <= 0) throw invalid(`sample: n must be a positive integer, but was ${n}`);
    if (pos >= n) throw invalid(`sample: pos must be less than n, but ${pos} >= ${n}`);
    return { n, pos: pos < 0 ? undefined : pos, column: args.string("column", "_value") };
  },
});

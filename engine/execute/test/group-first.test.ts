import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type Batch,
  columnBuilder,
  type FlatColumn,
  groupKey,
  PlainBuilder,
  tableFrom,
} from "@tocsin/data/column";
import type { ColumnKind, Raw } from "@tocsin/data/value";
import { groupKind } from "../src/operators/group.ts";
import { groupFirstKind } from "../src/operators/group-first.ts";
import { sortLimitKind } from "../src/operators/sort.ts";
import { run, shown } from "./row-operators.ts";

const cell = fc.constantFrom(...[0, 1, 2, 3, 4, 5, 6, 7, Number.NaN, -0]);
const row = fc.record({ g: fc.constantFrom("x", "y"), v: cell, n: fc.nat(3) });
const batches = fc.array(
  fc.record({
    rows: fc.array(row, { maxLength: 30 }),
    nulls: fc.boolean(),
    begin: fc.constantFrom("", "common ", "begins with as many bytes "),
    kind: fc.constantFrom<ColumnKind>("float", "float", "string"),
    hasV: fc.integer({ min: 0, max: 5 }).map((n) => n > 0),
    cut: fc.nat(30),
  }),
  { maxLength: 5 },
);

function columnOf(kind: ColumnKind, cells: readonly Raw[]): FlatColumn {
  // Strings come in both forms that hold them.
  const plain = kind === "string" && cells.length % 3 > 0;
  const builder = plain ? new PlainBuilder() : columnBuilder(kind, cells.length);
  for (const one of cells) builder.append(one);
  return builder.finish();
}

/** A batch of one table cut in two, whose keys differ in `t` and not in `h`. */
function inTwo(batch: Batch, cut: number, number: number): Batch {
  const ts = columnOf("int", [BigInt(number % 2), BigInt(number + 1)]);
  const hs = columnOf("string", ["same", "same"]);
  const more: Batch["columns"] = [
    { kind: "int", form: "table", values: ts },
    { kind: "string", form: "table", values: hs },
  ];
  return {
    ...batch,
    schema: [
      { label: "t", kind: "int", key: true },
      { label: "h", kind: "string", key: true },
      ...batch.schema.filter(({ key }) => !key),
    ],
    columns: [...more, ...batch.columns.filter((_, i) => !batch.schema[i].key)],
    tableEnds: Uint32Array.of(Math.min(cut, batch.rows), batch.rows),
  };
}

test("the first rows of groups are those that come first when all rows are grouped", async () => {
  const spec = fc.record({
    desc: fc.boolean(),
    n: fc.nat(4),
    by: fc.constantFrom(["g"], [], [], ["n"], ["h"], ["h", "t"]),
    columns: fc.constantFrom(["v", "n"], ["v", "t", "n"], ["t", "v"]),
  });
  const property = fc.asyncProperty(
    batches,
    spec,
    async (given, { desc, n, by, columns: order }) => {
      // One type of `v` in all: two are an error.
      const kind = given[0]?.kind ?? "float";
      const made = given.map(({ rows, nulls, begin, hasV, cut }, number): Batch => {
        const cells = rows.map(({ v }, i): Raw =>
          nulls && i % 4 === 1 ? null : kind === "string" ? `${begin}${v}` : v,
        );
        const columns = [
          {
            label: "g",
            column: columnOf(
              "string",
              rows.map(({ g }) => g),
            ),
          },
          {
            label: "n",
            column: columnOf(
              "int",
              rows.map((one) => BigInt(one.n)),
            ),
          },
          ...(hasV ? [{ label: "v", column: columnOf(kind, cells) }] : []),
        ];
        const key = groupKey([{ label: "t", kind: "int", cell: BigInt(number) }]);
        return inTwo(tableFrom(key, columns, { rows: rows.length }), cut, number);
      });
      const first = { columns: order, desc, n };
      const group = { mode: "by", columns: by } as const;
      const all = await run(sortLimitKind, first, await run(groupKind, group, made));
      const some = await run(groupFirstKind, { ...group, first }, made);
      expect(shown(await run(sortLimitKind, first, some))).toEqual(shown(all));
    },
  );
  await fc.assert(property, { seed: 4, numRuns: 300 });
});

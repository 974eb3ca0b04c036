import fc from "fast-check";
import { expect, test } from "vitest";
import { type Batch, cellOf, columnBuilder, pieces, tableStart } from "../src/index.ts";

/** Tables of so many rows, each row a number of its own or null, and a key that tells tables apart. */
function batchOf(sizes: readonly number[], open: boolean): Batch {
  const values = columnBuilder("int");
  const texts = columnBuilder("string");
  const keys = columnBuilder("string");
  const tableEnds = new Uint32Array(sizes.length);
  let rows = 0;
  sizes.forEach((size, table) => {
    keys.append(`t${table}`);
    for (let i = 0; i < size; i++, rows++) {
      values.append(rows % 5 === 0 ? null : BigInt(rows));
      texts.append(rows % 7 === 0 ? null : `r${rows % 3}`);
    }
    tableEnds[table] = rows;
  });
  return {
    schema: [
      { label: "n", kind: "int", key: false },
      { label: "s", kind: "string", key: false },
      { label: "k", kind: "string", key: true },
    ],
    columns: [
      values.finish(),
      texts.finish(),
      { kind: "string", form: "table", values: keys.finish() },
    ],
    rows,
    tableEnds,
    open,
  };
}

/** All rows by table; a table that goes on is continued by the next piece. */
function rowsOf(batches: readonly Batch[]): string[] {
  const tables: string[] = [];
  let goesOn = false;
  for (const batch of batches) {
    for (let table = 0; table < batch.tableEnds.length; table++) {
      let text = "";
      for (let row = tableStart(batch, table); row < batch.tableEnds[table]; row++)
        text += `${batch.columns.map((column) => String(cellOf(column, row, table))).join(",")};`;
      if (goesOn) tables[tables.length - 1] += text;
      else tables.push(text);
      goesOn = table === batch.tableEnds.length - 1 && batch.open;
    }
  }
  return goesOn ? [...tables, "goes on"] : tables;
}

test("pieces are short and say together what the batch says", () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 8 });
  const property = fc.property(
    sizes,
    fc.boolean(),
    fc.integer({ min: 1, max: 30 }),
    (given, open, rowsMax) => {
      const batch = batchOf(given, open);
      const cut = [...pieces(batch, rowsMax)];
      for (const { rows, tableEnds } of cut) {
        expect(rows).toBeLessThanOrEqual(rowsMax);
        expect(tableEnds.length).toBeLessThanOrEqual(rowsMax + 1);
        expect(tableEnds.at(-1)).toBe(rows);
      }
      expect(rowsOf(cut)).toEqual(rowsOf([batch]));
    },
  );
  fc.assert(property, { seed: 5 });
});

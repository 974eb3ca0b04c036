import fc from "fast-check";
import { expect, test } from "vitest";
import type { ColumnKind, Raw } from "@tocsin/data/value";
import {
  cellAt,
  columnBuilder,
  concatenate,
  expand,
  type FlatColumn,
  gather,
  PlainBuilder,
  rowsOf,
  slice,
} from "../src/index.ts";

const cells: Readonly<Record<ColumnKind, fc.Arbitrary<Raw>>> = {
  float: fc.double({ noNaN: true }),
  int: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  uint: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  time: fc.bigInt({ min: 0n, max: 2n ** 62n }),
  bool: fc.boolean(),
  string: fc.oneof(fc.string({ maxLength: 4 }), fc.string({ minLength: 20, maxLength: 40 })),
};

type Form = ColumnKind | "plain";
const forms: readonly Form[] = ["float", "int", "uint", "time", "bool", "string", "plain"];

function columnOf(form: Form, values: readonly Raw[]): FlatColumn {
  const builder = form === "plain" ? new PlainBuilder() : columnBuilder(form);
  for (const value of values) builder.append(value);
  return builder.finish();
}

function arbitraryOf(form: Form, nulls: boolean): fc.Arbitrary<Raw[]> {
  const cell = cells[form === "plain" ? "string" : form];
  return fc.array(nulls ? fc.option(cell) : cell, { maxLength: 30 });
}

const texts = (column: FlatColumn): Raw[] =>
  Array.from({ length: rowsOf(column) }, (_, row) => cellAt(column, row));

const given = fc.constantFrom(...forms).chain((form) =>
  fc.boolean().chain((nulls) =>
    fc.record({
      form: fc.constant(form),
      pieces: fc.array(arbitraryOf(form, nulls), { minLength: 1, maxLength: 5 }),
    }),
  ),
);

test("columns end to end have the cells of all, whatever was cut from them", () => {
  const property = fc.property(given, fc.nat(), ({ form, pieces }, number) => {
    const columns = pieces.map((values) => {
      const from = number % (values.length + 1);
      return slice(columnOf(form, values), from, values.length);
    });
    const expected = pieces.flatMap((values) => values.slice(number % (values.length + 1)));
    expect(texts(concatenate(columns))).toEqual(expected);
  });
  fc.assert(property, { seed: 1 });
});

test("rows taken from a column are those that were named", () => {
  const property = fc.property(given, fc.array(fc.nat()), ({ form, pieces: [values] }, numbers) => {
    if (values.length === 0) return;
    const rows = Uint32Array.from(numbers, (number) => number % values.length);
    const taken = gather(columnOf(form, values), rows, rows.length);
    expect(texts(taken)).toEqual(Array.from(rows, (row) => values[row]));
  });
  fc.assert(property, { seed: 2 });
});

test("a cell a table becomes one for each of its rows", () => {
  const sizes = fc.array(fc.oneof(fc.nat(3), fc.integer({ min: 30, max: 80 })), { maxLength: 30 });
  const property = fc.property(given, sizes, ({ form, pieces: [values] }, lengths) => {
    const tables = values.map((_, table) => lengths[table] ?? 1);
    let rows = 0;
    const tableEnds = Uint32Array.from(tables, (length) => (rows += length));
    const kind = form === "plain" ? "string" : form;
    const spread = expand({ kind, form: "table", values: columnOf(form, values) }, tableEnds);
    expect(texts(spread)).toEqual(
      values.flatMap((value, table) => Array.from({ length: tables[table] }, () => value)),
    );
  });
  fc.assert(property, { seed: 3 });
});

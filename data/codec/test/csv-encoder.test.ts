import { readFileSync } from "node:fs";
import { CsvEncoder, decodeCsvText, resultEncoder } from "@tocsin/data/codec";
import { type Batch, cellOf, columnBuilder, slice, tablesBetween } from "@tocsin/data/column";
import type { ColumnKind, Raw } from "@tocsin/data/value";
import { utf8 } from "@tocsin/platform/host";
import fc from "fast-check";
import { expect, test } from "vitest";

const golden = (name: string): Uint8Array =>
  readFileSync(new URL(`golden/${name}.csv`, import.meta.url));

/** Decodes and writes again, each result with its end. */
function rewritten(bytes: Uint8Array, encoder = new CsvEncoder()): string {
  let text = "";
  let last: string | undefined;
  for (const { result, batch } of decodeCsvText(bytes)) {
    if (last !== undefined && last !== result) text += utf8.decode(encoder.endResult());
    last = result;
    text += utf8.decode(encoder.batch(result, batch));
  }
  return text + utf8.decode(encoder.endResult());
}

test.each(["scalars", "empty-tables", "nulls-and-schemas"])(
  "what upstream wrote is written again byte for byte: %s",
  (name) => {
    const bytes = golden(name);
    expect(rewritten(bytes)).toBe(utf8.decode(bytes));
  },
);

test("a result without tables is an empty line", () => {
  const bytes = golden("several-results");
  const [one, three] = [...decodeCsvText(bytes)].map(({ batch }) => batch);
  const encoder = new CsvEncoder();
  const pieces = [
    encoder.batch("one", one),
    encoder.endResult(),
    encoder.endResult(),
    encoder.batch("three", three),
    encoder.endResult(),
  ];
  expect(pieces.map((piece) => utf8.decode(piece)).join("")).toBe(utf8.decode(bytes));
});

test.each(["scalars", "empty-tables", "nulls-and-schemas"])(
  "a table may begin with a piece that has no rows: %s",
  (name) => {
    const bytes = golden(name);
    const encoder = new CsvEncoder();
    let text = "";
    for (const { result, batch } of decodeCsvText(bytes)) {
      for (let table = 0; table < batch.tableEnds.length; table++) {
        const one = tablesBetween(batch, table, table + 1);
        const columns = one.columns.map((column) =>
          column.form === "table" ? column : slice(column, 0, 0),
        );
        const begun = { ...one, columns, rows: 0, tableEnds: Uint32Array.of(0), open: true };
        for (const piece of [begun, begun, one]) text += utf8.decode(encoder.batch(result, piece));
      }
    }
    expect(text + utf8.decode(encoder.endResult())).toBe(utf8.decode(bytes));
  },
);

test("the dialect says which annotations, header and delimiter there are", () => {
  const bytes = golden("nulls-and-schemas");
  const encoder = new CsvEncoder({ annotations: ["group"], header: false, delimiter: ";" });
  expect(rewritten(bytes, encoder).split("\r\n").slice(0, 3)).toEqual([
    "#group;false;false;true;false;false",
    ";_result;0;a;1;",
    ";_result;0;a;;2",
  ]);
});

test("an error after rows stands in a table of its own", () => {
  const encoder = new CsvEncoder();
  const [{ batch }] = [...decodeCsvText(golden("nulls-and-schemas"))];
  const rows = utf8.decode(encoder.batch("_result", batch));
  const text = rows + utf8.decode(encoder.error('it "broke"'));
  expect(text.slice(rows.length)).toBe(
    '\r\n#datatype,string,string\r\n#group,true,true\r\n#default,,\r\n,error,reference\r\n,"it ""broke""",\r\n',
  );
  expect(() => [...decodeCsvText(utf8.encode(text))]).toThrow('it "broke"');
});

const cellOfKind: Readonly<Record<ColumnKind, fc.Arbitrary<Raw>>> = {
  // A carriage return before a line break is not kept by any reader of CSV, and no text is no value.
  string: fc
    .string({ unit: "grapheme", minLength: 1 })
    .map((text) => text.replaceAll("\r", "") || "-"),
  int: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  uint: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  time: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  float: fc.double(),
  bool: fc.boolean(),
};

const tables = fc
  .uniqueArray(
    fc.tuple(
      fc.string({ minLength: 1, maxLength: 8 }).filter((label) => !/[\r#]|^error$/.test(label)),
      fc.constantFrom(...(Object.keys(cellOfKind) as ColumnKind[])),
      fc.boolean(),
    ),
    { selector: ([label]) => label, minLength: 1, maxLength: 5 },
  )
  .chain((columns) => {
    const cells = columns.map(([, kind]) => fc.option(cellOfKind[kind], { nil: null }));
    const table = fc.record({
      key: fc.tuple(...cells),
      rows: fc.array(fc.tuple(...cells), { maxLength: 4 }),
    });
    return fc.record({
      columns: fc.constant(columns),
      tables: fc.array(table, { minLength: 1, maxLength: 5 }),
    });
  });

test("what is written is read again", () => {
  fc.assert(
    fc.property(tables, ({ columns, tables: given }) => {
      const batch = batchOf(columns, given);
      const bytes = new CsvEncoder().batch("r", batch);
      const pieces = [...decodeCsvText(bytes)];
      expect(pieces.every(({ result }) => result === "r")).toBe(true);
      expect(pieces.flatMap((piece) => rowsOf(piece.batch))).toEqual(rowsOf(batch));
    }),
  );
});

type Given = { key: readonly Raw[]; rows: readonly (readonly Raw[])[] };

function batchOf(
  columns: readonly [string, ColumnKind, boolean][],
  given: readonly Given[],
): Batch {
  const ends: number[] = [];
  let rows = 0;
  for (const table of given) ends.push((rows += table.rows.length));
  return {
    schema: columns.map(([label, kind, key]) => ({ label, kind, key })),
    columns: columns.map(([, kind, key], i) => {
      const builder = columnBuilder(kind);
      for (const table of given) {
        if (key) builder.append(table.key[i]);
        else for (const row of table.rows) builder.append(row[i]);
      }
      return key ? { kind, form: "table", values: builder.finish() } : builder.finish();
    }),
    rows,
    tableEnds: Uint32Array.from(ends),
    open: false,
  };
}

/** Cells of all rows; a table without rows as its key. */
function rowsOf(batch: Batch): unknown[] {
  const rows: unknown[] = [];
  let row = 0;
  for (let table = 0; table < batch.tableEnds.length; table++) {
    const { schema, columns } = batch;
    if (row === batch.tableEnds[table]) {
      rows.push([
        "empty",
        schema,
        ...columns.map((one, i) => (schema[i].key ? cellOf(one, 0, table) : "-")),
      ]);
    }
    for (; row < batch.tableEnds[table]; row++) {
      rows.push([schema, ...columns.map((one) => cellOf(one, row, table))]);
    }
  }
  return rows;
}

test("tables for people name their key and line up their columns", () => {
  const encoder = resultEncoder("table");
  let text = "";
  for (const { result, batch } of decodeCsvText(golden("empty-tables"))) {
    text += utf8.decode(encoder.encode(result, batch));
  }
  text += utf8.decode(encoder.end());
  expect(text).toMatchInlineSnapshot(`
    "Result: _result
    Table: keys: [host, region]
    host:string  region:string  _start:time           _stop:time            _time:time            _value:float
    -----------  -------------  --------------------  --------------------  --------------------  ------------
    a            x,y            2020-01-01T00:00:00Z  2020-01-01T00:01:00Z  2020-01-01T00:00:00Z             1
    a            x,y            2020-01-01T00:00:00Z  2020-01-01T00:01:00Z  2020-01-01T00:00:10Z             2
    Table: keys: [host, region]
    host:string  region:string  _start:time  _stop:time  _time:time  _value:float
    -----------  -------------  -----------  ----------  ----------  ------------
    Table: keys: [host, region]
    host:string  region:string  _start:time           _stop:time            _time:time            _value:float
    -----------  -------------  --------------------  --------------------  --------------------  ------------
    c            two\\nlines     2020-01-01T00:00:00Z  2020-01-01T00:01:00Z  2020-01-01T00:00:40Z             5
    "
  `);
});

test("JSON and NDJSON keep every digit, and say what has no value", () => {
  const json = resultEncoder("json");
  const lines = resultEncoder("ndjson");
  let text = "";
  let ndjson = "";
  for (const { result, batch } of decodeCsvText(golden("scalars"))) {
    text += utf8.decode(json.encode(result, batch));
    ndjson += utf8.decode(lines.encode(result, batch));
  }
  text += utf8.decode(json.end());
  expect(ndjson.split("\n")[1]).toBe(
    '{"result":"_result","table":0,"s":"comma, quote \\" and\\nline","f":0.000001,"i":-9223372036854775807,' +
      '"u":18446744073709551615,"b":false,"t":"1969-12-31T23:59:59.999999999Z"}',
  );
  const rows = JSON.parse(text) as Record<string, unknown>[];
  expect(rows.map((row) => row["f"])).toEqual([
    1.5,
    1e-6,
    123456789012345680000,
    "+Inf",
    "NaN",
    -0.1,
    "-Inf",
  ]);
  expect(rows[5]["s"]).toBe(null);
  expect(
    ndjson
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual(rows);
  expect(utf8.decode(resultEncoder("json").end())).toBe("[]\n");
});

test("results whose batches come mixed are written one after the other", () => {
  const [one, three] = [...decodeCsvText(golden("several-results"))].map(({ batch }) => batch);
  const encoder = resultEncoder("csv");
  const text = [
    encoder.encode("one", one),
    encoder.encode("three", three),
    encoder.endResult("three"),
    encoder.endResult("one"),
    encoder.end(),
  ]
    .map((bytes) => utf8.decode(bytes))
    .join("");
  const sorted = [...decodeCsvText(utf8.encode(text))].map(({ result }) => result);
  expect(sorted).toEqual(["one", "three"]);
});

import { type CsvOptions, type CsvPiece, CsvDecoder, decodeCsvText } from "@tocsin/data/codec";
import { type Batch, cellOf } from "@tocsin/data/column";
import { utf8 } from "@tocsin/platform/host";
import { expect, test } from "vitest";

/** Rows as text: `result/table | label:kind=cell …`, group columns with a star; an empty table as `-`. */
function shown(pieces: Iterable<CsvPiece>): string[] {
  const lines: string[] = [];
  let table = -1;
  let open = false;
  for (const { result, batch } of pieces) {
    for (let t = 0; t < batch.tableEnds.length; t++) {
      if (t > 0 || !open) table += 1;
      const from = t === 0 ? 0 : batch.tableEnds[t - 1];
      const goesOn = open && t === 0;
      if (from === batch.tableEnds[t] && !goesOn)
        lines.push(`${result}/${table} - ${keyText(batch, t)}`);
      for (let row = from; row < batch.tableEnds[t]; row++) {
        lines.push(`${result}/${table} ${rowText(batch, row, t)}`);
      }
    }
    open = batch.open;
  }
  return lines;
}

function rowText(batch: Batch, row: number, table: number): string {
  return batch.schema
    .map(({ label, kind, key }, i) => {
      const cell = cellOf(batch.columns[i], row, table);
      return `${label}${key ? "*" : ""}:${kind}=${typeof cell === "string" ? JSON.stringify(cell) : cell}`;
    })
    .join(" ");
}

function keyText(batch: Batch, table: number): string {
  return batch.schema
    .map(({ label, key }, i) => (key ? `${label}*=${cellOf(batch.columns[i], 0, table)}` : label))
    .join(" ");
}

const decoded = (text: string, options: CsvOptions = {}): string[] =>
  shown([...decodeCsvText(utf8.encode(text), options)]);

const sample =
  `#datatype,string,long,string,double,long,unsignedLong,boolean,dateTime:RFC3339,string
#group,false,false,true,false,false,false,false,false,false
#default,_result,,,,7,,,,
,result,table,host,f,i,u,b,t,s
,,0,a,1.5,,1,true,2020-01-01T00:00:00.5Z,"x ""y"", z"
,,0,a,,-3,2,F,1969-12-31T23:59:59Z,"two
lines"
,,1,b,1e3,0,3,1,2020-01-01T01:00:00+01:00,ü😀

#datatype,string,long,string,string
#group,false,false,true,true
#default,other,4,k,
,result,table,x,y

`.replaceAll("\n", "\r\n");

test("annotated CSV becomes tables with typed columns", () => {
  expect(decoded(sample)).toEqual([
    '_result/0 host*:string="a" f:float=1.5 i:int=7 u:uint=1 b:bool=true t:time=1577836800500000000 s:string="x \\"y\\", z"',
    '_result/0 host*:string="a" f:float=null i:int=-3 u:uint=2 b:bool=false t:time=-1000000000 s:string="two\\nlines"',
    '_result/1 host*:string="b" f:float=1000 i:int=0 u:uint=3 b:bool=true t:time=1577836800000000000 s:string="ü😀"',
    "other/2 - x*=k y*=null",
  ]);
});

test("wherever the bytes are cut, the tables are the same", () => {
  const bytes = utf8.encode(`\uFEFF${sample}`);
  const whole = shown(decodeCsvText(bytes));
  const pieced = (cuts: readonly Uint8Array[]): string[] => {
    const decoder = new CsvDecoder();
    return shown([...cuts.flatMap((cut) => decoder.push(cut)), ...decoder.finish()]);
  };
  expect(whole).toHaveLength(4);
  for (let at = 0; at <= bytes.length; at++) {
    expect(pieced([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(whole);
  }
  expect(pieced([...bytes].map((one) => Uint8Array.of(one)))).toEqual(whole);
});

test("line breaks may be \\n, and the last may be missing", () => {
  const plain = sample.replaceAll("\r\n", "\n").trimEnd();
  expect(decoded(plain)).toEqual(decoded(sample));
});

const head =
  "#datatype,string,long,string,double\n#group,false,false,true,false\n#default,r,,,\n,result,table,k,v\n";

test("a table ends where its number or its key changes; an empty number goes on", () => {
  expect(decoded(`${head},,0,a,1\n,,,a,2\n,,1,a,3\n,,1,b,4\n`)).toEqual([
    'r/0 k*:string="a" v:float=1',
    'r/0 k*:string="a" v:float=2',
    'r/1 k*:string="a" v:float=3',
    'r/2 k*:string="b" v:float=4',
  ]);
});

test("quotes are lenient, as upstream's reader is", () => {
  expect(decoded(`${head},,0,a"b,1\n,,0,"a"b",2\n,,0,"a\n,3`.replace("\n,3", '",3'))).toEqual([
    'r/0 k*:string="a\\"b" v:float=1',
    'r/0 k*:string="a\\"b" v:float=2',
    'r/1 k*:string="a" v:float=3',
  ]);
  expect(decoded('a\n"never closed\nto the end', { mode: "raw" })).toEqual([
    '_result/0 a:string="never closed\\nto the end"',
  ]);
});

test("empty text can be kept apart from no value", () => {
  const text =
    "#datatype,string,long,string\n#group,false,false,false\n#default,r,,\n,result,table,s\n,,0,\n";
  expect(decoded(text)).toEqual(["r/0 s:string=null"]);
  expect(decoded(text, { emptyText: "text" })).toEqual(['r/0 s:string=""']);
});

test("raw mode reads a header and text", () => {
  expect(decoded("a,b\n1,#x\n,\n", { mode: "raw" })).toEqual([
    '_result/0 a:string="1" b:string="#x"',
    "_result/0 a:string=null b:string=null",
  ]);
  expect(decoded("a,b\n", { mode: "raw" })).toEqual(["_result/0 - a b"]);
});

test("no bytes are no tables", () => {
  expect(decoded("")).toEqual([]);
  expect(decoded("\r\n\r\n")).toEqual([]);
});

test.each([
  [
    "a row of another width",
    `${head},,0,a\n`,
    "line 5: wrong number of fields: 4, but 5 in the header",
  ],
  [
    "a cell of another type",
    `${head},,0,a,x1\n`,
    'line 5: column "v" holds "x1", which is not a number',
  ],
  [
    "a long cell, which is cut between two characters",
    `${head},,0,a,${"x".repeat(59)}😀x\n`,
    `column "v" holds "${"x".repeat(59)}…", which`,
  ],
  ["a bad cell far down", `${head},,0,a,1\n\n,,0,"a\nb",x\n`, 'line 7: column "v" holds "x"'],
  [
    "a date where a time belongs",
    `${head.replace("double", "dateTime:RFC3339")},,0,a,2026-01-31\n`,
    'line 5: column "v" holds "2026-01-31", which is not a time such as 2026-01-31T09:30:00Z: expected',
  ],
  [
    "a time that nanoseconds cannot hold",
    `${head.replace("double", "dateTime:RFC3339")},,0,a,3000-01-01T00:00:00Z\n`,
    "which is not a time such as 2026-01-31T09:30:00Z: it is outside 1677-09-21 to 2262-04-11",
  ],
  [
    "a time of another layout",
    `${head.replace("double", "dateTime:2006-01-02")},,0,a,31.01.2026\n`,
    "which is not a time as 2006-01-02 writes it: expected",
  ],
  [
    "no annotations",
    "a,b\n1,2\n",
    'missing expected annotation datatype. for CSV without annotations use mode: "raw"',
  ],
  [
    "no default",
    "#datatype,string,long\n#group,false,false\n,result,table\n",
    "missing expected annotation default",
  ],
  ["no header", head.split("\n").slice(0, 3).join("\n"), "the header row is missing"],
  ["a strange type", head.replace("double", "decimal"), 'unsupported data type "decimal"'],
  [
    "a bad default",
    head.replace("#default,r,,,", "#default,r,,,x"),
    'column "v" has the default "x"',
  ],
  ["an empty table without number", head, "missing table ID"],
  ["a label twice", head.replace("k,v", "k,k"), 'column "k" occurs twice in the header'],
])("%s is an error that says where", (_, text, message) => {
  expect(() => decoded(text)).toThrow(message);
});

test("an error that the sender wrote into the data is raised with its words", () => {
  const error =
    '#datatype,string,string\n#group,true,true\n#default,,\n,error,reference\n,"it, broke",897\n';
  expect(() => decoded(error)).toThrow("it, broke");
  expect(() => decoded(`${head},,0,a,1\n\n${error}`)).toThrow("it, broke");
});

test("long tables go on in further batches", () => {
  const rows = Array.from({ length: 150_000 }, (_, i) => `,,${i < 140_000 ? 0 : 1},a,${i}`).join(
    "\n",
  );
  const batches = [...decodeCsvText(utf8.encode(`${head}${rows}\n`))].map(({ batch }) => batch);
  expect(batches.map(({ rows: count, open, tableEnds }) => [count, open, [...tableEnds]])).toEqual([
    ...Array.from({ length: 8 }, () => [16_384, true, [16_384]]),
    [16_384, true, [8_928, 16_384]],
    [2_544, false, [2_544]],
  ]);
});

test("text of which few values repeat leaves the dictionary, and keeps its values", () => {
  const count = 10_000;
  const text =
    "#datatype,string,long,string\n#group,false,false,false\n#default,r,,\n,result,table,s\n";
  const rows = Array.from({ length: count }, (_, i) => `,,0,${i % 7 === 0 ? "" : `id-${i}`}`).join(
    "\n",
  );
  const [{ batch }] = [...decodeCsvText(utf8.encode(`${text}${rows}\n`))];
  expect(batch.columns[0].form).toBe("plain");
  for (let row = 0; row < count; row++) {
    expect(cellOf(batch.columns[0], row, 0)).toBe(row % 7 === 0 ? null : `id-${row}`);
  }
});

const wideLabels = Array.from({ length: 40 }, (_, i) => `s${i}`);

/** A table of many columns of texts. */
function wideTexts(rows: number, cell: (label: string, row: number) => string): Uint8Array {
  const line = (first: string, cellOf: (label: string) => string): string =>
    [first, ...wideLabels.map(cellOf)].join(",");
  const lines = [
    line("#datatype,string,long", () => "string"),
    line("#group,false,false", () => "false"),
    line("#default,r,", () => ""),
    line(",result,table", (label) => label),
    ...Array.from({ length: rows }, (_, row) => line(",,0", (label) => cell(label, row))),
  ];
  return utf8.encode(`${lines.join("\n")}\n`);
}

test("a batch holds few bytes of texts, however long they are and however many columns have them", () => {
  const rows = 3000;
  const text = wideTexts(rows, (label, row) => `${label}-${row}-`.padEnd(60, "x"));
  let row = 0;
  for (const { batch } of decodeCsvText(text)) {
    const bytes = batch.columns.reduce(
      (sum, one) => sum + (one.form === "plain" ? (one.offsets.at(-1) ?? 0) : 0),
      0,
    );
    expect(bytes).toBeLessThan(1024 * 1024);
    for (let i = 0; i < batch.rows; i += 1, row += 1)
      expect(cellOf(batch.columns[row % 40], i, 0)).toBe(`s${row % 40}-${row}-`.padEnd(60, "x"));
  }
  expect(row).toBe(rows);
});

test("empty cells are no values that come again: texts that differ leave their dictionary soon in wide tables", () => {
  const text = wideTexts(8000, (label, row) => (row % 10 === 3 ? "" : `${label}-${row}`));
  const batches = [...decodeCsvText(text)].map(({ batch }) => batch);
  expect(batches.length).toBeGreaterThan(2);
  for (const { columns } of batches.slice(1))
    expect(columns.map(({ form }) => form)).toEqual(wideLabels.map(() => "plain"));
});

import { indexOf, keyOf, type Table, tableKey, valueOf } from "@tocsin/data/column";
import {
  array,
  type ArrayValue,
  boxed,
  FluxError,
  type FunctionValue,
  invalid,
  kindName,
  record,
  type RecordValue,
} from "@tocsin/data/value";
import { heldKind } from "@tocsin/engine/execute";
import { callFunction, rowValue } from "@tocsin/engine/expression";
import { type Arguments, native, type Run } from "@tocsin/engine/interpret";

/** The first table whose group key satisfies `fn`, or undefined. */
async function findTable(args: Arguments, run: Run): Promise<Table | undefined> {
  const fn = args.func("fn");
  for (const table of await run.execute(args.stream("tables")))
    if (await keyHolds(fn, table, args)) return table;
  return undefined;
}

async function keyHolds(fn: FunctionValue, table: Table, args: Arguments): Promise<boolean> {
  const { labels, kinds, cells } = keyOf(table, 0);
  const key = record(labels.map((label, i) => [label, boxed(kinds[i], cells[i])]));
  const answer = await callFunction(fn, new Map([["key", key]]), args.site);
  if (answer.kind === "null") return false;
  if (answer.kind === "bool") return answer.value;
  throw invalid(`${args.function}: fn should return a bool, but returns ${kindName(answer)}`);
}

/** The one table of a stream that `tableFind` gave. */
async function oneTable(args: Arguments, run: Run): Promise<Table> {
  const tables = await run.execute(args.stream("table"));
  if (tables.length === 1) return tables[0];
  const hint = "pipe the stream through tableFind(fn: (key) => …) first";
  if (tables.length === 0) throw new FluxError("not found", "no table found", { hint });
  throw invalid(`${args.function}: expected one table, but there are ${tables.length}`, hint);
}

function columnOf(table: Table, label: string): ArrayValue | undefined {
  const at = indexOf(table.schema, label);
  if (at < 0) return undefined;
  const column = table.columns[at];
  return array(Array.from({ length: table.rows }, (_, row) => valueOf(column, row, 0)));
}

function rowOf(table: Table, row: number): RecordValue | undefined {
  return row >= 0 && row < table.rows ? rowValue(table, row, 0) : undefined;
}

export const tableFind = native({
  name: "tableFind",
  type: "(<-tables: stream[A], fn: (key: B) => bool) => stream[A] where A: Record, B: Record",
  docs:
    "Runs a stream and gives its first table for whose group key `fn` holds, for `getColumn` and " +
    "`getRecord`. No such table is an error; `findColumn` and `findRecord` forgive it.",
  example: `import "array"
import "sampledata"
table = sampledata.int() |> tableFind(fn: (key) => key.tag == "t1")
array.from(rows: [{n: length(arr: getColumn(table: table, column: "_value"))}])`,
  effect: "reads",
  call: async (args, run, site) => {
    const table = await findTable(args, run);
    if (table !== undefined) return run.stream(heldKind, { tables: [table] }, [], site.at);
    const keys = (await run.execute(args.stream("tables"))).map((one) => tableKey(one).labels);
    throw new FluxError("not found", "no table found", {
      hint:
        keys.length === 0
          ? "the stream has no tables; findRecord and findColumn give an empty result then"
          : `none of the ${keys.length} tables matches; the first has the key columns ${keys[0].join(", ")}`,
    });
  },
});

export const getColumn = native({
  name: "getColumn",
  type: "(<-table: stream[A], column: string) => [B] where A: Record",
  docs: "The values of one column of the table that `tableFind` gave, as an array.",
  example: `import "array"
import "sampledata"
values = sampledata.int() |> tableFind(fn: (key) => key.tag == "t1") |> getColumn(column: "_value")
array.from(rows: [{first: values[0]}])`,
  effect: "reads",
  call: async (args, run) => {
    const table = await oneTable(args, run);
    const label = args.string("column");
    const column = columnOf(table, label);
    if (column !== undefined) return column;
    const there = table.schema.map((spec) => spec.label).join(", ");
    throw invalid(`cannot find column ${label}`, `the table has the columns ${there}`);
  },
});

export const getRecord = native({
  name: "getRecord",
  type: "(<-table: stream[A], idx: int) => A where A: Record",
  docs: "One row, counted from 0, of the table that `tableFind` gave, as a record.",
  example: `import "array"
import "sampledata"
row = sampledata.int() |> tableFind(fn: (key) => key.tag == "t1") |> getRecord(idx: 0)
array.from(rows: [row])`,
  effect: "reads",
  call: async (args, run) => {
    const table = await oneTable(args, run);
    const idx = args.count("idx");
    const row = rowOf(table, idx);
    if (row !== undefined) return row;
    throw new FluxError("out of range", `index out of bounds: ${idx}`, {
      hint: `the table has ${table.rows} rows, numbered from 0`,
    });
  },
});

export const findColumn = native({
  name: "findColumn",
  type: "(<-tables: stream[A], fn: (key: B) => bool, column: string) => [C] where A: Record, B: Record",
  docs:
    "Runs a stream and gives one column, as an array, of its first table for whose group key `fn` holds. " +
    "An empty array when there is no such table or column.",
  example: `import "array"
import "sampledata"
values = sampledata.int() |> findColumn(fn: (key) => key.tag == "t1", column: "_value")
array.from(rows: [{first: values[0]}])`,
  effect: "reads",
  call: async (args, run) => {
    const table = await findTable(args, run);
    return (table && columnOf(table, args.string("column"))) ?? array([]);
  },
});

export const findRecord = native({
  name: "findRecord",
  type: "(<-tables: stream[A], fn: (key: B) => bool, idx: int) => A where A: Record, B: Record",
  docs:
    "Runs a stream and gives one row, counted from 0, of its first table for whose group key `fn` holds. " +
    "A record without fields when there is no such table or row: test its fields with `exists`.",
  example: `import "array"
import "sampledata"
row = sampledata.int() |> findRecord(fn: (key) => key.tag == "t1", idx: 0)
array.from(rows: [{value: row._value}])`,
  effect: "reads",
  call: async (args, run) => {
    const table = await findTable(args, run);
    const row = table && rowOf(table, args.count("idx"));
    return row ?? { ...record({}), absent: "findRecord found no row" };
  },
});

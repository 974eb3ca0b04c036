import {
  DatabaseError,
  type Databases,
  type DataSource,
  type SqlRows,
} from "@tocsin/platform/host";
import { expect, test } from "vitest";
import { run, shown } from "./script.ts";

const columns: SqlRows["columns"] = [
  { label: "host", kind: "string" },
  { label: "limit", kind: "float" },
];

const at = 'driverName: "postgres", dataSourceName: "postgres://u:pass@h/d"';

/** Answers every query with these pieces; keeps what was asked and added. */
function answering(...pieces: readonly SqlRows["rows"][]): {
  databases: Databases;
  asked: string[];
  added: { source: DataSource; table: string; pieces: SqlRows[] }[];
} {
  const asked: string[] = [];
  const added: { source: DataSource; table: string; pieces: SqlRows[] }[] = [];
  const databases: Databases = {
    query: async function* ({ driver }, statement) {
      asked.push(`${driver}: ${statement}`);
      for (const rows of pieces) yield { columns, rows };
    },
    insert: async (source, table, rows) => void added.push({ source, table, pieces: [...rows] }),
  };
  return { databases, asked, added };
}

test("sql.from makes one table of all pieces", async () => {
  const { databases, asked } = answering(
    [
      ["a", 1.5],
      [null, null],
    ],
    [["b", 2]],
  );
  const { tables } = await run(
    `import "sql"\nsql.from(${at}, query: "SELECT 1")`,
    undefined,
    undefined,
    databases,
  );
  expect(asked).toEqual(["postgres: SELECT 1"]);
  expect(tables.get("_result")?.map((table) => shown(table).rows)).toEqual([
    ["host=a limit=1.5", "host=null limit=null", "host=b limit=2"],
  ]);
});

test("sql.from of no rows is a table without rows, which can be joined", async () => {
  const { databases } = answering([]);
  const { report } = await run(
    `import "array"
import "sql"
join(tables: {a: sql.from(${at}, query: "SELECT 1"), b: array.from(rows: [{host: "a"}])}, on: ["host"])`,
    undefined,
    undefined,
    databases,
  );
  expect(report.errors).toEqual([]);
});

test("sql.to adds all tables in one go and passes them on", async () => {
  const { databases, added } = answering();
  const { tables } = await run(
    `import "array"
import "sql"
array.from(rows: [{host: "a", n: 1, ok: true}, {host: "b", n: 2, ok: false}])
    |> group(columns: ["host"])
    |> sql.to(${at}, table: "seen")
    |> count(column: "n")`,
    undefined,
    undefined,
    databases,
  );
  expect(added).toHaveLength(1);
  expect(added[0].table).toBe("seen");
  expect(added[0].pieces.flatMap(({ rows }) => rows)).toEqual([
    ["a", 1n, true],
    ["b", 2n, false],
  ]);
  expect([...tables.values()].flat()).toHaveLength(2);
});

test("sql.to asks no database when there are no rows", async () => {
  const { databases, added } = answering();
  const { report } = await run(
    `import "array"
import "sql"
array.from(rows: [{host: "a"}]) |> filter(fn: (r) => r.host == "b") |> sql.to(${at}, table: "seen")`,
    undefined,
    undefined,
    databases,
  );
  expect([report.errors, added]).toEqual([[], []]);
});

test("what a database says is an error of the call", async () => {
  const failing: Databases = {
    // oxlint-disable-next-line require-yield
    query: async function* () {
      throw new DatabaseError("there is no table x", "make it");
    },
    insert: async () => undefined,
  };
  const script = `import "sql"\nsql.from(${at}, query: "SELECT * FROM x")`;
  const { report } = await run(script, undefined, undefined, failing);
  expect(report.errors.map(({ error }) => [error.message, error.hint])).toEqual([
    ["sql.from: there is no table x", "make it"],
  ]);
  const nowhere = await run(script);
  expect(nowhere.report.errors.map(({ error }) => error.message)).toEqual([
    "sql: databases cannot be asked here",
  ]);
});

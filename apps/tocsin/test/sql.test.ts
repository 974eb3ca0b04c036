import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { Desk } from "./terminal.ts";

const script = (name: string): string => `import "array"
import "sql"

limits = sql.from(driverName: "sqlite3", dataSourceName: "${name}", query: "SELECT host, most FROM limits")
loads = array.from(rows: [{host: "a", load: 0.5}, {host: "b", load: 0.9}])

join(tables: {limits: limits, loads: loads}, on: ["host"])
    |> filter(fn: (r) => r.load > r.most)
    |> sql.to(driverName: "sqlite3", dataSourceName: "${name}", table: "above")
`;

function withLimits(desk: Desk): DatabaseSync {
  const database = new DatabaseSync(desk.path("a.db"));
  database.exec("CREATE TABLE limits (host TEXT, most REAL)");
  database.exec("INSERT INTO limits VALUES ('a', 0.8), ('b', 0.8)");
  return database;
}

test("a script reads a database and adds to it; its dry run only reads", async () => {
  const desk = new Desk();
  const database = withLimits(desk);
  desk.file("a.flux", script(desk.path("a.db")));
  const tables = (): unknown[] =>
    database.prepare("SELECT name FROM sqlite_master WHERE name = 'above'").all();
  const dry = await desk.run("run", "--dry-run", "a.flux");
  expect([dry.code, dry.err, tables()]).toEqual([0, "", []]);
  const { code, out, err } = await desk.run("run", "--output", "csv", "a.flux");
  expect([code, err]).toEqual([0, ""]);
  expect(out).toContain(",,0,b,0.9,0.8");
  const added = database.prepare("SELECT host, load, most FROM above").all();
  expect(added.map((row) => ({ ...row }))).toEqual([{ host: "b", load: 0.9, most: 0.8 }]);
  database.close();
});

test("explain says which databases a script asks, and opens none", async () => {
  const desk = new Desk();
  desk.file("a.flux", script("none.db"));
  const { code, out } = await desk.run("explain", "a.flux");
  expect(code).toBe(0);
  expect(out).toContain(
    'It queries a "sqlite3" database: "SELECT host, most FROM limits" (line 4).',
  );
  expect(out).toContain('It adds rows to the table "above" of a "sqlite3" database (line 9).');
  const { code: planned } = await desk.run("explain", "--plan", "a.flux");
  expect(planned).toBe(0);
});

test("the password of a database is never shown", async () => {
  const desk = new Desk();
  desk.file(
    "a.flux",
    `import "sql"
sql.from(driverName: "postgres", dataSourceName: "postgres://ann:hunter2pass@127.0.0.1:1/d", query: "SELECT 1")`,
  );
  const { code, out, err } = await desk.run("run", "a.flux");
  expect(code).toBe(1);
  expect(err).toContain("sql.from: PostgreSQL says: connect ECONNREFUSED 127.0.0.1:1");
  for (const argv of [["explain"], ["explain", "--plan"], ["check"]]) {
    const said = await desk.run(...argv, "a.flux");
    expect(said.out + said.err).not.toContain("hunter2pass");
  }
  expect(out + err).not.toContain("hunter2pass");
});

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openDatabases } from "@tocsin/adapters/databases";
import { type DatabaseError, type SqlCell, type SqlRows, Stopper } from "@tocsin/platform/host";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type PostgresServer, startPostgres } from "./postgres-server.ts";

let folder: string;
let server: PostgresServer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tocsin-databases-"));
  server = await startPostgres();
}, 60_000);

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await server.close();
});

const databases = openDatabases({ readOnly: false });
const lookingOnly = openDatabases({ readOnly: true });

const sources = {
  sqlite3: () => ({ driver: "sqlite3", name: `file:${folder}/a.db` }),
  postgres: () => ({
    driver: "postgres",
    name: `postgres://postgres:secret@127.0.0.1:${server.port}/postgres`,
  }),
};

/** All rows of an answer. */
async function all(pieces: AsyncIterable<SqlRows>): Promise<SqlRows> {
  const rows: (readonly SqlCell[])[] = [];
  let columns: SqlRows["columns"] = [];
  for await (const piece of pieces) {
    columns = piece.columns;
    rows.push(...piece.rows);
  }
  return { columns, rows };
}

const wrong = (promise: Promise<unknown>): Promise<DatabaseError> =>
  promise.then(
    () => expect.fail("it should have failed"),
    (error: DatabaseError) => error,
  );

const NOON = 1_577_880_000_123_456_000n;

const roster: SqlRows = {
  columns: [
    { label: "name", kind: "string" },
    { label: "on call", kind: "bool" },
    { label: "since", kind: "time" },
    { label: 'pages "sent"', kind: "int" },
    { label: "load", kind: "float" },
  ],
  rows: [
    ["Ann O'Neil", true, NOON, 9_007_199_254_740_993n, 0.1],
    ["Bob; DROP TABLE x", false, 0n, -1n, 2],
    [null, null, null, null, null],
  ],
};

describe.each(["sqlite3", "postgres"] as const)("%s", (driver) => {
  test("gives back what was added, to a table that it made", async () => {
    const source = sources[driver]();
    await databases.insert(source, 'a "roster"', [roster]);
    await databases.insert(source, 'a "roster"', [{ ...roster, rows: roster.rows.slice(0, 1) }]);
    const answer = await all(databases.query(source, 'SELECT * FROM "a ""roster""" ORDER BY name'));
    expect(answer.columns).toEqual(roster.columns);
    expect(answer.rows).toHaveLength(4);
    expect(answer.rows).toEqual(expect.arrayContaining([...roster.rows]));
  });

  test("adds all rows or none", async () => {
    const source = sources[driver]();
    const few = { columns: roster.columns.slice(0, 1), rows: [["x"]] };
    const other = { columns: [{ label: "other", kind: "int" as const }], rows: [[1n]] };
    const error = await wrong(databases.insert(source, "half", [few, other]));
    expect(error.message).toMatch(/other/u);
    const gone = await wrong(all(databases.query(source, "SELECT * FROM half")));
    expect(gone.message).toMatch(/half/u);
  });

  test("keeps more rows than one piece in order", async () => {
    const source = sources[driver]();
    const rows = Array.from({ length: 2500 }, (_, i) => [BigInt(i), `row ${i}`]);
    const columns = [
      { label: "n", kind: "int" as const },
      { label: "text", kind: "string" as const },
    ];
    await databases.insert(source, "many", [{ columns, rows }]);
    const answer = await all(databases.query(source, "SELECT * FROM many ORDER BY n"));
    expect(answer.rows).toEqual(rows);
    const stop = new Stopper();
    let seen = 0;
    const reading = (async () => {
      for await (const piece of databases.query(source, "SELECT * FROM many", stop)) {
        seen += piece.rows.length;
        stop.abort();
      }
    })();
    expect((await wrong(reading)).message).toBe("stopped");
    expect(seen).toBe(1000);
  });

  test("that is only to be looked at changes nothing", async () => {
    const source = sources[driver]();
    const columns = [{ label: "n", kind: "int" as const }];
    await databases.insert(source, "kept", [{ columns, rows: [[1n]] }]);
    await lookingOnly.insert(source, "kept", [{ columns, rows: [[2n]] }]);
    const error = await wrong(all(lookingOnly.query(source, "DELETE FROM kept RETURNING n")));
    expect(error.message).toMatch(/read-?only/u);
    expect((await all(lookingOnly.query(source, "SELECT n FROM kept"))).rows).toEqual([[1n]]);
  });

  test("says what is wrong with a query, and does not do half of one", async () => {
    const source = sources[driver]();
    const ask = async (query: string): Promise<string> =>
      (await wrong(all(databases.query(source, query)))).message;
    expect(await ask("SELEKT 1")).toMatch(/SELEKT/u);
    expect(await ask("SELECT 1 AS a; SELECT 2 AS a")).toMatch(/one statement|multiple commands/u);
    expect(await all(databases.query(source, "SELECT 'x' AS a -- ;\n ; "))).toEqual({
      columns: [{ label: "a", kind: "string" }],
      rows: [["x"]],
    });
    const none = await all(databases.query(source, "SELECT 'x' AS a WHERE 1 = 2"));
    expect([none.columns.length, none.rows.length]).toEqual([1, 0]);
  });
});

test("SQLite's columns have the types that they were declared with, others those of their values", async () => {
  const path = join(folder, "types.db");
  const made = new DatabaseSync(path);
  made.exec(`CREATE TABLE t (r REAL, n NUMERIC, v VARCHAR(9), d DATE, b BLOB, s TIMESTAMP, i INTEGER);
    INSERT INTO t VALUES (1, 5, 7, '2020-01-01', x'4142', 1577836800, 1),
      (2.5, 1.5, 'y', '2020-01-01 10:30+02:00', 'z', 1577836800123, 2);`);
  made.close();
  const { columns, rows } = await all(
    databases.query({ driver: "sqlite3", name: path }, "SELECT *, i + 0.5 AS e FROM t ORDER BY i"),
  );
  expect(columns.map(({ kind }) => kind).join(" ")).toBe(
    "float float string time string time int float",
  );
  const day = 1_577_836_800_000_000_000n;
  expect(rows).toEqual([
    [1, 5, "7", day, "AB", day, 1n, 1.5],
    [
      2.5,
      1.5,
      "y",
      day + 8n * 3_600_000_000_000n + 1_800_000_000_000n,
      "z",
      day + 123_000_000n,
      2n,
      2.5,
    ],
  ]);
});

test("a value that does not fit its column in SQLite is said", async () => {
  const path = join(folder, "odd.db");
  const made = new DatabaseSync(path);
  made.exec("CREATE TABLE t (i INTEGER, d DATE); INSERT INTO t VALUES ('many', 'soon')");
  made.close();
  const ask = async (query: string): Promise<string> =>
    (await wrong(all(databases.query({ driver: "sqlite3", name: path }, query)))).message;
  expect(await ask("SELECT i FROM t")).toBe('column i is int, but a row holds "many"');
  expect(await ask("SELECT d FROM t")).toBe(
    'column d holds "soon", which is not a time between 1677 and 2262',
  );
});

test("a database of SQLite that is not there is not made by a question", async () => {
  const name = join(folder, "none.db");
  const error = await wrong(all(databases.query({ driver: "sqlite3", name }, "SELECT 1")));
  expect(error.message).toBe(`there is no file ${name}`);
  expect(existsSync(name)).toBe(false);
});

test("PostgreSQL's types", async () => {
  const { columns, rows } = await all(
    databases.query(
      {
        driver: "postgres",
        name: `host=127.0.0.1 port=${server.port} user=postgres sslmode=disable`,
      },
      `SELECT 1::int2 AS a, 2::int8 AS b, 1.5::float4 AS c, 1.25::numeric AS d, '{"x":1}'::jsonb AS e,
        '2020-01-01 10:00:00+02'::timestamptz AS f, '2020-01-01'::date AS g, 'infinity'::float8 AS h,
        ARRAY[1,2] AS i, true AS j`,
    ),
  );
  expect(columns.map(({ kind }) => kind).join(" ")).toBe(
    "int int float string string time time float string bool",
  );
  const day = 1_577_836_800_000_000_000n;
  const eight = day + 8n * 3_600_000_000_000n;
  expect(rows).toEqual([[1n, 2n, 1.5, "1.25", '{"x": 1}', eight, day, Infinity, "{1,2}", true]]);
});

test("a run that ends does not wait for a server that says nothing", async () => {
  const silent = createServer();
  const came = new Promise((resolve) => silent.once("connection", resolve));
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const address = silent.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  const stop = new Stopper();
  const source = { driver: "postgres", name: `postgres://u@127.0.0.1:${port}/d` };
  const answer = wrong(all(databases.query(source, "SELECT 1", stop)));
  await came;
  stop.abort();
  expect((await answer).message).toBe("stopped");
  await new Promise((resolve) => silent.close(resolve));
});

test("what is wrong with the name of a database is said without its password", async () => {
  const ask = async (driver: string, name: string): Promise<string> => {
    const error = await wrong(all(databases.query({ driver, name }, "SELECT 1")));
    return `${error.message} (${error.hint ?? ""})`;
  };
  const said = [
    await ask("mysql", "u:secret@tcp(h)/d"),
    await ask("postgres", "postgres://u:sec ret@h:port/d"),
    await ask("postgres", "postgres://u:secret%@h/d"),
    await ask("postgres", "host=h password=secret oops"),
    await ask("postgres", "postgres://u:secret@127.0.0.1:5432/d?sslmode=perhaps"),
    await ask("postgres", "postgres://u:secret@127.0.0.1:1/d"),
  ];
  expect(said.join("\n")).not.toContain("secret");
  expect(said).toEqual([
    'there is no driver "mysql" (Tocsin has sqlite3 and postgres)',
    expect.stringContaining("the data source name is not a URL"),
    expect.stringContaining("the data source name is not a URL"),
    expect.stringContaining("the data source name cannot be understood"),
    expect.stringContaining('there is no sslmode "perhaps"'),
    "PostgreSQL says: connect ECONNREFUSED 127.0.0.1:1 (is the server running, and on this port?)",
  ]);
});

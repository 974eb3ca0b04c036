import type { FieldKind } from "@tocsin/data/codec";
import { FluxError } from "@tocsin/data/value";
import type { CellType, Connection } from "./duckdb.ts";

/** Written into each store, so that a later Tocsin knows what it reads. */
const format = 1;

/** The table that holds the points of fields of a kind. */
export const pointsTable: Readonly<Record<FieldKind, string>> = {
  float: "floats",
  int: "ints",
  uint: "uints",
  string: "strings",
  bool: "bools",
};

/** Types of the values in these tables. */
export const valueType: Readonly<Record<FieldKind, CellType>> = {
  float: "DOUBLE",
  int: "BIGINT",
  uint: "UBIGINT",
  string: "VARCHAR",
  bool: "BOOLEAN",
};

export const fieldKinds = Object.keys(pointsTable) as readonly FieldKind[];

const definitions = [
  "CREATE TABLE state (format INTEGER NOT NULL, commits BIGINT NOT NULL)",
  `INSERT INTO state VALUES (${format}, 0)`,
  `CREATE TABLE series (id INTEGER NOT NULL, measurement VARCHAR NOT NULL, field VARCHAR NOT NULL,
     kind VARCHAR NOT NULL, tags VARCHAR NOT NULL)`,
  `CREATE TABLE field_types (measurement VARCHAR NOT NULL, field VARCHAR NOT NULL,
     week BIGINT NOT NULL, kind VARCHAR NOT NULL)`,
  ...fieldKinds.map(
    (kind) =>
      `CREATE TABLE ${pointsTable[kind]} (time BIGINT NOT NULL, series INTEGER NOT NULL,
         value ${valueType[kind]} NOT NULL)`,
  ),
  // For people with a SQL shell; tags are JSON text: tags->>'host'.
  `CREATE VIEW points AS ${fieldKinds
    .map(
      (kind) =>
        `SELECT make_timestamp_ns(p.time) AS time, s.measurement, s.tags, s.field,
           p.value AS ${kind}_value FROM ${pointsTable[kind]} p JOIN series s ON s.id = p.series`,
    )
    .join(" UNION ALL BY NAME ")}`,
];

/** Makes the tables of a new store; of one that exists it checks the format. */
export async function prepareStore(connection: Connection): Promise<void> {
  if (await hasTables(connection)) return;
  await connection.run("BEGIN");
  for (const definition of definitions) await connection.run(definition);
  await connection.run("COMMIT");
}

/** Whether the store has its tables; false for one that was only just made. Throws for another format. */
export async function hasTables(connection: Connection): Promise<boolean> {
  const known = await formatOf(connection);
  if (known === undefined) return false;
  if (known === format) return true;
  throw new FluxError(
    "failed precondition",
    `the store has format ${String(known)}, and this Tocsin knows format ${format}`,
    { hint: "a newer Tocsin wrote it; use that one, or another data folder" },
  );
}

/** The format that a store says it has; undefined where it has no tables. */
async function formatOf(connection: Connection): Promise<unknown> {
  try {
    return (await connection.ask("SELECT format FROM state")).first() ?? null;
  } catch (error) {
    // To ask for the list of tables first takes longer than most of what follows.
    if (error instanceof Error && /Table with name state does not exist/.test(error.message))
      return undefined;
    throw error;
  }
}

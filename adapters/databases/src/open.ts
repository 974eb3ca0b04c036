import { DatabaseError, type Databases, type DataSource } from "@tocsin/platform/host";
import type { Driver } from "./driver.ts";

/** The drivers by name, each loaded on demand. */
const drivers: Readonly<Record<string, () => Promise<Driver>>> = {
  sqlite3: async () => (await import("./sqlite.ts")).sqlite,
  postgres: async () => (await import("./postgres.ts")).postgres,
};

function driverOf({ driver }: DataSource): Promise<Driver> {
  if (Object.hasOwn(drivers, driver)) return drivers[driver]();
  throw new DatabaseError(
    `there is no driver "${driver}"`,
    `Tocsin has ${Object.keys(drivers).join(" and ")}`,
  );
}

/**
 * The databases that scripts can query, by the names of their drivers. `readOnly`: the database refuses statements
 * that change something, and rows to be added are dropped.
 */
export function openDatabases({ readOnly }: { readonly readOnly: boolean }): Databases {
  return {
    query: async function* (source, statement, signal) {
      const driver = await driverOf(source);
      yield* driver.query(source.name, statement, { readOnly, signal });
    },
    insert: async (source, table, pieces, signal) => {
      const driver = await driverOf(source);
      if (!readOnly) await driver.insert(source.name, table, pieces, signal);
    },
  };
}

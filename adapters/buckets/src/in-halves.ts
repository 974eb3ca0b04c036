import type { Answer, Connection } from "./duckdb.ts";

/** Fewer points than that are not worth a second thread. */
const halvesMin = 200_000;

/**
 * Runs a statement over the points of some series so that floats are always added in the same order, in
 * two threads all the same: DuckDB shares out blocks of rows as threads become free, and the last digits
 * of sums would change from run to run. `sqlOf` gives the statement for a condition on `series`.
 */
export async function inHalves(
  connection: Connection,
  ids: readonly number[],
  rows: number,
  sqlOf: (condition: string) => string,
): Promise<readonly Answer[]> {
  if (rows < halvesMin || ids.length < 2) return [await connection.runAlone(sqlOf("TRUE"))];
  const middle = ids.toSorted((a, b) => a - b)[ids.length >>> 1];
  const other = await connection.another();
  try {
    const halves = [
      connection.runAlone(sqlOf(`series < ${middle}`)),
      other.runAlone(sqlOf(`series >= ${middle}`)),
    ];
    // Nothing is closed while the other half is at work.
    await Promise.allSettled(halves);
    return await Promise.all(halves);
  } finally {
    other.close();
  }
}

import type { StatementSync } from "node:sqlite";

type Prepare = (sql: string) => StatementSync;

/** How many rows are looked at together. */
const atOnce = 1000;

/** Numbers are in the order of recording: behind the first row that is too young all are, but for steps of the clock. */
const oldest = `SELECT id, recorded_at, state IN ('accepted', 'refused', 'superseded', 'discarded') AS settled
  FROM delivery WHERE id > ? ORDER BY id LIMIT ${atOnce}`;

/** Some settled events that were recorded before a time. */
export function settledBefore(time: number, statement: Prepare): number[] {
  const ids: number[] = [];
  for (let after = 0; ;) {
    const rows = statement(oldest).all(after);
    const old = rows.filter((row) => Number(row["recorded_at"]) < time);
    for (const { id, settled } of old) if (settled === 1) ids.push(Number(id));
    if (ids.length > 0 || rows.length < atOnce || old.length === 0) return ids;
    after = Number(rows[rows.length - 1]["id"]);
  }
}

/** Takes events out, with their histories. */
export function forget(ids: readonly number[], statement: Prepare): void {
  for (const id of ids) {
    statement("DELETE FROM journal WHERE delivery_id = ?").run(id);
    statement("DELETE FROM delivery WHERE id = ?").run(id);
    statement("DELETE FROM event WHERE id = ?").run(id);
  }
}

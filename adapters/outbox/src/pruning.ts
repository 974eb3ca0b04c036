import type { StatementSync } from "node:sqlite";

type Prepare = (sql: string) => StatementSync;

const states = ["accepted", "refused", "superseded", "discarded"];

/** Some settled events that were recorded before a time. */
export function settledBefore(time: number, statement: Prepare): number[] {
  // Numbers are in the order of recording, so the first ones of each state are the oldest.
  // The index is named, or SQLite would prepare this anew for each state, in case a partial one served it.
  const first = `SELECT id FROM (SELECT id, recorded_at FROM delivery INDEXED BY delivery_state
    WHERE state = ? ORDER BY id LIMIT 200) WHERE recorded_at < ?`;
  return states
    .flatMap((state) => statement(first).all(state, time))
    .map((row) => Number(row["id"]));
}

/** Takes events out, with their histories. */
export function forget(ids: readonly number[], statement: Prepare): void {
  for (const id of ids) {
    statement("DELETE FROM journal WHERE delivery_id = ?").run(id);
    statement("DELETE FROM delivery WHERE id = ?").run(id);
    statement("DELETE FROM event WHERE id = ?").run(id);
  }
}

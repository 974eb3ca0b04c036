import type { StatementSync } from "node:sqlite";

type Prepare = (sql: string) => StatementSync;

/** How many rows are read together. */
const atOnce = 1000;

/** Ids are in the order of recording: behind a row that is too young all are too young, unless the clock stepped. */
const oldest = `SELECT id, recorded_at, state IN ('accepted', 'refused', 'superseded', 'discarded') AS settled
  FROM delivery WHERE id > ? ORDER BY id LIMIT ${atOnce}`;

/** A recorded time that is so far ahead of now is one of a clock that was wrong. Milliseconds. */
const ahead = 86_400_000;

/** The ids of some settled events that were recorded before a time. Times are milliseconds since 1970. */
export function settledBefore(
  { before, now }: { before: number; now: number },
  statement: Prepare,
): number[] {
  const ids: number[] = [];
  for (let after = 0; ;) {
    const rows = statement(oldest).all(after);
    const old = rows.filter((row) => Number(row["recorded_at"]) < before);
    for (const { id, settled } of old) if (settled === 1) ids.push(Number(id));
    if (ids.length > 0 || rows.length < atOnce) return ids;
    const { id, recorded_at: at } = rows[rows.length - 1];
    const strange = Number(at) > now + ahead;
    if (old.length === 0 && !strange) return ids;
    after = strange ? lastAhead(Number(id), now + ahead, statement) : Number(id);
  }
}

/** The last row, or one before it, of those behind `from` that a clock ahead of time recorded. */
function lastAhead(from: number, limit: number, statement: Prepare): number {
  const next = "SELECT recorded_at FROM delivery WHERE id > ? ORDER BY id LIMIT 1";
  const isAhead = (id: number) => Number(statement(next).get(id)?.["recorded_at"] ?? 0) > limit;
  let [last, step] = [from, atOnce];
  for (; isAhead(last + step); step *= 2) last += step;
  while (step > 1) {
    step = Math.floor(step / 2);
    if (isAhead(last + step)) last += step;
  }
  return last;
}

/** Deletes events with their histories. */
export function forget(ids: readonly number[], statement: Prepare): void {
  for (const id of ids) {
    statement("DELETE FROM journal WHERE delivery_id = ?").run(id);
    statement("DELETE FROM delivery WHERE id = ?").run(id);
    statement("DELETE FROM event WHERE id = ?").run(id);
  }
}

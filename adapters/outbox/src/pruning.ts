import type { StatementSync } from "node:sqlite";

type Prepare = (sql: string) => StatementSync;

/** How many rows are looked at together. */
const atOnce = 1000;

/** Numbers are in the order of recording: behind rows that are too young all are, but for steps of the clock. */
const oldest = `SELECT id, recorded_at, state IN ('accepted', 'refused', 'superseded', 'discarded') AS settled
  FROM delivery WHERE id > ? ORDER BY id LIMIT ${atOnce}`;

/** A clock that shows so much less than what it recorded was set back meanwhile. Milliseconds. */
const ahead = 86_400_000;

/** Some settled events that were recorded before a time. `now`: milliseconds since 1970, as all times. */
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

/** Of rows behind `from`, which a clock recorded that was ahead, the last one or one before it. */
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

/** Takes events out, with their histories. */
export function forget(ids: readonly number[], statement: Prepare): void {
  for (const id of ids) {
    statement("DELETE FROM journal WHERE delivery_id = ?").run(id);
    statement("DELETE FROM delivery WHERE id = ?").run(id);
    statement("DELETE FROM event WHERE id = ?").run(id);
  }
}

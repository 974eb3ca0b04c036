import type { StatementSync } from "node:sqlite";
import type { Delivery, JournalEntry } from "@tocsin/alerting/delivery";
import { digester } from "./digest.ts";
import { changingValues, fixedValues } from "./rows.ts";
import type { SqliteTurns } from "./turns.ts";
import { placing, reinsertion } from "./writes.ts";

/** Rows that were read from a damaged outbox. */
export interface SavedRows {
  readonly deliveries: readonly Delivery[];
  readonly histories: readonly JournalEntry[];
  /** The largest id that was used. */
  readonly last: number;
}

interface Target {
  readonly statement: (sql: string) => StatementSync;
  readonly turns: SqliteTurns;
  /** Writes a line of a history. */
  note(entry: JournalEntry): void;
}

/** Puts rows into a new outbox under their old ids. Call it in a transaction. */
export function putBack(
  { deliveries, histories, last }: SavedRows,
  { statement, turns, note }: Target,
): void {
  const digest = digester(deliveries.length);
  for (const one of deliveries) {
    // The identity is not read back from a damaged file; this one is unique.
    const identity = digest(`saved ${one.id} ${one.runId}`);
    statement(reinsertion).run(Number(one.id), ...fixedValues(one, identity));
    const turn = [0, null, 0, null, null, null, null];
    statement(placing).run(Number(one.id), one.recordedAt, ...changingValues(one), ...turn);
  }
  for (const one of deliveries) turns.adopted(one);
  for (const entry of histories) if (!isFirst(entry)) note(entry);
  statement(
    "INSERT INTO sqlite_sequence SELECT 'event', 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence)",
  ).run();
  statement("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = 'event'").run(last);
}

/** Whether it is the first line, which the row holds; older formats have it among the lines. */
function isFirst({ state, reason }: JournalEntry): boolean {
  return state === "recorded" && reason === "new";
}

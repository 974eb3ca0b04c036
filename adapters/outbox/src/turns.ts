import type { StatementSync } from "node:sqlite";
import {
  type Delivery,
  isUnfinished,
  longestRetryAfter,
  looksBehind,
  type Queued,
  type Turn,
  turnOf,
  urgency,
} from "@tocsin/alerting/delivery";
import { deliveryOf, type Row } from "./rows.ts";

const unfinished = "state IN ('recorded', 'sending', 'waiting')";
/** How many waits are ended in one transaction. */
const wokenAtOnce = 2000;

/** The columns `turn` and `urgency`: which unfinished events may go out. Call it in a transaction. */
export class SqliteTurns {
  readonly #statement: (sql: string) => StatementSync;

  constructor(statement: (sql: string) => StatementSync) {
    this.#statement = statement;
  }

  /** A delivery is stored anew. */
  changed(delivery: Delivery): void {
    const { id, orderKey, state } = delivery;
    if (orderKey !== "") return this.#arrange(orderKey);
    const alone = { id, state, urgency: urgency(delivery) };
    const turn = turnOf(isUnfinished(delivery) ? [alone] : [], state === "sending");
    this.#set(id, turn);
  }
  /** A delivery of a format that knew no turns. */
  adopted(delivery: Delivery): void {
    const sql = "UPDATE delivery SET urgency = ? WHERE id = ?";
    this.#statement(sql).run(urgency(delivery), Number(delivery.id));
    this.changed(delivery);
  }

  #arrange(orderKey: string): void {
    const queue = this.#statement(
      `SELECT id, state, urgency, turn FROM delivery WHERE order_key = ? AND ${unfinished}
       ORDER BY id LIMIT ${looksBehind + 1}`,
    )
      .all(orderKey)
      .map(queuedOf);
    const flying = queue.some(({ state }) => state === "sending") || this.#flies(orderKey, queue);
    const next = turnOf(queue, flying);
    for (const one of queue) {
      if (one.id === next?.id) {
        const wanted = next.later ? 2 : 1;
        if (one.turn !== wanted || one.urgency !== next.urgency) this.#set(next.id, next);
      } else if (one.turn !== null) this.#set(one.id, undefined);
    }
  }
  /** Whether one is under way that is not among the first. */
  #flies(orderKey: string, queue: readonly unknown[]): boolean {
    if (queue.length <= looksBehind) return false;
    const sql = "SELECT 1 FROM delivery WHERE order_key = ? AND state = 'sending' LIMIT 1";
    return this.#statement(sql).get(orderKey) !== undefined;
  }
  #set(id: string, turn: Turn | undefined): void {
    if (turn === undefined) {
      this.#statement("UPDATE delivery SET turn = NULL WHERE id = ?").run(Number(id));
      return;
    }
    const sql = "UPDATE delivery SET turn = ?, urgency = ? WHERE id = ?";
    this.#statement(sql).run(turn.later ? 2 : 1, turn.urgency, Number(id));
  }

  /** The most urgent of an endpoint that may go out at `now`, at most `most`. */
  ready(endpoint: string, most: number, now: number): { delivery: Delivery; urgency: number }[] {
    this.#statement(
      `UPDATE delivery SET turn = 1 WHERE turn = 2 AND endpoint = ?1
       AND (next_attempt_at <= ?2 OR next_attempt_at > ?3)`,
    ).run(endpoint, now, now + longestRetryAfter);
    return this.#statement(
      "SELECT * FROM delivery WHERE turn = 1 AND endpoint = ? ORDER BY urgency, id LIMIT ?",
    )
      .all(endpoint, most)
      .map((row) => ({ delivery: deliveryOf(row), urgency: Number(row["urgency"]) }));
  }
  /** When the next one of an endpoint is due that is not due yet; Infinity: there is none. */
  nextDue(endpoint: string): number {
    const sql = "SELECT min(next_attempt_at) AS due FROM delivery WHERE turn = 2 AND endpoint = ?";
    const due = this.#statement(sql).get(endpoint)?.["due"] ?? null;
    return due === null ? Infinity : Number(due);
  }

  anyWaits(): boolean {
    return this.#statement("SELECT 1 FROM delivery WHERE turn = 2 LIMIT 1").get() !== undefined;
  }
  /** Ends some waits. */
  wake(now: number): void {
    this.#statement(
      `UPDATE delivery SET turn = 1, next_attempt_at = ? WHERE id IN
       (SELECT id FROM delivery WHERE turn = 2 LIMIT ${wokenAtOnce})`,
    ).run(now);
  }

  /** Endpoints that something unfinished waits for. */
  endpoints(): string[] {
    // From one to the next by the index: there are few, and what waits for them may be much.
    const sql = `SELECT min(endpoint) AS endpoint FROM delivery WHERE ${unfinished} AND endpoint > ?`;
    const found: string[] = [];
    for (let last = ""; ;) {
      const next = this.#statement(sql).get(last)?.["endpoint"] ?? null;
      if (typeof next !== "string") return found;
      found.push(next);
      last = next;
    }
  }
  backlog(endpoint: string): number {
    const sql = `SELECT count(*) AS n FROM delivery WHERE ${unfinished} AND endpoint = ?`;
    return Number(this.#statement(sql).get(endpoint)?.["n"]);
  }
}

function queuedOf(row: Row): Queued & { readonly turn: unknown } {
  const state = String(row["state"]) as Queued["state"];
  const { turn } = row;
  return { id: String(row["id"]), state, urgency: Number(row["urgency"]), turn };
}

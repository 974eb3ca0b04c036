import type { StatementSync } from "node:sqlite";
import {
  before,
  type Delivery,
  isUnfinished,
  longestPause,
  looksBehind,
  type NewDelivery,
  type Queued,
  readyFor,
  longestSettling,
  type Settling,
  settlingAfter,
  type Take,
  type Turn,
  turnOf,
  urgency,
} from "@tocsin/alerting/delivery";
import { chain, type Entering } from "./chains.ts";
import { deliveryOf, rare, textOf, whole } from "./rows.ts";
import { followings } from "./writes.ts";

/** How many waits are ended in one transaction. */
const wokenAtOnce = 2000;

/** The rows that wait at ?1, except for a late request of their order key that may still be on its way. */
const waits = `WHERE turn = 2 AND NOT EXISTS (SELECT 1 FROM settling
  WHERE settling.order_hash = delivery.order_hash AND after < delivery.id
  AND until BETWEEN ?1 + 1 AND ?1 + ${longestSettling})`;

/** The rows in the queue of their order key: neither settled nor held, nor behind another one in a chain. */
export const inQueue = "queued = 1 AND behind IS NULL";

// Statements are constants: a text that is built anew is looked up anew.
/** The first event of each queue (order keys by number, as JSON), how urgent it is, and until when it waits for a late request. */
const firstOfKeys = `SELECT delivery.id AS id, state, urgency, (SELECT min(urgency) FROM (SELECT urgency FROM delivery
    WHERE order_hash = asked.value AND ${inQueue} ORDER BY id LIMIT ${looksBehind + 1})) AS least,
    (SELECT until FROM settling WHERE order_hash = asked.value AND after < delivery.id) AS until
  FROM json_each(?1) AS asked CROSS JOIN delivery ON delivery.id =
    (SELECT id FROM delivery WHERE order_hash = asked.value AND ${inQueue} ORDER BY id LIMIT 1)`;
/** The events of a queue that decide how urgent its first one is. */
const firstOnes = `SELECT id, state, urgency, turn FROM delivery WHERE order_hash = ? AND ${inQueue}
  ORDER BY id LIMIT ${looksBehind + 1}`;
/** The first event of each queue, and how urgent it is. */
const oldest = `SELECT value, delivery.id AS id, urgency FROM json_each(?1) AS asked CROSS JOIN delivery ON delivery.id =
    (SELECT id FROM delivery WHERE order_hash = asked.value AND ${inQueue} ORDER BY id LIMIT 1)`;
// The limits are sums: SQLite reads a plain parameter when it prepares, so it would prepare the statement for each run.
/** What may go out to an endpoint, the most urgent first. */
const mostUrgent = `${whole} WHERE turn = 1 AND lane = ? AND endpoint = ?
  ORDER BY urgency, id LIMIT ? + 0`;

/** The same rows, without the columns that never change. */
const places = `SELECT id, urgency, state, fallback FROM delivery WHERE turn = 1 AND lane = ?
  ORDER BY urgency, id LIMIT ? + 0`;

/** Where a queue's chains begin: at its first event, the one behind that, or the event ?2. */
const headsOfQueue = `SELECT id FROM (SELECT id, next FROM delivery WHERE order_hash = ?1 AND ${inQueue}
    ORDER BY id LIMIT 2) WHERE next IS NOT NULL
  UNION SELECT id FROM delivery WHERE id = ?2 AND next IS NOT NULL`;
/** Takes apart the chain that begins with an event. */
const unchaining = `UPDATE OR FAIL delivery SET next = NULL, behind = NULL WHERE id IN (WITH RECURSIVE chain (id) AS
    (SELECT ?1 UNION ALL SELECT next FROM chain CROSS JOIN delivery USING (id) WHERE next IS NOT NULL)
  SELECT id FROM chain)`;

/**
 * A short number for a text, for indexes. Two order keys with the same number would wait for each
 * other; endpoints are compared by their text, too.
 */
function numberOf(text: string): number {
  let [low, high] = [0xdeadbeef, 0x41c6ce57];
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    low = Math.imul(low ^ unit, 2654435761);
    high = Math.imul(high ^ unit, 1597334677);
  }
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  return 4294967296 * (2097151 & high) + (low >>> 0);
}

/** Numbers that were computed before: a batch has few texts. */
const numbers = new Map<string, number>();
const mostNumbers = 8192;

/** The number of an endpoint (column `lane`) or of an order key. */
export function hashOf(text: string): number {
  let number = numbers.get(text);
  if (number !== undefined) return number;
  if (numbers.size === mostNumbers) numbers.clear();
  numbers.set(text, (number = numberOf(text)));
  return number;
}

/** The number of an order key; null: the event has none. */
export function orderHash(orderKey: string): number | null {
  return orderKey === "" ? null : hashOf(orderKey);
}

/** Keeps the columns of `turnColumns`: which unfinished events may go out. Call it in a transaction. */
export class SqliteTurns {
  readonly #statement: (sql: string) => StatementSync;
  /** For statements whose result does not depend on writes that are still collected. */
  readonly #prepared: (sql: string) => StatementSync;

  /** While events are recorded: the first event of each of their queues. */
  #firsts: Map<number, First | undefined> | undefined;
  /** While events are recorded: order keys that have no chain left, so that none has to be looked for again. */
  #apart: Set<number> | undefined;
  /** Whether no order key waited for a late request at the last look. */
  #calm = false;

  constructor(statement: (sql: string) => StatementSync, prepared: (sql: string) => StatementSync) {
    this.#statement = statement;
    this.#prepared = prepared;
  }

  /**
   * Looks at the queues of events that are about to be recorded, all at once. Remembers the first event of each
   * until the result is ended.
   */
  look(events: readonly NewDelivery[]): Known {
    const orders = new Set<number>();
    for (const { orderKey } of events) if (orderKey !== "") orders.add(hashOf(orderKey));
    const rows = this.#statement(oldest).all(textOf([...orders]));
    this.#firsts = new Map([...orders].map((order) => [order, undefined]));
    for (const { value, id, urgency: place } of rows) {
      this.#firsts.set(Number(value), { id: Number(id), urgency: Number(place) });
    }
    const queued = new Set(rows.map(({ value }) => Number(value)));
    const exists = (sql: string) => this.#statement(sql).get() !== undefined;
    const held = exists("SELECT 1 FROM delivery WHERE state = 'held' LIMIT 1");
    this.#calm = !exists("SELECT 1 FROM settling LIMIT 1");
    return {
      older: (orderKey) => held || queued.has(hashOf(orderKey)),
      end: () => this.forget(),
    };
  }
  /** Call it when the recording has ended or its transaction is rolled back. */
  forget(): void {
    this.#firsts = this.#apart = undefined;
  }
  /** Gives events that are about to be recorded as queues see them, and makes chains of them. Call it before `turn`. */
  line(events: readonly Numbered[]): readonly Entering[] {
    const entering = events.map(({ id, event }) => {
      const order = orderHash(event.orderKey);
      return { id, order, urgency: urgency(event), next: null, behind: false };
    });
    chain(entering, (order) => this.#calm && this.#firsts?.get(order) === undefined);
    this.#apart = new Set();
    return entering;
  }
  /** The column `turn` of an event that is about to be recorded. Call `entered` when it is. */
  turn({ order, urgency: place, behind }: Entering): 1 | null {
    if (behind) return null;
    const first = order === null ? undefined : this.#first(order);
    // A page behind a note makes the note urgent.
    if (order !== null && first !== undefined && first.urgency > place) {
      this.#unchain(order, first.id);
      this.#statement("UPDATE delivery SET urgency = ? WHERE id = ?").run(place, first.id);
      first.urgency = place;
    }
    return first === undefined ? 1 : null;
  }
  /** An event is recorded: the first one of its order key may have to wait for a late request. */
  entered({ id, order, urgency: place, behind }: Entering): void {
    if (order === null || behind) return;
    if (this.#firsts?.get(order) === undefined) this.#firsts?.set(order, { id, urgency: place });
    if (this.#calm || this.#settling(order) === undefined) return;
    this.#arrange(order);
    this.#firsts?.delete(order);
  }
  /** Puts the events of an order key that are older than `id` into its queue one by one. Call it before they are looked for. */
  unchain(orderKey: string, id: number): void {
    const [head] = this.#statement(headsOfQueue).all(orderHash(orderKey), 0);
    if (head !== undefined && Number(head["id"]) < id) this.#takeApart(Number(head["id"]));
  }
  /**
   * Puts all events of an order key into its queue one by one, because something other than an acceptance of the first
   * one happens. `id`: the event to which it happens. A chain begins with that event, or with the first one of the
   * queue, before which the event may just have been put.
   */
  #unchain(order: number, id: number): void {
    if (this.#apart?.has(order) === true) return;
    this.#apart?.add(order);
    for (const head of this.#statement(headsOfQueue).all(order, id)) {
      this.#takeApart(Number(head["id"]));
    }
  }
  #takeApart(head: number): void {
    this.#statement(unchaining).run(head);
  }
  #settling(order: number): Settling | undefined {
    const sql = "SELECT after, until FROM settling WHERE order_hash = ?";
    const row = this.#statement(sql).get(order);
    return row === undefined
      ? undefined
      : { after: Number(row["after"]), until: Number(row["until"]) };
  }
  #first(order: number): First | undefined {
    if (this.#firsts?.has(order) === true) return this.#firsts.get(order);
    const row = this.#statement(oldest).get(textOf([order]));
    const first =
      row === undefined ? undefined : { id: Number(row["id"]), urgency: Number(row["urgency"]) };
    this.#firsts?.set(order, first);
    return first;
  }

  /**
   * Decides who has the turn after a transition at `at`, with which a delivery was stored without one. `was`: its
   * state before, where it is known.
   */
  changed(delivery: Delivery, at: number, was?: Delivery["state"]): void {
    const { id, orderKey, state } = delivery;
    if (orderKey !== "") this.#firsts?.delete(hashOf(orderKey));
    const settling = settlingAfter(delivery, at);
    if (settling !== undefined) this.#settle(hashOf(orderKey), settling);
    if (state === "sending") {
      // Events behind it had no turn, and get none. An event that went out without the store may not be the first.
      const order = was === undefined ? null : orderHash(orderKey);
      if (order !== null) this.#unchain(order, Number(id));
      return;
    }
    if (orderKey !== "") {
      this.#unchain(hashOf(orderKey), Number(id));
      // Only one event of a key is under way at a time: nobody has the turn, and the first one gets it.
      if (was === "sending") this.promote([orderKey]);
      else this.#arrange(hashOf(orderKey));
    } else if (isUnfinished(delivery)) {
      this.#set(turnOf([{ id, state, urgency: urgency(delivery) }], false));
    }
  }
  /** Decides who has the turn when events of an order key without chains were settled that were not under way. */
  left(orderKey: string): void {
    const order = hashOf(orderKey);
    this.#firsts?.delete(order);
    this.#arrange(order);
  }
  /** Takes in a delivery from a file whose format had no turns. */
  adopted(delivery: Delivery): void {
    const sql =
      "UPDATE delivery SET lane = ?, order_hash = ?, urgency = ?, queued = ? WHERE id = ?";
    const { id, endpoint, orderKey } = delivery;
    const queued = isUnfinished(delivery) ? 1 : null;
    const values = [hashOf(endpoint), orderHash(orderKey), urgency(delivery), queued, Number(id)];
    this.#statement(sql).run(...values);
    this.changed(delivery, 0);
  }
  #settle(order: number, { after, until }: Settling): void {
    const sql = `INSERT INTO settling VALUES (?1, ?2, ?3)
      ON CONFLICT (order_hash) DO UPDATE SET after = ?2, until = ?3`;
    this.#statement(sql).run(order, after, until);
  }

  /** Gives the first event of each queue its turn, unless it is under way. Nobody has a turn in these queues. */
  promote(orderKeys: readonly string[]): void {
    if (orderKeys.length === 0) return;
    const orders = textOf(orderKeys.filter((key) => key !== "").map(hashOf));
    const now: number[] = [];
    for (const row of this.#statement(firstOfKeys).all(orders)) {
      const first = { id: String(row["id"]), state: row["state"] as Queued["state"] };
      const until = row["until"];
      const settling = until === null ? undefined : { after: 0, until: Number(until) };
      const flying = first.state === "sending";
      const turn = turnOf([{ ...first, urgency: Number(row["least"]) }], flying, settling);
      if (turn?.later === false && turn.urgency === row["urgency"]) now.push(Number(turn.id));
      else this.#set(turn);
    }
    if (now.length > 0) this.#statement(followings).run(textOf(now));
  }
  #arrange(order: number): void {
    const queue: Placed[] = [];
    for (const { id, state, urgency: place, turn } of this.#statement(firstOnes).iterate(order)) {
      const known = state as Queued["state"];
      queue.push({ id: String(id), state: known, urgency: Number(place), turn });
    }
    if (queue.length === 0) return;
    const flying = queue.some(({ state }) => state === "sending") || this.#flies(order, queue);
    const next = turnOf(queue, flying, this.#settling(order));
    for (const one of queue) {
      if (one.id !== next?.id && one.turn !== null) this.#drop(one.id);
    }
    const [first] = queue;
    if (next === undefined) return;
    const wanted = next.later ? 2 : 1;
    const same = first.turn === wanted && first.urgency === next.urgency;
    if (!same || next.from !== undefined) this.#set(next);
  }
  /** Whether an event is under way that is not among the first ones of the queue. */
  #flies(order: number, queue: readonly unknown[]): boolean {
    if (queue.length <= looksBehind) return false;
    // Few events are under way.
    const sql = `SELECT 1 FROM delivery INDEXED BY delivery_state
      WHERE ${rare} AND state = 'sending' AND order_hash = ? LIMIT 1`;
    return this.#statement(sql).get(order) !== undefined;
  }
  #drop(id: string): void {
    this.#statement("UPDATE delivery SET turn = NULL WHERE id = ?").run(Number(id));
  }
  #set(turn: Turn | undefined): void {
    if (turn === undefined) return;
    const { id, urgency: place, later, from } = turn;
    const sql = "UPDATE delivery SET turn = ?, urgency = ? WHERE id = ?";
    this.#statement(sql).run(later ? 2 : 1, place, Number(id));
    if (from === undefined) return;
    const wait = `UPDATE delivery SET next_attempt_at = max(?1, ifnull(next_attempt_at, 0)) WHERE id = ?2`;
    this.#statement(wait).run(from, Number(id));
  }

  /** The most urgent events that may go out to an endpoint, at most `most`. */
  ready(
    endpoint: string,
    asked: Take & { readonly most: number },
    recent: Recent,
  ): readonly Ready[] {
    this.#mind(hashOf(endpoint), asked.at);
    return readyFor(asked, asked.most, (most) => this.#ready(endpoint, most, recent));
  }
  /** Ends waits that are over at `now`. */
  #mind(lane: number, now: number): void {
    const settling = "DELETE FROM settling WHERE until NOT BETWEEN ?1 + 1 AND ?1 + ?2";
    this.#prepared(settling).run(now, longestSettling);
    this.#prepared(
      `UPDATE delivery SET turn = 1 WHERE turn = 2 AND lane = ?1
       AND (next_attempt_at <= ?2 OR next_attempt_at > ?3)`,
    ).run(lane, now, now + longestPause);
  }
  #ready(endpoint: string, most: number, { known, following }: Recent): readonly Ready[] {
    const lane = hashOf(endpoint);
    const next = following().filter((one) => one.endpoint === endpoint);
    const seen: Ready[] = [];
    const rows = known.size === 0 ? undefined : this.#prepared(places).all(lane, most);
    for (const { id, urgency: place, state, fallback } of rows ?? []) {
      const delivery = known.get(Number(id));
      const same = state === "recorded" && fallback === null && delivery?.endpoint === endpoint;
      if (same) seen.push({ delivery, urgency: Number(place) });
    }
    if (seen.length === rows?.length) {
      if (next.length === 0) return seen;
      for (const delivery of next) seen.push({ delivery, urgency: urgency(delivery) });
      return seen.sort((a, b) => (before(a, b) ? -1 : 1)).slice(0, most);
    }
    const whole = this.#statement(mostUrgent).all(lane, endpoint, most);
    return whole.map((row) => ({ delivery: deliveryOf(row), urgency: Number(row["urgency"]) }));
  }
  /** When the next event of an endpoint becomes due that is not due yet; Infinity: there is none. */
  nextDue(endpoint: string): number {
    const sql = "SELECT min(next_attempt_at) AS due FROM delivery WHERE turn = 2 AND lane = ?";
    const due = this.#statement(sql).get(hashOf(endpoint))?.["due"] ?? null;
    return due === null ? Infinity : Number(due);
  }

  /** Whether something waits for another attempt. */
  anyWaits(now: number): boolean {
    return this.#statement(`SELECT 1 FROM delivery ${waits} LIMIT 1`).get(now) !== undefined;
  }
  /** Ends some waits between attempts. */
  wake(now: number): void {
    this.#statement(
      `UPDATE delivery SET turn = 1, next_attempt_at = ?1 WHERE id IN
       (SELECT id FROM delivery ${waits} LIMIT ${wokenAtOnce})`,
    ).run(now);
  }

  /** Endpoints that have unfinished events. */
  endpoints(): string[] {
    // From one to the next by the index: endpoints are few, and the events that wait for them may be many.
    const next = "SELECT min(lane) AS lane FROM delivery WHERE queued = 1 AND lane > ?";
    const name = `${whole} WHERE queued = 1 AND lane = ? LIMIT 1`;
    const found: string[] = [];
    for (let last = -1; ;) {
      const lane = this.#statement(next).get(last)?.["lane"] ?? null;
      if (lane === null) return found;
      last = Number(lane);
      found.push(String(this.#statement(name).get(last)?.["endpoint"]));
    }
  }
  backlog(endpoint: string): number {
    const sql = "SELECT count(*) AS n FROM delivery WHERE queued = 1 AND lane = ?";
    return Number(this.#statement(sql).get(hashOf(endpoint))?.["n"]);
  }
}

/** An event that got its number. */
interface Numbered {
  readonly id: number;
  readonly event: NewDelivery;
}

/** What a process knows about the events that it recorded. */
interface Recent {
  /** Events as they were recorded. Those that did not change since are not read again. */
  readonly known: ReadonlyMap<number, Delivery>;
  /** Events that have the turn now, before that is written: they are as they were recorded. */
  following(): readonly Delivery[];
}

/** An event that may go out, and its place. */
interface Ready {
  readonly delivery: Delivery;
  readonly urgency: number;
}

/** The first unfinished event of an order key. */
interface First {
  readonly id: number;
  urgency: number;
}

/** What was known before events were recorded. */
interface Known {
  /** Whether something older of the order key may wait or be held. */
  older(orderKey: string): boolean;
  end(): void;
}

interface Placed extends Queued {
  readonly turn: unknown;
}

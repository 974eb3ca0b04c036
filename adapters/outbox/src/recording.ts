import type { StatementSync } from "node:sqlite";
import { type Delivery, departure, type NewDelivery, recorded } from "@tocsin/alerting/delivery";
import { digester } from "./digest.ts";
import { deliveryOf, fixedValues, whole } from "./rows.ts";
import { hashOf, type SqliteTurns } from "./turns.ts";
import { entry, insertion } from "./writes.ts";

type Prepare = (sql: string) => StatementSync;

/** The outcome of a recording. */
interface Inserted {
  /** One for each event, in the order given. */
  readonly deliveries: readonly Delivery[];
  /** The events that were not known before, in the order of their ids. */
  readonly fresh: readonly Delivery[];
  /** The ids of the events that were known. */
  readonly known: ReadonlySet<string>;
}

/** Writes events and their first state. Call it in a transaction, between `turns.look` and its end. */
export function insertAll(
  events: readonly NewDelivery[],
  statement: Prepare,
  turns: SqliteTurns,
): Inserted {
  const deliveries: Delivery[] = [];
  const [insert, enter] = [statement(insertion), statement(entry)];
  const known = new Map<number, string>();
  const entering: { index: number; id: number; event: NewDelivery }[] = [];
  const digest = digester(events.length);
  for (const index of departure(events)) {
    const event = events[index];
    const identity = digest(event.identity);
    const { changes, lastInsertRowid } = insert.run(...fixedValues(event, identity));
    if (changes === 1) entering.push({ index, id: Number(lastInsertRowid), event });
    else known.set(index, knownAs(event, identity, statement));
  }
  const line = turns.line(entering);
  const fresh = entering.map(({ index, id, event }, at) => {
    const one = line[at];
    const { order, urgency, next } = one;
    const turn = turns.turn(one);
    const lane = hashOf(event.endpoint);
    enter.run(id, event.recordedAt, lane, order, urgency, 1, turn, next, one.behind ? 1 : null);
    turns.entered(one);
    return (deliveries[index] = recorded(event, String(id), ""));
  });
  for (const [index, id] of known) {
    const row = statement(`${whole} WHERE id = ?`).get(Number(id));
    if (row === undefined) throw new Error(`event ${id} has no delivery`);
    deliveries[index] = deliveryOf(row);
  }
  return { deliveries, fresh, known: new Set(known.values()) };
}

/** The recorded events among `identities`, by identity. */
export function knownOf(
  identities: readonly string[],
  statement: Prepare,
): ReadonlyMap<string, Delivery> {
  const digest = digester(identities.length);
  const found = new Map<string, Delivery>();
  for (const one of identities) {
    const row = statement(`${whole} WHERE id = (SELECT id FROM event WHERE identity = ?)`).get(
      digest(one),
    );
    if (row !== undefined) found.set(one, deliveryOf(row));
  }
  return found;
}

function knownAs(
  { runId }: NewDelivery,
  identity: Uint8Array | string,
  statement: Prepare,
): string {
  const row = statement("SELECT id FROM event WHERE identity = ?").get(identity);
  if (row === undefined) throw new Error(`event of run ${runId} is not recorded`);
  return String(row["id"]);
}

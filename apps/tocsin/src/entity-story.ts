import {
  type Delivery,
  type DeliveryState,
  isUnfinished,
  type JournalEntry,
  type OutboxStore,
  showReference,
} from "@tocsin/alerting/delivery";
import { OnCall, onCallAddress, type Receipt } from "@tocsin/alerting/oncall";

/** An event about an entity, and what became of it. Times are in RFC 3339. */
export interface EntityEvent {
  readonly id: string;
  readonly runId: string;
  readonly messageType: string;
  readonly recordedAt: string;
  readonly state: DeliveryState;
  readonly attempts: number;
  /** For people: what happened last. */
  readonly detail: string;
  /** When it entered its state. */
  readonly since: string;
  readonly nextAttemptAt?: string;
  /** The origin to which `--deliver-to` redirected it. */
  readonly redirect?: string;
  /** What On-Call does with it, by its rules, when it was accepted. */
  readonly effect?: string;
  readonly pages?: boolean;
  /** Why nobody was paged for it. */
  readonly unpaged?: string;
}

/** Everything that is known about an entity, the oldest event first. */
export interface EntityStory {
  readonly entity: string;
  readonly lastSeen: string;
  /** How many events have not arrived yet, or wait for a person. */
  readonly waiting: number;
  readonly events: readonly EntityEvent[];
}

/**
 * What was sent about an entity, and why it paged or did not. Accepted events go through the model of On-Call in the order
 * of arrival, separately for each origin that they went to. Undefined when the outbox has no event about the entity.
 */
export async function storyOf(
  store: OutboxStore,
  entity: string,
): Promise<EntityStory | undefined> {
  const deliveries = await store.list({ entity });
  const last = deliveries.at(-1);
  if (last === undefined) return undefined;
  const seen: { readonly delivery: Delivery; readonly last: JournalEntry | undefined }[] = [];
  for (const delivery of deliveries)
    seen.push({ delivery, last: (await store.journal(delivery.id)).at(-1) });
  const receipts = receiptsOf(seen);
  return {
    entity,
    lastSeen: timeText(last.recordedAt),
    waiting: deliveries.filter(isOpen).length,
    events: seen.map((one) => eventOf(one, receipts.get(one.delivery.id))),
  };
}

interface Seen {
  readonly delivery: Delivery;
  readonly last: JournalEntry | undefined;
}

function isOpen(delivery: Delivery): boolean {
  return isUnfinished(delivery) || delivery.state === "held" || delivery.state === "parked";
}

/** What the model of On-Call answers to each accepted event, by id. */
function receiptsOf(seen: readonly Seen[]): ReadonlyMap<string, Receipt> {
  const services = new Map<string, OnCall>();
  const receipts = new Map<string, Receipt>();
  const arrived = seen
    .filter(({ delivery }) => delivery.state === "accepted")
    .map(({ delivery, last }) => ({ delivery, at: last?.at ?? delivery.recordedAt }))
    .sort((a, b) => a.at - b.at || Number(a.delivery.id) - Number(b.delivery.id));
  for (const { delivery, at } of arrived) {
    const { redirect = "", url, body } = delivery.request;
    let unnamed = 0;
    const service = services.get(redirect) ?? new OnCall(() => `unnamed-${++unnamed}`);
    services.set(redirect, service);
    const routingKey = onCallAddress(showReference(url))?.routingKey ?? "";
    receipts.set(delivery.id, service.receive(showReference(body), routingKey, at));
  }
  return receipts;
}

function eventOf({ delivery, last }: Seen, receipt: Receipt | undefined): EntityEvent {
  const { id, runId, messageType, attempts, detail, nextAttemptAt } = delivery;
  const { redirect } = delivery.request;
  return {
    id,
    runId,
    messageType,
    recordedAt: timeText(delivery.recordedAt),
    // Whoever waits does not care whether it was tried yet.
    state: delivery.state === "recorded" ? "waiting" : delivery.state,
    attempts,
    detail,
    since: timeText(last?.at ?? delivery.recordedAt),
    ...(nextAttemptAt === undefined ? {} : { nextAttemptAt: timeText(nextAttemptAt) }),
    ...(redirect === undefined ? {} : { redirect }),
    ...(receipt === undefined
      ? {}
      : { effect: receipt.effect, pages: receipt.unpaged === undefined }),
    ...(receipt?.unpaged === undefined ? {} : { unpaged: receipt.unpaged }),
  };
}

function timeText(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

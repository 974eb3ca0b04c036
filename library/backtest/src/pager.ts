import {
  defaultRate,
  type Delivery,
  Heap,
  hostOf,
  Meter,
  type NewDelivery,
  recorded,
  replaceable,
  replaces,
  takeToken,
  turnOf,
  urgency,
} from "@tocsin/alerting/delivery";
import {
  type Incident,
  OnCall,
  onCallAddress,
  type Outcome,
  parseEvent,
  type RecordedRequest,
} from "@tocsin/alerting/oncall";

/** Somebody was paged. Times in milliseconds since 1970. */
export interface Page {
  readonly at: number;
  /** When the run recorded the event; what lies between is waiting for On-Call's rate. */
  readonly recordedAt: number;
  readonly entity: string;
  readonly messageType: string;
  readonly incident: number;
  /** False: the incident was open already, and became critical. */
  readonly opens: boolean;
  /** Line of the script whose endpoint made the event; 0 when it is not known. */
  readonly line: number;
}

interface Waiting {
  readonly delivery: Delivery;
  readonly routingKey: string;
  readonly line: number;
  /** Its `urgency`. */
  readonly place: number;
  /** Of the line in which it waits. */
  key: string;
  /** A newer state took its place. */
  replaced: boolean;
}

/** No more of a line can count for the urgency of its head. */
const LINE_LOOKED_AT = 20;

interface Place {
  readonly urgency: number;
  readonly head: Waiting;
}

/** What waits for one host: the first event of each entity by urgency, the others behind it. */
class HostQueue {
  readonly meter: Meter | undefined;
  /** A head is in it anew when what waits for it made it more urgent. */
  readonly #places = new Heap<Place>(isBefore);
  readonly #lines = new Map<string, Waiting[]>();
  #unnamed = 0;

  constructor(host: string) {
    const rate = defaultRate(host);
    this.meter = rate === undefined ? undefined : new Meter(host, rate);
  }
  get isEmpty(): boolean {
    return this.#lines.size === 0;
  }
  push(one: Waiting): void {
    // Events without an entity wait for nobody.
    const key = one.delivery.orderKey === "" ? `#${++this.#unnamed}` : one.delivery.orderKey;
    const line = this.#lines.get(key) ?? [];
    this.#lines.set(key, line);
    line.push(one);
    one.key = key;
    this.#place(line);
  }
  /** All that wait about an entity, in order. */
  about(orderKey: string): readonly Waiting[] {
    return this.#lines.get(orderKey) ?? [];
  }
  /** Takes out the most urgent; undefined when a newer state has taken its place. */
  pop(): Waiting | undefined {
    for (;;) {
      const place = this.#places.pop();
      if (place === undefined) return undefined;
      const { key } = place.head;
      const line = this.#lines.get(key);
      if (line === undefined || line[0] !== place.head) continue;
      line.shift();
      if (line.length === 0) this.#lines.delete(key);
      else this.#place(line);
      return place.head.replaced ? undefined : place.head;
    }
  }

  #place(line: readonly Waiting[]): void {
    const waiting = line.slice(0, LINE_LOOKED_AT).filter(({ replaced }) => !replaced);
    const queue = waiting.map(({ delivery: { id, state }, place }) => ({
      id,
      state,
      urgency: place,
    }));
    const turn = turnOf(queue, false);
    this.#places.push({ urgency: turn?.urgency ?? line[0].place, head: line[0] });
  }
}

function isBefore(a: Place, b: Place): boolean {
  if (a.urgency !== b.urgency) return a.urgency < b.urgency;
  return Number(a.head.delivery.id) < Number(b.head.delivery.id);
}

/**
 * Events on their way to On-Call as the sender would bring them there, when every request is answered
 * at once: the rate of the host, pages first, order within an entity, newer states in the place of
 * older ones that still wait. Times in milliseconds since 1970.
 */
export class Pager {
  readonly pages: Page[] = [];
  readonly outcomes = new Map<Outcome, number>();
  /** Events and pages by line of the script. */
  readonly lines = new Map<number, { events: number; pages: number }>();
  superseded = 0;
  /** Events that still wait. */
  unsent = 0;
  readonly #oncall: OnCall;
  readonly #queues = new Map<string, HostQueue>();
  readonly #supersede: boolean;
  #ids = 0;
  #now = 0;

  constructor(options: { readonly supersede: boolean }) {
    this.#supersede = options.supersede;
    let unnamed = 0;
    this.#oncall = new OnCall(() => `unnamed-${++unnamed}`);
  }
  get incidents(): readonly Readonly<Incident>[] {
    return this.#oncall.incidents;
  }
  /** A run records its events. */
  record(requests: readonly RecordedRequest[], runId: string, at: number): void {
    this.advance(at);
    for (const { request, body } of requests) {
      const { entity, messageType } = parseEvent(body) ?? { entity: "", messageType: "" };
      const { url, method, line = 0 } = request;
      const host = hostOf(url);
      const counts = this.lines.get(line) ?? { events: 0, pages: 0 };
      this.lines.set(line, counts);
      counts.events += 1;
      const id = String(++this.#ids);
      const event: NewDelivery = {
        runId,
        identity: id,
        integration: "victorops",
        endpoint: url,
        orderKey: entity === "" ? "" : `${host} ${entity}`,
        entity,
        messageType,
        request: { method, url, headers: {}, body },
        recordedAt: at,
      };
      const queue = this.#queues.get(host) ?? new HostQueue(host);
      this.#queues.set(host, queue);
      const delivery = recorded(event, id);
      this.#replace(delivery, queue);
      const routingKey = onCallAddress(url)?.routingKey ?? "";
      const place = urgency(delivery);
      queue.push({ delivery, line, place, routingKey, key: "", replaced: false });
      this.unsent += 1;
    }
    this.#drain(at, at);
  }
  /** Sends what the rate allows until then. */
  advance(until: number): void {
    this.#drain(this.#now, until);
  }

  #drain(from: number, until: number): void {
    for (const queue of this.#queues.values()) {
      let now = from;
      while (!queue.isEmpty) {
        const opens = queue.meter?.opensIn(now) ?? 0;
        now += opens;
        if (now > until) break;
        const next = queue.pop();
        if (next !== undefined) this.#send(next, now, queue.meter);
      }
    }
    if (until !== Infinity) this.#now = until;
  }
  #replace(delivery: Delivery, queue: HostQueue): void {
    if (!this.#supersede || !replaces(delivery)) return;
    for (const one of queue.about(delivery.orderKey)) {
      if (one.replaced || one.delivery.runId === delivery.runId) continue;
      if (!replaceable(one.delivery)) continue;
      one.replaced = true;
      this.superseded += 1;
      this.unsent -= 1;
    }
  }
  #send({ delivery, routingKey, line }: Waiting, at: number, meter: Meter | undefined): void {
    if (meter !== undefined) meter.stored = takeToken(meter.stored, at, meter.rate) ?? meter.stored;
    this.unsent -= 1;
    const receipt = this.#oncall.receive(delivery.request.body, routingKey, at);
    const { outcome } = receipt;
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
    if (receipt.unpaged !== undefined || receipt.incident === undefined) return;
    const counts = this.lines.get(line);
    if (counts !== undefined) counts.pages += 1;
    this.pages.push({
      at,
      recordedAt: delivery.recordedAt,
      entity: receipt.entityId,
      messageType: delivery.messageType,
      incident: receipt.incident,
      opens: outcome === "opens",
      line,
    });
  }
}

import { type Answer, Masker } from "@tocsin/alerting/oncall";
import type { Clock, Http, Log, Loop, Random, Secrets } from "@tocsin/platform/host";
import { type Attempt, attempt, wallMilliseconds } from "./attempt.ts";
import { Bell, Stopper } from "./bell.ts";
import { type Delivery, isUnfinished, unfinished } from "./delivery.ts";
import { admit, blocked, type Endpoint, freshEndpoint, opened, probeNow } from "./endpoint.ts";
import { undecided } from "./endpoint.ts";
import { Heap } from "./heap.ts";
import { Lane } from "./lanes.ts";
import { longestRetryAfter as longestWait } from "./retry.ts";
import { held, settled } from "./machine.ts";
import { defaultRate, hostOfEndpoint, Meter, meterKey, type Rate } from "./rate.ts";
import { takeToken, urgency } from "./rate.ts";
import type { Change, Claim, Lapsed, OutboxStore } from "./store.ts";

/** What a sender works with. Times in milliseconds. */
export interface SenderOptions {
  readonly store: OutboxStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly http: Http;
  readonly secrets: Secrets;
  readonly log?: Log;
  /** Lets answers that are there be read before verdicts are stored, so that many share one sync. */
  readonly loop?: Loop;
  /** Takes secrets out of what services answer. */
  readonly masker?: Masker;
  /** What a host is given; undefined: no limit. Default: On-Call's own host has one. */
  readonly rateOf?: (host: string) => Rate | undefined;
  /** Requests in flight per endpoint. Default 64. */
  readonly concurrency?: number;
  /** A whole attempt. Default 10 000. */
  readonly attemptTimeout?: number;
}

/** Is told what happens to deliveries. */
export interface Observer {
  /** A delivery changed. `answer`: what the attempt brought that changed it. */
  changed?(delivery: Delivery, answer?: Answer): void;
  /**
   * After each step. Gives when it wants the next one at the latest (monotonic; Infinity: never).
   */
  stepped?(): number;
}

/** When another process is in the way, it is looked at again after this time. */
const foreignPause = 250;
/**
 * A lease outlives its attempt by this much: a busy process writes its verdict late. A dead one is
 * noticed sooner where the store can tell.
 */
const leaseMargin = 6000;

/** How many events behind a head are asked how urgent they are. */
const looksBehind = 16;

/** When a queue that nobody touched is no longer believed. */
const oldAfter = 3 * 3_600_000;

interface Timer {
  readonly due: number;
  readonly delivery: Delivery;
}

/**
 * Sends what is in the outbox: in order within an entity, side by side across entities, pages
 * first.
 * It sleeps until an event is added, an answer comes, or a wait is over.
 */
export class Sender {
  readonly masker: Masker;
  readonly store: OutboxStore;
  readonly clock: Clock;
  readonly #options: SenderOptions;
  readonly #bell: Bell;
  readonly #stop = new Stopper();
  readonly #live = new Map<string, Delivery>();
  /** Ids of unfinished deliveries by order key, the head first. */
  readonly #orders = new Map<string, string[]>();
  readonly #lanes = new Map<string, Lane>();
  readonly #timers = new Heap<Timer>((a, b) => a.due < b.due);
  readonly #due = new Map<string, number>();
  readonly #meters = new Map<string, Meter>();
  /** Buckets as they were read. */
  readonly #stored = new Map<string, Endpoint>();
  /** Ids that were chosen and are not begun yet. */
  readonly #claiming = new Set<string>();
  readonly #flights = new Map<string, Promise<void>>();
  readonly #observers = new Set<Observer>();
  #landed: { delivery: Delivery; attempt: Attempt }[] = [];
  /** Attempts of others, and since when (monotonic) they are seen under way. */
  #foreign = new Map<string, { readonly attempts: number; readonly since: number }>();
  #syncAt = Infinity;
  #refusals = 0;
  #loop: Promise<void> | undefined;
  #failure: unknown;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.store = options.store;
    this.clock = options.clock;
    this.masker = options.masker ?? new Masker();
    this.#bell = new Bell(options.clock);
  }

  /**
   * Takes over what earlier processes left: in its old order, due now (a wait that was computed for
   * another process's clock means nothing here), with one probe for each blocked endpoint.
   */
  async start(): Promise<void> {
    const now = this.#wall();
    for (const endpoint of await this.store.endpoints()) {
      const probing = probeNow(endpoint, now);
      if (probing !== endpoint) {
        await this.store.changeEndpoint(endpoint.key, (stored) => probeNow(stored, now));
      }
      this.#know(probing);
    }
    await this.#holdOld();
    await this.#sync(true);
    this.#loop = this.#run();
  }

  /**
   * An outbox that nobody wrote to for hours may be a restored snapshot: what waits in it was perhaps
   * sent long ago, and the world has moved on. It is held until a new run or a person confirms it.
   */
  async #holdOld(): Promise<void> {
    const lastWrite = (await this.store.lastWrite()) ?? Infinity;
    const now = this.#wall();
    if (now - lastWrite < oldAfter) return;
    await this.store.resume(now);
    const old = await this.store.list({ states: ["recorded", "waiting"] });
    const hours = Math.round((now - lastWrite) / 3_600_000);
    const detail =
      `the outbox was last written ${hours} hours ago: it may be a restored snapshot. ` +
      "It goes out when a person releases it; a new run's state of the entity takes its place";
    const why = { reason: "restored", detail } as const;
    const changes = old.map((one) => ({ expect: one, step: held(one, why, now) }));
    if (changes.length > 0) await this.store.change(changes);
  }

  /** Newly recorded deliveries, in order. */
  add(deliveries: readonly Delivery[]): void {
    for (const one of deliveries) {
      if (!this.#live.has(one.id) || !isUnfinished(one)) this.#update(one);
    }
    this.#bell.ring();
  }

  /** Looks for what other processes recorded or changed. */
  look(): void {
    this.#syncAt = this.clock.monotonic();
    this.#bell.ring();
  }

  /** Why it had to give up: the store's error. Undefined while it works. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Tells `observer` from now on; call the result to end that. */
  observe(observer: Observer): () => void {
    this.#observers.add(observer);
    this.#bell.ring();
    return () => this.#observers.delete(observer);
  }

  /**
   * When something may happen to a delivery: now or earlier when it is under way or final, Infinity
   * when nothing will for a long time (its endpoint is blocked, its rate used up). Monotonic.
   */
  chance(id: string): number {
    const now = this.clock.monotonic();
    const delivery = this.#live.get(id);
    if (delivery === undefined || this.#failure !== undefined) return now;
    const head = this.#head(delivery);
    if (head.state === "sending" || this.#flights.has(head.id)) return now;
    const due = this.#due.get(head.id) ?? now;
    const lane = this.#lane(head.endpoint);
    return Math.max(due, now + lane.opensIn(this.#wall()));
  }

  /**
   * How often an endpoint did not take an event. While it stays, no endpoint's `chance` got worse.
   */
  get refusals(): number {
    return this.#refusals;
  }

  /**
   * How long the queue takes at the rate of its host, and that rate (events a minute). Undefined when
   * no rate makes it wait.
   */
  get queueTime(): { readonly milliseconds: number; readonly perMinute: number } | undefined {
    let longest: { milliseconds: number; perMinute: number } | undefined;
    const counts = new Map<Meter, number>();
    for (const { endpoint } of this.#live.values()) {
      const { meter } = this.#lane(endpoint);
      if (meter !== undefined) counts.set(meter, (counts.get(meter) ?? 0) + 1);
    }
    for (const [meter, count] of counts) {
      const { perMinute } = meter.rate;
      const milliseconds = Math.round((count * 60_000) / perMinute);
      const waits = meter.opensIn(this.#wall()) > 0;
      if (waits && milliseconds > (longest?.milliseconds ?? 0))
        longest = { milliseconds, perMinute };
    }
    return longest;
  }

  /** What is known of a delivery's endpoint. */
  endpoint(key: string): Endpoint {
    return this.#lane(key).endpoint;
  }

  /**
   * Resolves when nothing that is in the outbox can change before `until` (monotonic). Rejects with
   * the store's error when the sender had to give up.
   */
  drain(until: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = this.observe({
        stepped: () => {
          const over = this.#stop.aborted || this.clock.monotonic() >= until;
          if (!over && this.#movesBefore(until)) return until;
          done();
          if (this.#failure === undefined) resolve();
          else reject(this.#failure);
          return Infinity;
        },
      });
      if (this.#stop.aborted) this.#step();
    });
  }

  #movesBefore(until: number): boolean {
    for (const id of this.#live.keys()) if (this.chance(id) < until) return true;
    return false;
  }

  /** Breaks off what is in flight; it waits, in doubt. Resolves when all of that is stored. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#bell.ring();
    await this.#loop;
  }

  async #run(): Promise<void> {
    try {
      while (!this.#stop.aborted) {
        await this.#settle();
        if (this.#syncAt <= this.clock.monotonic()) await this.#sync(false);
        await this.#begin();
        if (this.#landed.length === 0) await this.#bell.sleep(this.#step());
      }
      await Promise.all(this.#flights.values());
      await this.#settle();
    } catch (error) {
      // What cannot be written down must not be sent: without a record, order and count are lost.
      this.#failure = error;
      this.#stop.abort();
      this.#options.log?.write("error", "the outbox cannot be written; sending has stopped");
    }
    this.#step();
  }

  /** Tells the observers, and says when to wake (monotonic). */
  #step(): number {
    let wake = Math.min(this.#syncAt, this.#timers.peek()?.due ?? Infinity);
    const now = this.clock.monotonic();
    for (const lane of this.#lanes.values()) {
      if (lane.inFlight >= this.#concurrency || lane.peek(this.#stale) === undefined) continue;
      wake = Math.min(wake, now + Math.max(1, lane.wakesIn(this.#wall())));
    }
    for (const observer of this.#observers) {
      wake = Math.min(wake, observer.stepped?.() ?? Infinity);
    }
    return wake;
  }

  async #begin(): Promise<void> {
    const now = this.clock.monotonic();
    for (let top = this.#timers.peek(); top !== undefined && top.due <= now;) {
      this.#timers.pop();
      if (!this.#stale(top.delivery)) this.#ready(top.delivery);
      top = this.#timers.peek();
    }
    const chosen = this.#choose();
    if (chosen.length === 0) return;
    const lapsesAt = now + this.#lease;
    const begun = await this.store.begin(chosen.map((one) => this.#claim(one)));
    begun.forEach((delivery, index) => {
      const lane = this.#lane(chosen[index].endpoint);
      this.#claiming.delete(chosen[index].id);
      if (delivery === undefined) {
        // Another process was faster, or holds an earlier event: look at it again soon.
        this.#delay(chosen[index], foreignPause);
        this.#syncAt = Math.min(this.#syncAt, now + foreignPause);
        lane.inFlight -= 1;
      } else this.#fly(delivery, lane, lapsesAt);
    });
  }

  /** The most urgent of what its endpoint takes now. */
  #choose(): Delivery[] {
    const chosen: Delivery[] = [];
    const open = new Set(this.#lanes.values());
    for (;;) {
      let [best, most]: [Lane | undefined, number] = [undefined, Infinity];
      for (const lane of open) {
        const first = lane.inFlight < this.#concurrency ? lane.peek(this.#stale) : undefined;
        if (first === undefined) open.delete(lane);
        else if (first.urgency < most) [best, most] = [lane, first.urgency];
      }
      if (best === undefined) return chosen;
      const one = best.take(this.#wall());
      if (one === undefined) {
        this.#refusals += 1;
        open.delete(best);
        continue;
      }
      best.inFlight += 1;
      this.#claiming.add(one.id);
      chosen.push(one);
    }
  }

  #claim(delivery: Delivery): Claim {
    const at = this.#wall();
    const { id, state, attempts } = delivery;
    const { meter } = this.#lane(delivery.endpoint);
    return {
      id,
      expect: { state, attempts },
      at,
      leaseUntil: at + this.#lease,
      admit: (endpoint) => admit(endpoint, at),
      ...(meter === undefined
        ? {}
        : { meter: { key: meter.key, take: (stored) => takeToken(stored, at, meter.rate) } }),
    };
  }

  #fly(delivery: Delivery, lane: Lane, lapsesAt: number): void {
    this.#live.set(delivery.id, delivery);
    this.#tell(delivery);
    const { clock, http, secrets } = this.#options;
    const { masker } = this;
    const timeoutMilliseconds = this.#attemptTimeout;
    const world = { clock, http, secrets, masker, timeoutMilliseconds, lapsesAt };
    const flight = attempt(delivery, world, this.#stop).then((ended) => {
      lane.inFlight -= 1;
      this.#landed.push({ delivery, attempt: ended });
      this.#bell.ring();
    });
    this.#flights.set(delivery.id, flight);
  }

  /** Writes the verdicts that came since the last time, all in one transaction. */
  async #settle(): Promise<void> {
    if (this.#landed.length === 0) return;
    if (this.#flights.size > this.#landed.length) await this.#options.loop?.turn();
    const landed = this.#landed;
    this.#landed = [];
    const changes = landed.map((one) => this.#changeOf(one.delivery, one.attempt));
    const stored = await this.store.change(changes);
    for (const [index, { delivery, attempt: ended }] of landed.entries()) {
      this.#flights.delete(delivery.id);
      const lane = this.#lane(delivery.endpoint);
      const { endpoint, step } = changes[index];
      const was = lane.endpoint.state;
      if (endpoint !== undefined) lane.endpoint = endpoint(lane.endpoint);
      if (was === "open" && lane.endpoint.state === "blocked") this.#sayBlocked(step.next);
      if (stored[index]) this.#update(step.next, ended.answer);
      else this.#syncAt = this.clock.monotonic();
    }
  }

  #changeOf(delivery: Delivery, ended: Attempt): Change {
    const at = this.#wall();
    const { verdict } = ended;
    const step = settled(delivery, { ...ended, at }, this.#options.random);
    const quiet = ["429", "503"].includes(verdict.status) ? (ended.retryAfter ?? 0) : 0;
    const endpoint = (stored: Endpoint): Endpoint => {
      if (verdict.kind === "blocked") return blocked(stored, verdict, at);
      if (verdict.kind === "retry") return undecided(stored, quiet === 0 ? 0 : at + quiet, at);
      return opened(stored, at);
    };
    const { state, attempts } = delivery;
    return { expect: { state, attempts }, step, endpoint };
  }

  #sayBlocked({ integration, reason, detail }: Delivery): void {
    this.#options.log?.write("warn", `${integration} takes no events: ${detail}`, { reason });
  }

  /** Reads what the store holds: at the start, and when another process is at work there. */
  async #sync(atOnce: boolean): Promise<void> {
    this.#syncAt = Infinity;
    await this.store.resume(this.#wall(), this.#lapsed());
    for (const endpoint of await this.store.endpoints()) {
      this.#know(endpoint);
    }
    const stored = await this.store.list({ states: unfinished });
    const seen = new Set(stored.map((one) => one.id));
    const gone = [...this.#live.keys()].filter((id) => !seen.has(id) && !this.#flights.has(id));
    for (const id of gone) {
      const now = await this.store.get(id);
      if (now !== undefined) this.#update(now);
    }
    for (const one of stored) {
      if (this.#flights.has(one.id)) continue;
      if (!atOnce && same(this.#live.get(one.id), one)) continue;
      this.#update(atOnce && one.state === "waiting" ? { ...one, nextAttemptAt: 0 } : one);
    }
    this.#watch(stored.filter((one) => one.state === "sending" && !this.#flights.has(one.id)));
  }

  /** Remembers since when others' attempts are under way, and looks at them again soon. */
  #watch(foreign: readonly Delivery[]): void {
    const now = this.clock.monotonic();
    const known = this.#foreign;
    this.#foreign = new Map(
      foreign.map(({ id, attempts }) => {
        const seen = known.get(id);
        return [id, seen?.attempts === attempts ? seen : { attempts, since: now }];
      }),
    );
    if (foreign.length > 0) this.#syncAt = now + foreignPause;
  }

  #lapsed(): Lapsed[] {
    const now = this.clock.monotonic();
    return [...this.#foreign]
      .filter(([, { since }]) => now - since > this.#lease)
      .map(([id, { attempts }]) => ({ id, attempts }));
  }

  /** Takes a delivery's new state in: its place in the order, and what may go out next. */
  #update(delivery: Delivery, answer?: Answer): void {
    const { id } = delivery;
    const known = this.#live.has(id);
    if (isUnfinished(delivery)) {
      this.#live.set(id, delivery);
      if (!known) this.#enter(delivery);
      const head = this.#head(delivery);
      if (head.id === id) this.#schedule(delivery);
      // A page behind a note makes the note urgent.
      else if (!known && urgency(delivery) < urgency(head) && !this.#due.has(head.id)) {
        this.#schedule(head);
      }
    } else {
      this.#live.delete(id);
      this.#due.delete(id);
      if (known) this.#leave(delivery);
    }
    this.#tell(delivery, answer);
  }

  #enter({ id, orderKey }: Delivery): void {
    if (orderKey === "") return;
    const order = this.#orders.get(orderKey) ?? [];
    const later = order.findLastIndex((one) => Number(one) < Number(id)) + 1;
    order.splice(later, 0, id);
    this.#orders.set(orderKey, order);
  }

  #leave({ id, orderKey }: Delivery): void {
    const order = this.#orders.get(orderKey) ?? [];
    const at = order.indexOf(id);
    if (at >= 0) order.splice(at, 1);
    if (order.length === 0) this.#orders.delete(orderKey);
    const next = at === 0 ? this.#live.get(order[0] ?? "") : undefined;
    if (next !== undefined) this.#schedule(next);
  }

  #schedule(delivery: Delivery): void {
    if (delivery.state === "sending") return;
    const pause = (delivery.nextAttemptAt ?? 0) - this.#wall();
    // A longer one was computed before the clock stepped back.
    if (pause > 0 && pause <= longestWait) this.#delay(delivery, pause);
    else this.#ready(delivery);
  }

  #delay(delivery: Delivery, milliseconds: number): void {
    const due = this.clock.monotonic() + milliseconds;
    this.#due.set(delivery.id, due);
    this.#timers.push({ due, delivery });
  }

  #ready(delivery: Delivery): void {
    this.#due.delete(delivery.id);
    this.#lane(delivery.endpoint).push(delivery, this.#urgency(delivery));
  }

  /** Whether this is not what is known of the delivery now, or it may not go out now. */
  readonly #stale = (delivery: Delivery): boolean =>
    this.#live.get(delivery.id) !== delivery ||
    this.#head(delivery).id !== delivery.id ||
    this.#claiming.has(delivery.id);

  #head(delivery: Delivery): Delivery {
    const first = this.#orders.get(delivery.orderKey)?.[0];
    return (first === undefined ? undefined : this.#live.get(first)) ?? delivery;
  }

  #lane(key: string): Lane {
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      lane = new Lane(freshEndpoint(key), this.#meter(hostOfEndpoint(key)));
      this.#lanes.set(key, lane);
    }
    return lane;
  }
  #meter(host: string): Meter | undefined {
    const key = meterKey(host);
    const known = this.#meters.get(key);
    const rate = (this.#options.rateOf ?? defaultRate)(host);
    if (known !== undefined || rate === undefined) return known;
    const meter = new Meter(host, rate);
    const stored = this.#stored.get(key);
    if (stored !== undefined) meter.stored = stored;
    this.#meters.set(key, meter);
    return meter;
  }
  /** What the store says of an endpoint or of a host's bucket. */
  #know(stored: Endpoint): void {
    if (stored.key.startsWith(meterKey(""))) {
      this.#stored.set(stored.key, stored);
      const meter = this.#meters.get(stored.key);
      if (meter !== undefined) meter.stored = stored;
      return;
    }
    const lane = this.#lane(stored.key);
    if (lane.inFlight === 0) lane.endpoint = stored;
  }
  /** The most urgent of what waits for this one decides how urgent it is. */
  #urgency(delivery: Delivery): number {
    const behind = this.#orders.get(delivery.orderKey) ?? [];
    let most = urgency(delivery);
    for (const id of behind.slice(1, 1 + looksBehind)) {
      const one = this.#live.get(id);
      if (one !== undefined) most = Math.min(most, urgency(one));
    }
    return most;
  }

  #tell(delivery: Delivery, answer?: Answer): void {
    for (const observer of this.#observers) observer.changed?.(delivery, answer);
  }
  #wall(): number {
    return wallMilliseconds(this.clock);
  }
  get #concurrency(): number {
    return this.#options.concurrency ?? 64;
  }
  get #lease(): number {
    return this.#attemptTimeout + leaseMargin;
  }
  get #attemptTimeout(): number {
    return this.#options.attemptTimeout ?? 10_000;
  }
}

function same(known: Delivery | undefined, stored: Delivery): boolean {
  // A person's `retry` changes only the reason of what waits.
  return (
    known?.state === stored.state &&
    known.attempts === stored.attempts &&
    known.reason === stored.reason
  );
}

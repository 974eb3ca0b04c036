import {
  type Answer,
  type Deliveries,
  type Dispatch,
  type OutgoingRequest,
  type Settlement,
  type SettlementState,
} from "@tocsin/alerting/oncall";
import { type Http, HttpError, utf8 } from "@tocsin/platform/host";
import { redirectTo } from "./attempt.ts";
import { type Delivery, isUnfinished, type NewDelivery } from "./delivery.ts";
import { EventMaker, type EventOrigin } from "./event-maker.ts";
import { hostOf } from "./rate.ts";
import type { Sender } from "./sender.ts";
import type { Recorded } from "./store.ts";
import type { Tracing } from "./tracing.ts";

/** What a run tells its gate. */
export interface RunOptions extends EventOrigin {
  /** For direct requests. */
  readonly http: Http;
  /** How long to wait for an event after the last one was recorded. Milliseconds. */
  readonly wait: number;
  /** Whether an event replaces those of earlier runs that still wait. Default true. */
  readonly supersede?: boolean;
  /** Makes its events, where another gate is perhaps given the same requests. Default: one of its own. */
  readonly maker?: EventMaker;
  /** Follows what is recorded. */
  readonly tracing?: Pick<Tracing, "recording"> | undefined;
}

/** What became of a run's requests. */
export interface RunSummary {
  /** The run's events in the order of recording, as they are now. */
  readonly deliveries: readonly Delivery[];
  /** Waiting events of earlier runs that this one replaced. */
  readonly superseded: number;
  readonly direct: { readonly answered: number; readonly failed: number };
}

/** The gate of one run, on a `Sender` that runs share. */
export interface RunDeliveries extends Deliveries {
  /** The run's events in the order of recording, as far as is known now. */
  readonly deliveries: readonly Delivery[];
  /** Takes on events of the run that the store was told of by somebody else. */
  adopt(deliveries: readonly Delivery[]): void;
  /**
   * Call after the last request. Resolves when nothing in the outbox can change before the wait is
   * over. Rejects with `StoreError` when the outbox broke.
   */
  finish(): Promise<RunSummary>;
}

/** Whoever waits for an event. A promise is made when one is asked for: most are not. */
class Watch implements Dispatch {
  readonly kind = "event";
  #now: Settlement | undefined;
  #settled: Promise<Settlement> | undefined;
  #resolve: ((settlement: Settlement) => void) | undefined;

  get now(): Settlement | undefined {
    return this.#now;
  }
  get settled(): Promise<Settlement> {
    const now = this.#now;
    return (this.#settled ??=
      now === undefined
        ? new Promise((resolve) => (this.#resolve = resolve))
        : Promise.resolve(now));
  }
  settle(settlement: Settlement): void {
    this.#now = settlement;
    this.#resolve?.(settlement);
  }
}

/** An event of the run. */
interface Own {
  delivery: Delivery;
  /** The last answer, while somebody waits for the event. */
  answer: Answer | undefined;
  /** Undefined: nobody waits for it, or no longer. */
  watch: Watch | undefined;
}

const isWatched = ({ watch }: Own): boolean => watch !== undefined;

/** Events of a run that somebody waits for, in the order of recording. */
class Watched {
  /** Among them some that nobody waits for any longer. */
  #all: Own[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }
  get all(): readonly Own[] {
    return this.#all;
  }
  add(own: Own): void {
    this.#all.push(own);
    this.#size += 1;
  }
  /** Nobody waits for one of them any longer. */
  drop(): void {
    this.#size -= 1;
  }
  /** Lets those go that nobody waits for, when they are most of all. Not while `all` is gone through. */
  tidy(): void {
    if (this.#all.length > 2 * this.#size) this.#all = this.#all.filter(isWatched);
  }
  /** Some of them; the next time others. */
  next(most: number): readonly Own[] {
    const all = this.#all.filter(isWatched);
    const some = all.slice(0, most);
    this.#all = [...all.slice(most), ...some];
    return some;
  }
  byOrderKey(): Map<string, Own[]> {
    const found = new Map<string, Own[]>();
    for (const one of this.#all) if (isWatched(one)) follow(found, one);
    return found;
  }
}

function follow(followers: Map<string, Own[]>, own: Own): void {
  const { orderKey } = own.delivery;
  const known = followers.get(orderKey);
  if (known === undefined) followers.set(orderKey, [own]);
  else known.push(own);
}

/** How many events a run asks for at once when another process may have sent them. */
const lookedAtOnce = 500;

/** Opens the gate for a run. */
export function runDeliveries(sender: Sender, options: RunOptions): RunDeliveries {
  return new Gate(sender, options);
}

class Gate implements RunDeliveries {
  readonly #sender: Sender;
  readonly #options: RunOptions;
  readonly #maker: EventMaker;
  readonly #own = new Map<string, Own>();
  readonly #watched = new Watched();
  /**
   * By order key: events that wait for the same head, among them some that do no longer. Undefined while no head
   * had to wait: most runs never ask.
   */
  #followers: Map<string, Own[]> | undefined;
  /** By order key: the event that its followers wait for, while it waits itself. */
  readonly #heads = new Map<string, Delivery>();
  /** Watched ones for which something changed since they were looked at. */
  #suspects: Own[] = [];
  #refusals = 0;
  /** Endpoints that a whole wait was spent on: later events get one attempt before we go on. */
  readonly #tired = new Set<string>();
  readonly #directs = new Map<string, Promise<unknown>>();
  readonly #direct = { answered: 0, failed: 0 };
  readonly #end: () => void;
  #superseded = 0;
  #deadline: number;

  constructor(sender: Sender, options: RunOptions) {
    this.#sender = sender;
    this.#options = options;
    this.#maker = options.maker ?? new EventMaker(options, sender);
    this.#deadline = sender.clock.monotonic() + options.wait;
    this.#end = sender.observe({
      changed: (delivery, answer) => this.#changed(delivery, answer),
      stepped: () => this.#stepped(),
      pending: () => this.#pending(),
    });
  }

  get deliveries(): readonly Delivery[] {
    return Array.from(this.#own.values(), ({ delivery }) => delivery);
  }

  async deliver(requests: readonly OutgoingRequest[]): Promise<readonly Dispatch[]> {
    const made = this.#maker.make(requests);
    const recorded = await this.#record(made.filter((one) => one !== undefined));
    let next = 0;
    return requests.map((request, index) =>
      made[index] === undefined
        ? { kind: "direct", settled: this.#send(request) }
        : this.#watch(recorded[next++]),
    );
  }

  adopt(deliveries: readonly Delivery[]): void {
    for (const one of deliveries) this.#owned(one).delivery = one;
    this.#sender.add({ deliveries, superseded: [], known: new Set(), changed: [] });
  }

  async finish(): Promise<RunSummary> {
    try {
      this.#sender.deferNoMore();
      await Promise.all(this.#directs.values());
      await this.#sender.drain(this.#deadline);
      await this.#reread();
    } finally {
      this.#end();
      for (const one of this.#watched.all) this.#settle(one);
    }
    return {
      deliveries: this.deliveries,
      superseded: this.#superseded,
      direct: { ...this.#direct },
    };
  }

  /** Another process may have sent some of them. */
  async #reread(): Promise<void> {
    for (const own of this.#own.values()) {
      if (!isUnfinished(own.delivery)) continue;
      own.delivery = (await this.#sender.store.get(own.delivery.id)) ?? own.delivery;
    }
  }

  async #record(events: readonly NewDelivery[]): Promise<readonly Own[]> {
    if (events.length === 0) return [];
    const recorded = await this.#traced(events);
    const { deliveries, superseded, known } = recorded;
    this.#deadline = this.#sender.clock.monotonic() + this.#options.wait;
    this.#superseded += superseded.length;
    const own = deliveries.map((one) => (known.has(one.id) ? this.#owned(one) : this.#new(one)));
    this.#sender.add(recorded);
    return own;
  }
  #owned(delivery: Delivery): Own {
    return this.#own.get(delivery.id) ?? this.#new(delivery);
  }
  #new(delivery: Delivery): Own {
    const own = { delivery, answer: undefined, watch: undefined };
    this.#own.set(delivery.id, own);
    return own;
  }

  /** Records them; whoever follows them is told, and finds its place in the trace again with each. */
  async #traced(events: readonly NewDelivery[]): Promise<Recorded> {
    const { supersede = true, tracing } = this.#options;
    const { store } = this.#sender;
    if (tracing === undefined) return store.record(events, { supersede });
    const recording = tracing.recording(events);
    const { traceparent } = recording;
    const marked =
      traceparent === undefined
        ? events
        : events.map((one) => ({ ...one, request: { ...one.request, traceparent } }));
    let recorded: Recorded | undefined;
    try {
      return (recorded = await store.record(marked, { supersede }));
    } finally {
      recording.end(recorded);
    }
  }

  #watch(own: Own): Dispatch {
    if (own.watch !== undefined) return own.watch;
    const watch = new Watch();
    const { delivery } = own;
    if (!isUnfinished(delivery) || this.#sender.failure !== undefined) {
      watch.settle(this.#settlement(own));
      return watch;
    }
    own.watch = watch;
    this.#watched.add(own);
    if (this.#followers !== undefined) follow(this.#followers, own);
    this.#suspects.push(own);
    return watch;
  }

  #changed(delivery: Delivery, answer?: Answer): void {
    const { orderKey, state } = delivery;
    if (state === "accepted") this.#tired.delete(delivery.endpoint);
    const led = this.#heads.size > 0 && this.#heads.get(orderKey)?.id === delivery.id;
    if (led) this.#heads.delete(orderKey);
    const own = this.#own.get(delivery.id);
    if (own !== undefined) own.delivery = delivery;
    if (state === "waiting") this.#waits(delivery, own);
    if (own === undefined) return;
    if (answer !== undefined) own.answer = answer;
    if (!isUnfinished(delivery)) this.#settle(own);
  }
  #waits(delivery: Delivery, own: Own | undefined): void {
    if (own !== undefined) this.#suspects.push(own);
    const { orderKey } = delivery;
    if (orderKey === "") return;
    const all = (this.#followers ??= this.#watched.byOrderKey());
    const left = all.get(orderKey)?.filter(isWatched) ?? [];
    if (left.length === 0) {
      all.delete(orderKey);
      return;
    }
    all.set(orderKey, left);
    this.#heads.set(orderKey, delivery);
    for (const one of left) this.#suspects.push(one);
  }

  /** Lets go of rows for which nothing can change before the wait is over. */
  #stepped(): number {
    const moment = this.#sender.moment();
    const { now } = moment;
    const over = now >= this.#deadline || this.#sender.failure !== undefined;
    const all = over || this.#refusals !== this.#sender.refusals;
    const looked = all ? this.#watched.all : this.#suspects;
    this.#suspects = [];
    this.#refusals = this.#sender.refusals;
    const led = this.#heads.size > 0;
    for (const own of looked) {
      const { delivery } = own;
      if (own.watch === undefined) continue;
      const head = led ? this.#heads.get(delivery.orderKey) : undefined;
      const chance = this.#sender.chance(head ?? delivery, moment);
      const late = over || chance >= this.#deadline;
      const tried = chance > now && this.#tired.has(delivery.endpoint);
      if (late) this.#tired.add(delivery.endpoint);
      if (late || tried) this.#settle(own);
    }
    this.#watched.tidy();
    return this.#watched.size > 0 ? this.#deadline : Infinity;
  }

  #settle(own: Own): void {
    const { watch } = own;
    if (watch !== undefined) {
      own.watch = undefined;
      this.#watched.drop();
      watch.settle(this.#settlement(own));
    }
    own.answer = undefined;
  }

  /** Some of the watched ones; the next time others. */
  #pending(): readonly string[] {
    return this.#watched.next(lookedAtOnce).map(({ delivery }) => delivery.id);
  }

  #settlement({ delivery, answer }: Own): Settlement {
    const { state, lastStatus: status, reason, detail } = delivery;
    const of = (named: SettlementState, why = reason as string, said = detail): Settlement =>
      answer === undefined
        ? { state: named, status, reason: why, detail: said }
        : { state: named, status, reason: why, detail: said, answer };
    if (state === "held") return of("waiting");
    if (state !== "recorded" && state !== "sending" && state !== "waiting") return of(state);
    const endpoint = this.#sender.endpoint(delivery.endpoint);
    const why = delivery.attempts > 0 || endpoint.state === "open" ? delivery : endpoint;
    return of("waiting", why.reason, why.detail === "" ? "not sent yet" : why.detail);
  }

  /** Direct requests to one origin go out one after the other: their receivers expect the order. */
  #send(request: OutgoingRequest): Promise<Settlement> {
    const { deliverTo } = this.#options;
    const url = deliverTo === undefined ? request.url : redirectTo(deliverTo, request.url);
    const host = hostOf(url);
    const sent = (this.#directs.get(host) ?? Promise.resolve()).then(() =>
      this.#once(request, url),
    );
    this.#directs.set(host, sent);
    return sent;
  }

  async #once(request: OutgoingRequest, url: string): Promise<Settlement> {
    const { clock, masker } = this.#sender;
    const started = clock.monotonic();
    const { method, headers, body, insecureSkipVerify } = request;
    const bytes = typeof body === "string" ? utf8.encode(body) : body;
    try {
      const timeoutMilliseconds = request.timeoutMilliseconds ?? 10_000;
      const response = await this.#options.http.send({
        method,
        url,
        headers,
        timeoutMilliseconds,
        ...(bytes === undefined ? {} : { body: bytes }),
        ...(insecureSkipVerify === undefined ? {} : { insecureSkipVerify }),
      });
      this.#direct.answered += 1;
      const answer = { ...response, milliseconds: Math.round(clock.monotonic() - started) };
      const status = String(response.status);
      return { state: "answered", status, reason: "answered", detail: "", answer };
    } catch (error) {
      this.#direct.failed += 1;
      const failure = error instanceof HttpError ? error.failure : "other";
      const message = error instanceof Error ? error.message : String(error);
      return { state: "failed", status: "", reason: failure, detail: masker.mask(message) };
    }
  }
}

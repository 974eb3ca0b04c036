import {
  type Answer,
  bodyText,
  type Deliveries,
  type Dispatch,
  kindOf,
  type OutgoingRequest,
  type Settlement,
} from "@tocsin/alerting/oncall";
import { type Http, HttpError, utf8 } from "@tocsin/platform/host";
import { redirectTo, wallMilliseconds } from "./attempt.ts";
import { type Delivery, isUnfinished, type NewDelivery, type StoredRequest } from "./delivery.ts";
import { integrationOf } from "./integrations/index.ts";
import { showReference, toReference } from "./references.ts";
import { hostOf } from "./rate.ts";
import type { Sender } from "./sender.ts";
import type { Recorded } from "./store.ts";
import type { Tracing } from "./tracing.ts";

/** What a run tells its gate. */
export interface RunOptions {
  readonly runId: string;
  /** For direct requests. */
  readonly http: Http;
  /** How long to wait for an event after the last one was recorded. Milliseconds. */
  readonly wait: number;
  /** Origin (scheme, host, port) that every request goes to instead of its own. */
  readonly deliverTo?: string;
  /** Whether an event replaces those of earlier runs that still wait. Default true. */
  readonly supersede?: boolean;
  /** Identities of requests: a second gate that is given the same request knows it again. */
  readonly identities?: WeakMap<OutgoingRequest, string>;
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
  /**
   * Call after the last request. Resolves when nothing in the outbox can change before the wait is
   * over. Rejects with `StoreError` when the outbox broke.
   */
  finish(): Promise<RunSummary>;
}

interface Watch {
  resolve(settlement: Settlement): void;
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
  readonly #counts = new Map<string, number>();
  readonly #own = new Map<string, Delivery>();
  readonly #answers = new Map<string, Answer>();
  readonly #watches = new Map<string, Watch[]>();
  /** Ids with watches by order key: what waits for the same head. */
  readonly #followers = new Map<string, Set<string>>();
  /** By order key: the event that its followers wait for, while it waits itself. */
  readonly #heads = new Map<string, Delivery>();
  /** Watched ids for which something changed since they were looked at. */
  #suspects = new Set<string>();
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
    this.#deadline = sender.clock.monotonic() + options.wait;
    this.#end = sender.observe({
      changed: (delivery, answer) => this.#changed(delivery, answer),
      stepped: () => this.#stepped(),
      pending: () => this.#pending(),
    });
  }

  get deliveries(): readonly Delivery[] {
    return [...this.#own.values()];
  }

  async deliver(requests: readonly OutgoingRequest[]): Promise<readonly Dispatch[]> {
    const kinds = requests.map(kindOf);
    const events = requests.filter((_one, index) => kinds[index] === "event");
    const recorded = await this.#record(events.map((one) => this.#event(one)));
    let next = 0;
    return requests.map((request, index) => {
      const kind = kinds[index];
      const settled = kind === "event" ? this.#watch(recorded[next++]) : this.#send(request);
      return { kind, settled };
    });
  }

  async finish(): Promise<RunSummary> {
    try {
      await Promise.all(this.#directs.values());
      await this.#sender.drain(this.#deadline);
      await this.#reread();
    } finally {
      this.#end();
      for (const id of this.#watches.keys()) this.#settle(id);
    }
    const deliveries = [...this.#own.values()];
    return { deliveries, superseded: this.#superseded, direct: { ...this.#direct } };
  }

  /** Another process may have sent some of them. */
  async #reread(): Promise<void> {
    for (const { id, state } of this.#own.values()) {
      if (!isUnfinished({ state })) continue;
      const now = await this.#sender.store.get(id);
      if (now !== undefined) this.#own.set(id, now);
    }
  }

  async #record(events: readonly NewDelivery[]): Promise<readonly Delivery[]> {
    if (events.length === 0) return [];
    const recorded = await this.#traced(events);
    const { deliveries, superseded } = recorded;
    this.#deadline = this.#sender.clock.monotonic() + this.#options.wait;
    this.#superseded += superseded.length;
    for (const one of deliveries) this.#own.set(one.id, this.#own.get(one.id) ?? one);
    this.#sender.add(recorded);
    return deliveries;
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

  #event(request: OutgoingRequest): NewDelivery {
    const { runId, deliverTo } = this.#options;
    const integration = integrationOf(request.integration);
    const url = deliverTo === undefined ? request.url : redirectTo(deliverTo, request.url);
    const text = bodyText(request);
    const event = integration.read(text) ?? { entity: "", messageType: "", fields: {} };
    for (const secret of integration.secretsOf(url)) this.#sender.masker.hide(secret);
    const stored = this.#stored(request, text);
    // A URL that is a secret shows no host: its host goes before it, as an origin of `redirect` does.
    const hidden = /^[a-z][a-z0-9+.-]*:\/\/[^/$]+/i.test(stored.url)
      ? undefined
      : `//${hostOf(url)}`;
    const before = stored.redirect ?? (hidden === undefined ? [] : this.#reference(hidden));
    const endpoint = [before, stored.url].flat().join(" ");
    const entity = this.#reference(event.entity);
    return {
      runId,
      identity: this.#identity(request, endpoint, this.#reference(integration.identity(event))),
      integration: integration.name,
      endpoint,
      orderKey: entity === "" ? "" : `${this.#reference(hostOf(url))} ${entity}`,
      entity: showReference(entity),
      messageType: showReference(this.#reference(event.messageType)),
      request: stored,
      recordedAt: wallMilliseconds(this.#sender.clock),
    };
  }

  #stored(request: OutgoingRequest, text: string): StoredRequest {
    const headers = Object.entries(request.headers).map(([name, value]) => [
      name,
      this.#reference(value),
    ]);
    const stored = {
      method: request.method.toUpperCase(),
      url: toReference(request.url, this.#sender.masker.secrets, "url"),
      headers: Object.fromEntries(headers),
      body: this.#reference(text),
    };
    const redirect = this.#options.deliverTo;
    return redirect === undefined ? stored : { ...stored, redirect };
  }

  #reference(text: string): string {
    return toReference(text, this.#sender.masker.secrets);
  }

  /** The n-th equal event of a run is another one than the first. */
  #identity(request: OutgoingRequest, endpoint: string, body: string): string {
    const { runId, identities } = this.#options;
    const known = identities?.get(request);
    if (known !== undefined) return known;
    const same = JSON.stringify([runId, endpoint, body]);
    const count = (this.#counts.get(same) ?? 0) + 1;
    this.#counts.set(same, count);
    const identity = `${same} ${count}`;
    identities?.set(request, identity);
    return identity;
  }

  #watch(delivery: Delivery): Promise<Settlement> {
    const now = this.#own.get(delivery.id) ?? delivery;
    if (!isUnfinished(now) || this.#sender.failure !== undefined) {
      return Promise.resolve(this.#settlement(now));
    }
    return new Promise((resolve) => {
      const watches = this.#watches.get(now.id) ?? [];
      watches.push({ resolve });
      this.#watches.set(now.id, watches);
      const followers = this.#followers.get(now.orderKey) ?? new Set();
      this.#followers.set(now.orderKey, followers.add(now.id));
      this.#suspects.add(now.id);
    });
  }

  #changed(delivery: Delivery, answer?: Answer): void {
    if (delivery.state === "accepted") this.#tired.delete(delivery.endpoint);
    const { orderKey } = delivery;
    const followers = orderKey === "" ? undefined : this.#followers.get(orderKey);
    if (this.#heads.get(orderKey)?.id === delivery.id) this.#heads.delete(orderKey);
    if (delivery.state === "waiting") {
      if (followers !== undefined) this.#heads.set(orderKey, delivery);
      for (const id of [delivery.id, ...(followers ?? [])]) this.#suspects.add(id);
    }
    if (!this.#own.has(delivery.id)) return;
    this.#own.set(delivery.id, delivery);
    if (answer !== undefined) this.#answers.set(delivery.id, answer);
    if (!isUnfinished(delivery)) this.#settle(delivery.id);
  }

  /** Lets go of rows for which nothing can change before the wait is over. */
  #stepped(): number {
    const now = this.#sender.clock.monotonic();
    const over = now >= this.#deadline || this.#sender.failure !== undefined;
    const all = over || this.#refusals !== this.#sender.refusals;
    const looked = all ? this.#watches.keys() : this.#suspects;
    this.#suspects = new Set();
    this.#refusals = this.#sender.refusals;
    for (const id of looked) {
      const delivery = this.#own.get(id);
      if (delivery === undefined || !this.#watches.has(id)) continue;
      const chance = this.#sender.chance(this.#heads.get(delivery.orderKey) ?? delivery);
      const late = over || chance >= this.#deadline;
      const tried = chance > now && this.#tired.has(delivery.endpoint);
      if (late) this.#tired.add(delivery.endpoint);
      if (late || tried) this.#settle(id);
    }
    return this.#watches.size > 0 ? this.#deadline : Infinity;
  }

  #settle(id: string): void {
    const delivery = this.#own.get(id);
    const watches = this.#watches.get(id) ?? [];
    this.#watches.delete(id);
    if (delivery === undefined) return;
    this.#unfollow(delivery);
    const settlement = this.#settlement(delivery);
    for (const { resolve } of watches) resolve(settlement);
    this.#answers.delete(id);
  }

  #unfollow({ id, orderKey }: Delivery): void {
    const followers = this.#followers.get(orderKey);
    followers?.delete(id);
    if (followers?.size !== 0) return;
    this.#followers.delete(orderKey);
    this.#heads.delete(orderKey);
  }

  /** Some of the watched ones; the next time others. */
  #pending(): readonly string[] {
    const some: [string, Watch[]][] = [];
    for (const one of this.#watches) {
      if (some.length === lookedAtOnce) break;
      some.push(one);
    }
    for (const [id, watches] of some) {
      this.#watches.delete(id);
      this.#watches.set(id, watches);
    }
    return some.map(([id]) => id);
  }

  #settlement(delivery: Delivery): Settlement {
    const { state, lastStatus: status, reason, detail } = delivery;
    const answer = this.#answers.get(delivery.id);
    const known = answer === undefined ? {} : { answer };
    if (state === "held") return { state: "waiting", status, reason, detail, ...known };
    if (state !== "recorded" && state !== "sending" && state !== "waiting") {
      return { state, status, reason, detail, ...known };
    }
    const endpoint = this.#sender.endpoint(delivery.endpoint);
    const why = delivery.attempts > 0 || endpoint.state === "open" ? delivery : endpoint;
    const said = why.detail === "" ? "not sent yet" : why.detail;
    return { state: "waiting", status, reason: why.reason, detail: said, ...known };
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

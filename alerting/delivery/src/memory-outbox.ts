import { type Delivery, type DeliveryState, isUnfinished } from "./delivery.ts";
import type { JournalEntry, NewDelivery } from "./delivery.ts";
import { type Endpoint, freshEndpoint } from "./endpoint.ts";
import * as machine from "./machine.ts";
import { MemoryTurns } from "./memory-turns.ts";
import { isPage } from "./rate.ts";
import { type Change, type DeliveryFilter, emptyCounts, type Take, type Taken } from "./store.ts";
import {
  type CensusRow,
  type Expectation,
  type FallbackMark,
  type Hold,
  type Lapsed,
  type LastWriter,
  type LateFilter,
  type OutboxStore,
  type Recorded,
  type RecordOptions,
  StoreError,
} from "./store.ts";
import { choose, departure, readyFor } from "./turns.ts";

/** What a `MemoryOutbox` holds, in the order of ids. */
class Data {
  lastId = 0;
  readonly runs = new Map<string, bigint>();
  readonly deliveries = new Map<string, Delivery>();
  readonly byIdentity = new Map<string, string>();
  readonly turns = new MemoryTurns((id) => this.deliveries.get(id));
  readonly held = new Set<string>();
  readonly journal = new Map<string, JournalEntry[]>();
  readonly endpoints = new Map<string, Endpoint>();
  /** Owners whose process is not known to be gone. */
  readonly owners = new Set<string>();
  handles = 0;
  readonly counters = new Map<string, number>();
  lastWrite: number | undefined;
  lastWriter: LastWriter["by"] = "here";

  copy(): Data {
    const made = new Data();
    fill(made.runs, this.runs);
    fill(made.deliveries, this.deliveries);
    fill(made.byIdentity, this.byIdentity);
    fill(made.endpoints, this.endpoints);
    fill(made.counters, this.counters);
    for (const [id, history] of this.journal) made.journal.set(id, [...history]);
    for (const one of this.deliveries.values()) {
      made.turns.changed(one, this.journal.get(one.id)?.at(-1)?.at ?? 0);
    }
    made.handles = this.handles;
    for (const id of this.held) made.held.add(id);
    made.lastId = this.lastId;
    made.lastWrite = this.lastWrite;
    return made;
  }
}

function fill<V>(to: Map<string, V>, from: ReadonlyMap<string, V>): void {
  for (const [key, value] of from) to.set(key, value);
}

/** An outbox that is gone with the process: for the API without a data folder, and for tests. */
export class MemoryOutbox implements OutboxStore {
  readonly owner: string;
  readonly durable = false;
  readonly place = "memory";
  readonly #data: Data;
  #closed = false;

  /** With `previous`: the same data after `previous`'s process is gone, whatever it was doing. */
  constructor(previous?: MemoryOutbox, data?: Data) {
    this.#data = data ?? (previous === undefined ? new Data() : previous.#data);
    if (data === undefined && previous !== undefined) previous.#end();
    this.#data.handles += 1;
    this.owner = `memory:${this.#data.handles}`;
    this.#data.owners.add(this.owner);
  }

  /** A handle on the same data, as another process has it. */
  another(): MemoryOutbox {
    return new MemoryOutbox(this, this.#data);
  }
  /**
   * The data as they are now, in a store of their own: what a snapshot of a disk holds, or what is there
   * when its machine starts anew.
   */
  copy(by: "restarted" | "elsewhere" = "elsewhere"): MemoryOutbox {
    const data = this.#data.copy();
    data.lastWriter = this.#data.lastWriter === "elsewhere" ? "elsewhere" : by;
    return new MemoryOutbox(this, data);
  }

  async openRun(runId: string, now: bigint): Promise<bigint> {
    const { runs } = this.#open();
    const known = runs.get(runId) ?? now;
    runs.set(runId, known);
    return known;
  }

  async record(events: readonly NewDelivery[], how: RecordOptions): Promise<Recorded> {
    const replaced: Delivery[] = [];
    const already = new Set<string>();
    const deliveries: Delivery[] = [];
    for (const index of departure(events)) {
      const event = events[index];
      const known = this.#open().byIdentity.get(event.identity);
      if (known !== undefined) {
        already.add(known);
        deliveries[index] = this.#get(known);
        continue;
      }
      const fresh = machine.recorded(event, String(++this.#data.lastId));
      if (how.supersede) replaced.push(...this.#supersede(fresh));
      this.#data.byIdentity.set(event.identity, fresh.id);
      this.#put(machine.entered(fresh));
      deliveries[index] = fresh;
    }
    const changed = await this.change(how.also?.(deliveries) ?? []);
    return { deliveries, superseded: replaced, known: already, changed };
  }

  #supersede(fresh: Delivery): Delivery[] {
    if (!machine.replaces(fresh)) return [];
    return this.#replaceable(fresh)
      .filter((one) => one.runId !== fresh.runId && machine.replaceable(one))
      .map((one) => this.#put(machine.superseded(one, fresh.id, fresh.recordedAt)));
  }

  async take(asked: Take, after: readonly Change[] = []): Promise<Taken> {
    const changed = await this.change(after);
    const { turns, endpoints } = this.#open();
    const lanes = [...asked.room].map(([endpoint, most]) => {
      const find = (count: number) => turns.ready(endpoint, count, asked.at);
      return { endpoint, most, ready: readyFor(asked, most, find) };
    });
    const choice = choose(lanes, asked, (key) => this.#endpoint(key));
    for (const [key, endpoint] of choice.endpoints) endpoints.set(key, endpoint);
    const lease = { owner: this.owner, leaseUntil: asked.leaseUntil };
    const deliveries = choice.chosen.map((one) => this.#put(machine.begun(one, asked.at, lease)));
    const dry = new Map<string, number>();
    for (const { endpoint, most, ready } of lanes) {
      if (ready.length < most && !choice.refused.has(endpoint)) {
        dry.set(endpoint, turns.nextDue(endpoint));
      }
    }
    return { deliveries, endpoints: [...choice.endpoints.values()], dry, changed };
  }

  async change(changes: readonly Change[]): Promise<readonly boolean[]> {
    return changes.map(({ expect, step, endpoint, unlessOvertaken }) => {
      const stored = this.#open().deliveries.get(step.next.id);
      if (stored === undefined || !fits(stored, expect)) return false;
      if (unlessOvertaken === true && this.#isOvertaken(stored)) return false;
      this.#put(step);
      const key = stored.endpoint;
      if (endpoint !== undefined) this.#data.endpoints.set(key, endpoint(this.#endpoint(key)));
      return true;
    });
  }

  async resume(now: number, lapsed: readonly Lapsed[] = []): Promise<readonly Delivery[]> {
    const { owners, turns } = this.#open();
    const over = new Map(lapsed.map(({ id, attempts }) => [id, attempts]));
    const lost = turns.sending
      .map((id) => this.#get(id))
      .filter(
        ({ id, owner = "", attempts }) =>
          owner !== this.owner && (!owners.has(owner) || over.get(id) === attempts),
      );
    return lost.map((one) => {
      const left = this.#put(machine.resumed(one, now));
      const newer = machine.replaces(one) ? this.#newerAccepted(one) : undefined;
      return newer === undefined ? left : this.#put(machine.superseded(left, newer.id, now));
    });
  }
  /** A newer state that went out while the outbox was in trouble. */
  #newerAccepted({ id, orderKey }: Delivery): Delivery | undefined {
    return [...this.#data.deliveries.values()].find(
      (one) =>
        one.orderKey === orderKey &&
        Number(one.id) > Number(id) &&
        one.state === "accepted" &&
        machine.replaces(one),
    );
  }
  async wake(now: number): Promise<void> {
    const { turns, deliveries } = this.#open();
    for (const id of turns.wake(now)) deliveries.set(id, { ...this.#get(id), nextAttemptAt: now });
  }
  async lanes(): Promise<readonly string[]> {
    return this.#open().turns.endpoints;
  }
  async backlog(endpoint: string): Promise<number> {
    return this.#open().turns.backlog(endpoint);
  }

  async late({ before, untriedSince, limit }: LateFilter): Promise<readonly Delivery[]> {
    const old = [...this.#open().deliveries.values()].filter(
      (one) => isUnfinished(one) && isPage(one) && one.recordedAt < before,
    );
    const open = old.filter(({ fallback }) => {
      if (untriedSince === undefined || fallback === undefined) return true;
      return fallback.state !== "sent" && fallback.at < untriedSince;
    });
    return open.toSorted((a, b) => a.recordedAt - b.recordedAt).slice(0, limit);
  }
  async markFallback({ id, expect, next, detail, status }: FallbackMark): Promise<boolean> {
    const { deliveries, journal } = this.#open();
    const one = deliveries.get(id);
    if (one === undefined) return false;
    if (one.fallback?.state !== expect?.state || one.fallback?.at !== expect?.at) return false;
    deliveries.set(id, { ...one, fallback: next });
    const { attempts: attempt, state } = one;
    const entry = { deliveryId: id, at: next.at, attempt, state, status, detail };
    journal.get(id)?.push({ ...entry, reason: "fallback" });
    return true;
  }
  async touch(): Promise<void> {
    this.#open();
  }
  async count(increments: ReadonlyMap<string, number>): Promise<ReadonlyMap<string, number>> {
    const { counters } = this.#open();
    for (const [name, by] of increments) counters.set(name, (counters.get(name) ?? 0) + by);
    return new Map(counters);
  }
  async census(): Promise<readonly CensusRow[]> {
    const rows = new Map<string, CensusRow>();
    const entities = new Map<string, Set<string>>();
    for (const { integration, state, recordedAt, orderKey } of this.#open().deliveries.values()) {
      if (settledStates.includes(state)) continue;
      const key = `${integration} ${state}`;
      const row = rows.get(key) ?? {
        integration,
        state,
        count: 0,
        oldest: recordedAt,
        entities: 0,
      };
      const oldest = Math.min(row.oldest, recordedAt);
      const seen = entities.get(key) ?? new Set();
      if (orderKey !== "") seen.add(orderKey);
      entities.set(key, seen);
      rows.set(key, { ...row, count: row.count + 1, oldest, entities: seen.size });
    }
    return [...rows.values()];
  }
  async lastWriter(): Promise<LastWriter> {
    const { lastWrite: at, lastWriter: by } = this.#open();
    return { at, by };
  }
  async adopt(hold?: Hold): Promise<number> {
    const data = this.#open();
    data.lastWriter = "here";
    if (hold === undefined) return 0;
    await this.resume(hold.at);
    const old = [...data.deliveries.values()].filter(({ state }) => waits.includes(state));
    for (const one of old) this.#put(machine.held(one, hold, hold.at));
    return old.length;
  }
  async prune(before: number): Promise<number> {
    const { deliveries, byIdentity, journal } = this.#open();
    const old = [...deliveries.values()].filter(
      ({ state, recordedAt }) => settledStates.includes(state) && recordedAt < before,
    );
    for (const { id, identity } of old) {
      deliveries.delete(id);
      byIdentity.delete(identity);
      journal.delete(id);
    }
    return old.length;
  }

  async list(filter: DeliveryFilter): Promise<readonly Delivery[]> {
    const { states, runId, entity, reason, after = "0", limit } = filter;
    const found = [...this.#open().deliveries.values()].filter(
      (one) =>
        (states?.includes(one.state) ?? true) &&
        (runId === undefined || one.runId === runId) &&
        (entity === undefined || one.entity === entity) &&
        (reason === undefined || one.reason === reason) &&
        Number(one.id) > Number(after),
    );
    return found.slice(0, limit ?? found.length);
  }

  async get(id: string): Promise<Delivery | undefined> {
    return this.#open().deliveries.get(id);
  }
  async known(identities: readonly string[]): Promise<ReadonlyMap<string, Delivery>> {
    const found = new Map<string, Delivery>();
    for (const one of identities) {
      const id = this.#open().byIdentity.get(one);
      if (id !== undefined) found.set(one, this.#get(id));
    }
    return found;
  }
  async journal(id: string): Promise<readonly JournalEntry[]> {
    return this.#open().journal.get(id) ?? [];
  }
  async counts(
    states?: readonly DeliveryState[],
  ): Promise<Readonly<Record<DeliveryState, number>>> {
    const counts = emptyCounts();
    for (const { state } of this.#open().deliveries.values())
      if (states?.includes(state) !== false) counts[state] += 1;
    return counts;
  }
  async endpoints(): Promise<readonly Endpoint[]> {
    return [...this.#open().endpoints.values()];
  }
  async changeEndpoint(key: string, to: (stored: Endpoint) => Endpoint): Promise<void> {
    this.#open().endpoints.set(key, to(this.#endpoint(key)));
  }
  async close(): Promise<void> {
    this.#end();
  }
  #end(): void {
    this.#closed = true;
    this.#data.owners.delete(this.owner);
  }

  #open(): Data {
    if (this.#closed) throw new StoreError("closed", "the outbox in memory is closed");
    return this.#data;
  }
  #get(id: string): Delivery {
    const found = this.#data.deliveries.get(id);
    if (found === undefined) throw new Error(`no delivery ${id}`);
    return found;
  }
  #endpoint(key: string): Endpoint {
    return this.#data.endpoints.get(key) ?? freshEndpoint(key);
  }
  /** What the fresh one may take the place of. */
  #replaceable(fresh: Delivery): Delivery[] {
    const held = [...this.#data.held].map((id) => this.#get(id));
    const queued = this.#data.turns.queue(fresh.orderKey).map((id) => this.#get(id));
    return [...queued, ...held.filter((one) => one.orderKey === fresh.orderKey)];
  }
  #isOvertaken({ id, orderKey }: Delivery): boolean {
    if (orderKey === "") return false;
    return [...this.#data.deliveries.values()].some(
      (one) => one.orderKey === orderKey && Number(one.id) > Number(id) && machine.overtakes(one),
    );
  }
  #put(step: machine.Step): Delivery {
    const { next, entry } = step;
    this.#data.lastWrite = entry.at;
    // It may have been marked since the sender read it.
    const fallback = this.#data.deliveries.get(next.id)?.fallback;
    this.#data.deliveries.set(next.id, fallback === undefined ? next : { ...next, fallback });
    const history = this.#data.journal.get(next.id) ?? [];
    history.push(entry);
    this.#data.journal.set(next.id, history);
    if (next.state === "held") this.#data.held.add(next.id);
    else this.#data.held.delete(next.id);
    this.#data.turns.changed(next, entry.at);
    return next;
  }
}

const waits: readonly DeliveryState[] = ["recorded", "waiting"];
const settledStates: readonly DeliveryState[] = ["accepted", "refused", "superseded", "discarded"];

function fits(delivery: Delivery, expect: Expectation): boolean {
  return delivery.state === expect.state && delivery.attempts === expect.attempts;
}

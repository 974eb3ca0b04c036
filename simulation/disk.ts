import {
  type Change,
  type Delivery,
  type DeliveryFilter,
  type DeliveryState,
  type Endpoint,
  type FallbackMark,
  type Hold,
  type Lapsed,
  type LateFilter,
  type NewDelivery,
  type OutboxStore,
  type RecordOptions,
  type Step,
  StoreError,
  type StoreFailure,
  type Take,
  type Taken,
} from "@tocsin/alerting/delivery";
import type { Random } from "@tocsin/platform/host";
import { type Ledgers, numberOf } from "./ledgers.ts";
import type { Medium } from "./medium.ts";
import type { Process } from "./time.ts";

/** How the next transactions of a process fail. */
export interface DiskFault {
  readonly failure: Extract<StoreFailure, "full" | "io" | "locked">;
  /** After: it was written, and the process is told that it was not. */
  readonly when: "before" | "after";
  /** So many go well before. */
  skip: number;
  left: number;
}

/**
 * One outbox on one disk, shared by processes. What was written without a sync is gone after a power
 * cut; the end of a process takes nothing back.
 */
export class Disk {
  readonly #ledgers: Ledgers;
  readonly #random: Random;
  /** The last one is in use. */
  readonly #media: Medium[] = [];
  /** What a power cut leaves, when that differs. */
  #synced: Promise<Medium> | undefined;
  /** Syncs that are under way. */
  readonly #syncs = new Set<Sync>();
  #snapshot: Medium | undefined;
  /** What is wrong for all processes: there is no room. */
  readonly #troubles: DiskTroubles = {};

  constructor(ledgers: Ledgers, random: Random, medium: Medium) {
    this.#ledgers = ledgers;
    this.#random = random;
    this.#media.push(medium);
  }
  /** `before`: the handle that the process had, whose disk fails as it did. */
  open(process: Process, before?: Handle): Handle {
    const handle = new Handle({
      process,
      disk: this.#troubles,
      store: this.#medium.open(),
      ledgers: this.#ledgers,
      random: this.#random,
      touch: () => this.#touch(),
      sync: () => this.#sync(),
    });
    if (before !== undefined) handle.own = before.own;
    return handle;
  }
  /** Call when all processes are dead. */
  async powerCut(): Promise<void> {
    if (!this.#medium.forgets) return;
    const dropped = this.#synced !== undefined;
    this.#media.push(await (this.#synced ?? this.#medium.copy("restarted")));
    this.#synced = undefined;
    this.#syncs.clear();
    if (!dropped) return;
    this.#ledgers.fault("unsynced writes dropped");
    this.#ledgers.dropped(await this.read((store) => store.list({})));
  }
  /** Keeps a copy of the disk as it is. */
  async keep(): Promise<void> {
    this.#snapshot = await this.#medium.copy("elsewhere");
  }
  /** The disk is the kept copy again. Call when all processes are dead. */
  async restore(): Promise<void> {
    if (this.#snapshot === undefined) return;
    this.#media.push(this.#snapshot);
    this.#synced = undefined;
    const kept = await this.read((store) => store.list({}));
    this.#ledgers.restored(new Set(kept.map((one) => numberOf(one.request.body))));
  }
  /** Looks at what is on it, past all processes. */
  async read<T>(look: (store: OutboxStore) => Promise<T>): Promise<T> {
    const store = await this.#medium.open();
    try {
      return await look(store);
    } finally {
      await store.close();
    }
  }
  async close(): Promise<void> {
    for (const one of this.#media) await one.close();
  }
  get #medium(): Medium {
    return this.#media[this.#media.length - 1];
  }
  /** Something is about to be written. */
  #touch(): void {
    if (!this.#medium.forgets) return;
    this.#synced ??= this.#medium.copy("restarted");
    for (const one of this.#syncs) one.covers ??= this.#medium.copy("restarted");
  }
  /** Begins to sync what is written; the result ends that: then it is on disk, and nothing later is. */
  #sync(): () => void {
    const sync: Sync = { covers: undefined };
    this.#syncs.add(sync);
    return () => {
      if (!this.#syncs.has(sync)) return;
      // Those that began before it are no news.
      for (const one of this.#syncs) {
        this.#syncs.delete(one);
        if (one === sync) break;
      }
      this.#synced = sync.covers;
    };
  }
}

interface Sync {
  /** The disk as it was when the sync began, once something is written after that. */
  covers: Promise<Medium> | undefined;
}

interface DiskTroubles {
  full?: DiskFault;
}

/** What the handles of a process have in common. */
interface Own {
  next?: DiskFault;
  /** Whoever owns what they had in flight that are closed: the process knows that, and others take them for open. */
  readonly closed: Set<string>;
}

/** What a transaction does to the disk. */
type Kind = "synced" | "unsynced" | "read";

interface HandleWorld {
  readonly disk: DiskTroubles;
  readonly process: Process;
  readonly store: Promise<OutboxStore>;
  readonly ledgers: Ledgers;
  readonly random: Random;
  touch(): void;
  sync(): () => void;
}

/** The outbox as one process has it. */
export class Handle implements OutboxStore {
  readonly owner = "simulated";
  readonly durable = true;
  readonly place = "simulated";
  own: Own = { closed: new Set() };
  closed = false;
  readonly #world: HandleWorld;
  #broken: StoreError | undefined;
  /** Transactions are made in the order of the calls. */
  #last: Promise<void> = Promise.resolve();
  /** Ids of what this process recorded, and was told is on disk. */
  readonly #own = new Set<string>();

  constructor(world: HandleWorld) {
    this.#world = world;
    world.process.atEnd(() => void this.end());
  }
  openRun(runId: string, now: bigint): Promise<bigint> {
    return this.#act("synced", (store) => store.openRun(runId, now));
  }
  async record(events: readonly NewDelivery[], { supersede, also }: RecordOptions) {
    const made = await this.#act("synced", async (store) => {
      let changes: readonly Change[] = [];
      const kept = (deliveries: readonly Delivery[]) => (changes = also?.(deliveries) ?? []);
      const recorded = await store.record(events, { supersede, also: kept });
      const { deliveries, known } = recorded;
      this.#world.ledgers.recorded(deliveries, known, this.#world.process);
      this.#noteAll(changes, recorded.changed);
      for (const _one of recorded.superseded)
        this.#world.ledgers.fault("superseded by a newer run");
      return recorded;
    });
    for (const { id, request } of made.deliveries) {
      this.#own.add(id);
      this.#world.ledgers.onceSafe.add(numberOf(request.body));
      if (this.#world.ledgers.pruned.has(id)) continue;
      this.#world.ledgers.acknowledged.add(numberOf(request.body));
    }
    this.#world.ledgers.told(made.deliveries, this.#world.process);
    return made;
  }
  take(asked: Take, after: readonly Change[] = []) {
    // What another process recorded a moment ago may not be on disk, and must be before it goes out.
    const isNew = ({ id, attempts }: Delivery): boolean => attempts === 1 && !this.#own.has(id);
    const synced = (taken: Taken): boolean => after.length > 0 || taken.deliveries.some(isNew);
    const kind = (taken: Taken) => (synced(taken) ? "synced" : "unsynced");
    return this.#act(kind, async (store) => {
      const taken = await store.take(asked, after);
      this.#noteAll(after, taken.changed);
      this.#world.ledgers.begun(taken.deliveries, this.#world.process);
      return taken;
    });
  }
  change(changes: readonly Change[]) {
    return this.#act("synced", async (store) => {
      const done = await store.change(changes);
      this.#noteAll(changes, done);
      return done;
    });
  }
  #noteAll(changes: readonly Change[], done: readonly boolean[]): void {
    changes.forEach(({ step }, index) => {
      if (done[index]) this.#note(step);
    });
  }
  resume(now: number, lapsed?: readonly Lapsed[]) {
    return this.#act("synced", async (store) => {
      const sending = await store.list({ states: ["sending"] });
      const closed = sending.filter(({ owner = "" }) => this.own.closed.has(owner));
      const resumed = await store.resume(now, [...(lapsed ?? []), ...closed]);
      for (const { id } of resumed) {
        const expired = lapsed?.some((one) => one.id === id) ?? false;
        this.#world.ledgers.fault(expired ? "lease expired in flight" : "sender died in flight");
      }
      return resumed;
    });
  }
  wake(now: number): Promise<void> {
    return this.#act("unsynced", (store) => store.wake(now));
  }
  lanes(): Promise<readonly string[]> {
    return this.#act("read", (store) => store.lanes());
  }
  backlog(endpoint: string): Promise<number> {
    return this.#act("read", (store) => store.backlog(endpoint));
  }
  late(filter: LateFilter) {
    return this.#act("read", (store) => store.late(filter));
  }
  markFallback(mark: FallbackMark) {
    return this.#act("synced", (store) => store.markFallback(mark));
  }
  touch() {
    return this.#act("synced", (store) => store.touch());
  }
  count(increments: ReadonlyMap<string, number>) {
    return this.#act("unsynced", (store) => store.count(increments));
  }
  census() {
    return this.#act("read", (store) => store.census());
  }
  lastWriter() {
    return this.#act("read", (store) => store.lastWriter());
  }
  adopt(hold?: Hold): Promise<number> {
    return this.#act("synced", async (store) => {
      const held = await store.adopt(hold);
      if (held > 0) this.#world.ledgers.fault("held: too old to believe");
      return held;
    });
  }
  prune(before: number): Promise<number> {
    return this.#act("synced", async (store) => {
      const all = await store.list({});
      const pruned = await store.prune(before);
      const left = new Set((await store.list({})).map(({ id }) => id));
      this.#world.ledgers.forgotten(all.filter(({ id }) => !left.has(id)));
      return pruned;
    });
  }
  list(filter: DeliveryFilter): Promise<readonly Delivery[]> {
    return this.#act("read", (store) => store.list(filter));
  }
  get(id: string): Promise<Delivery | undefined> {
    return this.#act("read", (store) => store.get(id));
  }
  known(identities: readonly string[]): Promise<ReadonlyMap<string, Delivery>> {
    return this.#act("read", (store) => store.known(identities));
  }
  journal(id: string) {
    return this.#act("read", (store) => store.journal(id));
  }
  counts(states?: readonly DeliveryState[]) {
    return this.#act("read", (store) => store.counts(states));
  }
  endpoints(): Promise<readonly Endpoint[]> {
    return this.#act("read", (store) => store.endpoints());
  }
  changeEndpoint(key: string, to: (stored: Endpoint) => Endpoint): Promise<void> {
    return this.#act("synced", (store) => store.changeEndpoint(key, to));
  }
  /** Nothing more is asked of it. What it has in flight stays its process's as long as that lives. */
  async close(): Promise<void> {
    this.#broken ??= new StoreError("closed", "the simulated outbox is closed");
    this.closed = true;
    this.own.closed.add((await this.#world.store).owner);
  }
  /** What it had in flight is anyone's. */
  async end(): Promise<void> {
    await (await this.#world.store).close();
  }

  #note({ next, entry }: Step): void {
    const { ledgers } = this.#world;
    ledgers.step(entry);
    const number = numberOf(next.request.body);
    if (next.state === "accepted") {
      ledgers.committed.add(number);
      ledgers.committedAt.set(number, this.#world.process.time.now);
    }
    if (next.state === "parked") ledgers.fault("parked after 24 hours");
    if (entry.reason === "released" || entry.reason === "retry-asked") ledgers.letGo.add(number);
  }

  /** One transaction: it takes time, may fail, and the process may die before and after it. */
  async #act<T>(
    kind: Kind | ((result: T) => Kind),
    body: (store: OutboxStore) => Promise<T>,
  ): Promise<T> {
    const { process, random } = this.#world;
    await process.step();
    const { time } = process;
    const store = await time.outside(this.#world.store);
    const before = this.#last;
    let made = (): void => undefined;
    this.#last = new Promise((resolve) => (made = resolve));
    const delay = random.next() < 0.02 ? 150 : random.next() * 2;
    await before;
    await process.wait(delay);
    let fault: DiskFault | undefined;
    let result: T;
    try {
      if (this.#broken !== undefined) throw this.#broken;
      fault = kind === "read" ? undefined : this.#takeFault();
      if (fault?.when === "before") throw this.#failed(fault);
      if (kind !== "read") this.#world.touch();
      result = await time.outside(body(store));
    } finally {
      made();
    }
    const done = typeof kind === "function" ? kind(result) : kind;
    const synced = done === "synced" ? this.#world.sync() : undefined;
    await process.step();
    if (fault !== undefined) {
      // A sync that failed has brought nothing to the disk; others read the writes all the same.
      if (fault.failure !== "io") synced?.();
      throw this.#failed(fault);
    }
    // The disk works, and the process goes on meanwhile.
    await process.wait(random.next() < 0.15 ? 20 : random.next());
    synced?.();
    return result;
  }
  /** Its next writes fail; where the disk is full, those of all. */
  strike(fault: DiskFault): void {
    if (fault.failure === "full") this.#world.disk.full = fault;
    else this.own.next = fault;
  }
  #takeFault(): DiskFault | undefined {
    return this.#taken(this.#world.disk.full) ?? this.#taken(this.own.next);
  }
  #taken(fault: DiskFault | undefined): DiskFault | undefined {
    if (fault === undefined || fault.left <= 0) return undefined;
    if (fault.skip > 0) {
      fault.skip -= 1;
      return undefined;
    }
    fault.left -= 1;
    return fault;
  }
  #failed({ failure, when }: DiskFault): StoreError {
    this.#world.ledgers.fault(`disk ${failure} ${when} the write`);
    this.#world.process.diskTrouble();
    const error = new StoreError(failure, `the simulated disk says ${failure}`);
    if (failure === "io") this.#broken = error;
    return error;
  }
}

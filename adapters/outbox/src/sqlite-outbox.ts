import { closeSync, fsyncSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import {
  begun,
  type CensusRow,
  type Change,
  choose,
  type Delivery,
  type DeliveryFilter,
  type DeliveryState,
  type Endpoint,
  type Expectation,
  type FallbackMark,
  freshEndpoint,
  held as heldStep,
  type Hold,
  type JournalEntry,
  type Lapsed,
  type LastWriter,
  type LateFilter,
  type NewDelivery,
  type OutboxStore,
  type Recorded,
  type RecordOptions,
  replaceable,
  replaces,
  resumed,
  type Step,
  StoreError,
  type StoreObserver,
  superseded,
  type Take,
  type Taken,
} from "@tocsin/alerting/delivery";
import { isFull, isOfTheStore, storeError } from "./errors.ts";
import { pagesOfLog, syncFolder } from "./folder.ts";
import { endOwner, isGone, newOwner } from "./owner.ts";
import { SqliteBulk } from "./bulk.ts";
import { changingValues, deliveryOf, endpointOf, entryOf, rare, whole } from "./rows.ts";
import type { Row, Value } from "./rows.ts";
import { countsOf, history, listing, newestAccepted, saidByRow } from "./listing.ts";
import { LogSync } from "./log-sync.ts";
import { OwnEvents } from "./own-events.ts";
import { forget, settledBefore } from "./pruning.ts";
import { copyBefore, migrate, refuseForeign } from "./migrate.ts";
import { Patience } from "./patience.ts";
import { insertAll, knownOf } from "./recording.ts";
import { putBack, type SavedRows } from "./restoring.ts";
import { SqliteWatch } from "./watch.ts";
import { whoWrote, writerOf } from "./writer.ts";
import { inQueue, orderHash, SqliteTurns } from "./turns.ts";
import { queuedOf, setMeta, update, updateIf, unsaid } from "./writes.ts";

/** How an outbox is opened. */
export interface SqliteOptions {
  /** How long to wait for another process's transaction. Milliseconds, default 10 000. */
  readonly busyMilliseconds?: number;
  /** Most pages of 4 KiB that the file may have; a full disk then begins there. */
  readonly mostPages?: number;
}

// A constant: a text that is built anew is looked up anew.
/** The events of an order key that other runs left, older than an event: the key's number, the event's id, its run. */
const olderOnes = `${whole} WHERE order_hash = ?1 AND ${inQueue} AND id < ?2 AND run_id <> ?3
  UNION ALL ${whole} WHERE order_hash = ?1 AND state = 'held' AND id < ?2 AND run_id <> ?3 ORDER BY id`;

/** The outbox in one file. */
export class SqliteOutbox implements OutboxStore {
  readonly owner = newOwner();
  readonly durable = true;
  readonly place: string;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #turns: SqliteTurns;
  readonly #bulk: SqliteBulk;
  readonly #own = new OwnEvents();
  readonly #watch: SqliteWatch;
  readonly #patience: Patience;
  #broken: StoreError | undefined;
  readonly #file: string | undefined;
  readonly #log: LogSync;
  #observer: StoreObserver | undefined;
  /** A number that other handles' commits change: its value in this transaction, and in the last one that was synced. */
  #version: unknown;
  #synced: unknown;
  /** The time of what this transaction wrote. */
  #written: number | undefined;

  /** `file`: which file this is, since another one may take its place at `path`. */
  constructor(
    database: DatabaseSync,
    path: string,
    options: SqliteOptions & { readonly file?: string },
  ) {
    this.#database = database;
    this.#file = options.file;
    this.place = path;
    this.#log = new LogSync(`${path}-wal`, (milliseconds) => this.#observer?.synced(milliseconds));
    this.#patience = new Patience(options.busyMilliseconds ?? 10_000);
    const prepared = (sql: string): StatementSync => this.#prepared(sql);
    this.#turns = new SqliteTurns((sql) => this.#statement(sql), prepared);
    this.#bulk = new SqliteBulk(prepared);
    this.#watch = new SqliteWatch((sql) => this.#statement(sql));
  }

  async prepare(): Promise<void> {
    try {
      const file = { place: this.place, database: this.#database, turns: this.#turns };
      await this.#patience.run(() => refuseForeign(file));
      const empty = statSync(this.place).size === 0;
      // An empty file holds nothing that a journal on disk could restore.
      if (empty) this.#database.exec("PRAGMA journal_mode = MEMORY");
      await this.#patience.run(() => this.#database.exec("PRAGMA journal_mode = WAL"));
      // Copies pages into the file in larger portions, and caches more of them.
      const pages = pagesOfLog(this.place);
      this.#database.exec(`PRAGMA wal_autocheckpoint = ${pages}; PRAGMA cache_size = -16000`);
      // Syncing the head of a log matters only where an older log may follow it, which a new file does not have.
      this.#database.exec(`PRAGMA synchronous = ${empty ? "OFF" : "NORMAL"}`);
      copyBefore(file);
      // Not synced: no part of the log survives without its beginning, so the tables are on disk when the first event is.
      await this.#write(
        () => {
          // A new file belongs to this machine from the start.
          if (migrate(file)) this.#run(setMeta, ["last_writer", writerOf(this.place)]);
        },
        () => false,
      );
      // SQLite syncs what keeps the file consistent; LogSync syncs commits before they count.
      this.#database.exec("PRAGMA synchronous = NORMAL");
      // SQLite ignores a failed sync of the folder in which it creates its files.
      this.#log.beside(syncFolder(dirname(this.place)));
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  async openRun(runId: string, now: bigint): Promise<bigint> {
    return this.#write(() => {
      this.#run("INSERT OR IGNORE INTO run (id, now) VALUES (?, ?)", [runId, String(now)]);
      return BigInt(String(this.#one("SELECT now FROM run WHERE id = ?", [runId])?.["now"]));
    });
  }

  async record(events: readonly NewDelivery[], how: RecordOptions): Promise<Recorded> {
    let version: unknown;
    const done = await this.#write(() => {
      version = this.#version;
      const before = this.#turns.look(events);
      const inserted = insertAll(events, (sql) => this.#statement(sql), this.#turns);
      const { deliveries, fresh, known } = inserted;
      if (fresh.length > 0) this.#written = fresh[fresh.length - 1].recordedAt;
      const replaced: Delivery[] = [];
      const looked = new Set<string>();
      for (const one of how.supersede ? fresh : []) {
        if (looked.has(one.orderKey) || !replaces(one)) continue;
        // One look for each order key: it replaces all that is older.
        looked.add(one.orderKey);
        if (before.older(one.orderKey)) replaced.push(...this.#supersede(one));
      }
      before.end();
      const changed = this.#changeAll(how.also?.(deliveries) ?? []);
      return { deliveries, superseded: replaced, known, changed };
    });
    this.#own.add(done, version);
    return done;
  }

  #supersede(fresh: Delivery): Delivery[] {
    this.#turns.unchain(fresh.orderKey, Number(fresh.id));
    const asked = [orderHash(fresh.orderKey), Number(fresh.id), fresh.runId];
    const steps = this.#all(olderOnes, asked)
      .map(deliveryOf)
      .filter((one) => one.orderKey === fresh.orderKey && replaceable(one))
      .map((one) => superseded(one, fresh.id, fresh.recordedAt));
    for (const step of steps) this.#store(step);
    // The turn is decided once, after all of them.
    if (steps.length > 0) this.#turns.left(fresh.orderKey);
    return steps.map(({ next }) => next);
  }

  async take(asked: Take, after: readonly Change[] = []): Promise<Taken> {
    // A claim alone is not synced. If a power cut takes it back, the event is sent again, as it would be for its lost
    // answer. A process that dies takes nothing back.
    let others = false;
    const taken = await this.#write(
      () => {
        // Perhaps a verdict for which an event of this process waited.
        others = this.#version !== this.#synced;
        const changed = this.#changeAll(after);
        return { ...this.#take(asked), changed };
      },
      ({ deliveries }) =>
        after.length > 0 || others || deliveries.some((one) => this.#mayBeUnsynced(one)),
    );
    for (const one of taken.deliveries) this.#own.drop(one);
    return taken;
  }
  /** Whether its recording may not be on disk yet: it is for what this process recorded itself. */
  #mayBeUnsynced({ id, attempts }: Delivery): boolean {
    return attempts === 1 && !this.#own.all.has(Number(id));
  }

  #take(asked: Take): Omit<Taken, "changed"> {
    const { at, leaseUntil } = asked;
    const recent = { known: this.#own.all, following: () => this.#following() };
    const lanes = [...asked.room].map(([endpoint, most]) => ({
      endpoint,
      most,
      ready: this.#turns.ready(endpoint, { ...asked, most }, recent),
    }));
    const choice = choose(lanes, asked, (key) => this.#endpoint(key));
    for (const key of choice.touched) {
      this.#putEndpoint(choice.endpoints.get(key) ?? freshEndpoint(key));
    }
    const lease = { owner: this.owner, leaseUntil };
    const deliveries = choice.chosen.map((one) => this.#put(begun(one, at, lease)));
    const dry = new Map<string, number>();
    for (const { endpoint, most, ready } of lanes) {
      if (ready.length < most && !choice.refused.has(endpoint)) {
        dry.set(endpoint, this.#turns.nextDue(endpoint));
      }
    }
    return { deliveries, endpoints: [...choice.endpoints.values()], dry };
  }

  /** The events that follow in their chains now. Those that begin at once need no turn in the file. */
  #following(): readonly Delivery[] {
    const found = this.#own.untouched(this.#bulk.following, this.#version);
    if (found === undefined) this.#bulk.settle();
    return found ?? [];
  }

  async change(changes: readonly Change[]): Promise<readonly boolean[]> {
    return this.#write(() => this.#changeAll(changes));
  }
  #changeAll(changes: readonly Change[]): boolean[] {
    const guarded = changes.some((one) => one.unlessOvertaken === true);
    const ahead = guarded ? this.#ahead() : new Map<string, number>();
    const moved: boolean[] = [];
    while (moved.length < changes.length) {
      const accepted = this.#accept(changes, moved.length);
      if (accepted.length > 0) moved.push(...accepted);
      else moved.push(this.#change(changes[moved.length], ahead));
    }
    // Many verdicts concern few endpoints: each is read once, and written after the last verdict.
    const before = new Map<string, Endpoint>();
    const after = new Map<string, Endpoint>();
    changes.forEach(({ step, endpoint }, index) => {
      if (endpoint === undefined || !moved[index]) return;
      const key = step.next.endpoint;
      const known = after.get(key) ?? this.#endpoint(key);
      if (!before.has(key)) before.set(key, known);
      after.set(key, endpoint(known));
    });
    for (const [key, next] of after) if (next !== before.get(key)) this.#putEndpoint(next);
    return moved;
  }
  /** Makes the acceptances that begin at `from`; none: that change is not an acceptance. */
  #accept(changes: readonly Change[], from: number): boolean[] {
    const { end, nexts } = this.#bulk.accept(changes, from);
    const asked = changes.slice(from, end).map(({ step }) => step);
    const done = asked.filter(({ next }) => nexts.has(next.id));
    if (done.length > 0) this.#written = done[0].entry.at;
    const last = done.filter(({ next }) => nexts.get(next.id) === null);
    this.#turns.promote(last.map(({ next }) => next.orderKey));
    this.#bulk.follow([...nexts.values()].filter((next) => next !== null));
    return asked.map(({ next }) => nexts.has(next.id));
  }
  #change({ expect, step, unlessOvertaken }: Change, ahead: ReadonlyMap<string, number>): boolean {
    const { id, orderKey } = step.next;
    const last = unlessOvertaken === true ? ahead.get(orderKey) : undefined;
    if (last !== undefined && last > Number(id)) return false;
    return this.#move(step, expect);
  }
  /** The last event of each order key that the service has or may have (`overtakes`). */
  #ahead(): Map<string, number> {
    const rows = this.#all(
      `SELECT order_key, max(id) AS id FROM delivery CROSS JOIN event USING (id)
       WHERE order_key <> '' AND (state IN ('accepted', 'sending') OR in_doubt = 1)
       GROUP BY order_key`,
    );
    return new Map(rows.map((row) => [String(row["order_key"]), Number(row["id"])]));
  }

  async resume(now: number, lapsed: readonly Lapsed[] = []): Promise<readonly Delivery[]> {
    const over = new Map(lapsed.map(({ id, attempts }) => [id, attempts]));
    // Mostly nothing is lost, and a look needs no lock.
    if ((await this.#read(() => this.#lost(over))).length === 0) return [];
    return this.#write(() => {
      const lost = this.#lost(over);
      const newer = newestAccepted(lost, (sql) => this.#statement(sql));
      return lost.map((one) => {
        const left = this.#put(resumed(one, now));
        const by = replaces(one) ? (newer.get(one.orderKey) ?? 0) : 0;
        return by > Number(one.id) ? this.#put(superseded(left, String(by), now)) : left;
      });
    });
  }
  #lost(over: ReadonlyMap<string, number>): Delivery[] {
    return this.#all(`${whole} WHERE ${rare} AND state = 'sending' ORDER BY id`)
      .map(deliveryOf)
      .filter((one) => one.owner !== this.owner)
      .filter(({ id, attempts, owner = "" }) => over.get(id) === attempts || isGone(owner));
  }

  async wake(now: number): Promise<void> {
    // A few at a time: others must not wait for it.
    while (await this.#read(() => this.#turns.anyWaits(now))) {
      await this.#write(
        () => this.#turns.wake(now),
        () => false,
      );
    }
  }
  async lanes(): Promise<readonly string[]> {
    return this.#read(() => this.#turns.endpoints());
  }
  async backlog(endpoint: string): Promise<number> {
    return this.#read(() => this.#turns.backlog(endpoint));
  }

  async late(filter: LateFilter): Promise<readonly Delivery[]> {
    return this.#read(() => this.#watch.late(filter));
  }
  async markFallback(mark: FallbackMark): Promise<boolean> {
    return this.#write(() => {
      const entry = this.#watch.marked(mark);
      if (entry === undefined) return false;
      this.#note({ entry });
      this.#own.drop(mark);
      return true;
    });
  }
  async touch(): Promise<void> {
    return this.#write(() => this.#watch.touch(Date.now()));
  }
  async count(increments: ReadonlyMap<string, number>): Promise<ReadonlyMap<string, number>> {
    return this.#write(
      () => this.#watch.count(increments),
      () => false,
    );
  }
  async census(): Promise<readonly CensusRow[]> {
    return this.#read(() => this.#watch.census());
  }
  async lastWriter(): Promise<LastWriter> {
    return this.#read(() => {
      const of = (key: string) =>
        this.#one("SELECT value FROM meta WHERE key = ?", [key])?.["value"];
      const at = of("last_write");
      return {
        at: at === undefined ? undefined : Number(at),
        by: whoWrote(String(of("last_writer") ?? ""), writerOf(this.place)),
      };
    });
  }
  async adopt(hold?: Hold): Promise<number> {
    return this.#write(() => {
      let count = 0;
      if (hold !== undefined) {
        for (const one of this.#lost(new Map())) this.#put(resumed(one, hold.at));
        const next = `${whole} WHERE state IN ('recorded', 'waiting') AND id > ?
          ORDER BY id LIMIT 1000`;
        for (let some = this.#all(next, [0]); some.length > 0;) {
          const held = some.map(deliveryOf).map((one) => this.#put(heldStep(one, hold, hold.at)));
          count += held.length;
          some = this.#all(next, [Number(held[held.length - 1].id)]);
        }
      }
      this.#run(setMeta, ["last_writer", writerOf(this.place)]);
      return count;
    });
  }
  async prune(before: number): Promise<number> {
    let pruned = 0;
    const times = { before, now: Date.now() };
    // A few at a time: others must not wait for it.
    for (let more = true; more;) {
      const ids = await this.#read(() => settledBefore(times, (sql) => this.#statement(sql)));
      more = ids.length > 0;
      if (!more) break;
      pruned += ids.length;
      await this.#write(() => forget(ids, (sql) => this.#statement(sql)));
    }
    return pruned;
  }

  async list(filter: DeliveryFilter): Promise<readonly Delivery[]> {
    const { where, values } = listing(filter);
    return this.#read(() => this.#all(`${whole} WHERE ${where}`, values).map(deliveryOf));
  }

  async get(id: string): Promise<Delivery | undefined> {
    return this.#read(() => this.#delivery(id));
  }
  async known(identities: readonly string[]): Promise<ReadonlyMap<string, Delivery>> {
    return this.#read(() => knownOf(identities, (sql) => this.#statement(sql)));
  }
  async journal(id: string): Promise<readonly JournalEntry[]> {
    return this.#read(() => this.#all(history, [Number(id)]).map(entryOf));
  }
  async counts(
    states?: readonly DeliveryState[],
  ): Promise<Readonly<Record<DeliveryState, number>>> {
    return this.#read(() => countsOf(states, (sql) => this.#statement(sql)));
  }
  async endpoints(): Promise<readonly Endpoint[]> {
    return this.#read(() => this.#all("SELECT data FROM endpoint ORDER BY key").map(endpointOf));
  }
  async changeEndpoint(key: string, to: (stored: Endpoint) => Endpoint): Promise<void> {
    return this.#write(() => this.#putEndpoint(to(this.#endpoint(key))));
  }
  observe(observer: StoreObserver): void {
    this.#observer = observer;
  }
  async close(): Promise<void> {
    if (!this.#database.isOpen) return;
    endOwner(this.owner);
    this.#database.close();
    await this.#log.close();
  }

  async backup(file: string): Promise<void> {
    // What is wrong with that file says nothing about this one.
    closeSync(openSync(file, "wx", 0o600));
    await this.#read(() => void this.#database.prepare("VACUUM INTO ?").run(file));
    const handle = openSync(file, "r");
    fsyncSync(handle);
    closeSync(handle);
  }
  /** Puts rows of another outbox in, as they were. */
  async restore(rows: SavedRows): Promise<void> {
    await this.#write(() => {
      const note = (entry: JournalEntry): void => this.#bulk.line(entry);
      putBack(rows, { statement: (sql) => this.#statement(sql), turns: this.#turns, note });
    });
  }

  #delivery(id: string): Delivery | undefined {
    if (!/^\d{1,15}$/.test(id)) return undefined;
    const row = this.#one(`${whole} WHERE id = ?`, [Number(id)]);
    return row === undefined ? undefined : deliveryOf(row);
  }
  /** Stores a step of a delivery that was read in this transaction, so that nobody can have changed it since. */
  #put(step: Step): Delivery {
    const { next } = step;
    this.#store(step);
    this.#turns.changed(next, step.entry.at);
    return next;
  }
  /** Stores it without deciding who has the turn then. */
  #store(step: Step): void {
    const { next } = step;
    if (next.state === "sending") {
      this.#written = step.entry.at;
      this.#bulk.begin(step);
    } else {
      this.#run(update, [...changingValues(next), queuedOf(next), Number(next.id)]);
      this.#note(step);
    }
  }
  /** False: the delivery is not as expected. */
  #move(step: Step, { state, attempts }: Expectation): boolean {
    const { next } = step;
    const values = [...changingValues(next), queuedOf(next), Number(next.id), state, attempts];
    if (this.#run(updateIf, values).changes !== 1) return false;
    this.#note(step);
    this.#turns.changed(next, step.entry.at, state);
    return true;
  }
  /** Writes a line of a history, after the lines that the row stands for. */
  #note({ entry }: Pick<Step, "entry">): void {
    this.#written = entry.at;
    // Before the first attempt the row stands for no line.
    const said = entry.attempt === 0 ? [] : this.#all(saidByRow, [Number(entry.deliveryId)]);
    for (const one of said) this.#bulk.line(entryOf(one));
    if (said.length > 0) this.#run(unsaid, [Number(entry.deliveryId)]);
    this.#bulk.line(entry);
  }
  #endpoint(key: string): Endpoint {
    const row = this.#prepared("SELECT data FROM endpoint WHERE key = ?").get(key);
    return row === undefined ? freshEndpoint(key) : endpointOf(row);
  }
  #putEndpoint(endpoint: Endpoint): void {
    const upsert = "INSERT INTO endpoint VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET data = ?2";
    this.#prepared(upsert).run(endpoint.key, JSON.stringify(endpoint));
  }

  #statement(sql: string): StatementSync {
    this.#bulk.settle();
    return this.#prepared(sql);
  }
  #prepared(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
  #run(sql: string, values: readonly Value[] = []) {
    return this.#statement(sql).run(...values);
  }
  #one(sql: string, values: readonly Value[] = []): Row | undefined {
    return this.#statement(sql).get(...values);
  }
  #all(sql: string, values: readonly Value[] = []): Row[] {
    return this.#statement(sql).all(...values);
  }

  async #read<T>(body: () => T): Promise<T> {
    this.#mustWork();
    try {
      return await this.#patience.run(body);
    } catch (error) {
      throw this.#judged(error, "transaction");
    }
  }

  /**
   * Executes `body` in a transaction, without a pause. `synced`: whether it must be on disk when this resolves; otherwise
   * it is when a later one is.
   */
  async #write<T>(body: () => T, synced: (result: T) => boolean = () => true): Promise<T> {
    let version: unknown;
    const result = await this.#read(() =>
      this.#tryWrite(() => {
        version = this.#version;
        return body();
      }),
    );
    if (!synced(result)) return result;
    try {
      await this.#log.synced();
      this.#synced = version;
    } catch (error) {
      throw this.#judged(error, "sync");
    }
    return result;
  }
  #tryWrite<T>(body: () => T): T {
    try {
      return this.#transaction(body);
    } catch (error) {
      if (!isFull(error) || !this.#emptiesLog()) throw error;
      return this.#transaction(body);
    }
  }
  #transaction<T>(body: () => T): T {
    this.#prepared("BEGIN IMMEDIATE").run();
    try {
      this.#version = this.#prepared("PRAGMA data_version").get()?.["data_version"];
      this.#written = undefined;
      const result = body();
      if (this.#written !== undefined) {
        this.#run(setMeta, ["last_write", this.#written]);
      }
      this.#bulk.flush();
      this.#prepared("COMMIT").run();
      return result;
    } catch (error) {
      this.#bulk.forget();
      this.#turns.forget();
      if (this.#database.isOpen && this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
  }
  /** Empties the log, which may be what fills the disk, because each transaction makes it longer. */
  #emptiesLog(): boolean {
    try {
      this.#database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      return true;
    } catch {
      return false;
    }
  }

  #mustWork(): void {
    if (this.#broken !== undefined) throw this.#broken;
    if (!this.#database.isOpen) {
      throw new StoreError("closed", `the outbox ${this.place} is closed`);
    }
  }

  #judged(error: unknown, operation: "transaction" | "sync"): unknown {
    if (!isOfTheStore(error)) return error;
    this.#observer?.failed(operation);
    const judged = storeError(this.place, error, this.#file);
    // After a failed sync nobody knows what is on disk, and SQLite would go on as if nothing had happened.
    if (judged.code === "io" || judged.code === "corrupt") this.#broken = judged;
    return judged;
  }
}

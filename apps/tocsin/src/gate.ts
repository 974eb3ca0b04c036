import { existsSync, readdirSync } from "node:fs";
import type {
  Broken,
  Deference,
  Delivery,
  EventMaker,
  OutboxStore,
  RunSummary,
  Sender,
  StoreError,
  Tracing,
} from "@tocsin/alerting/delivery";
import type { Deliveries, Dispatch, Masker, OutgoingRequest } from "@tocsin/alerting/oncall";
import { randomUuid } from "@tocsin/adapters/host-node";
import type { Host, Log } from "@tocsin/platform/host";
import { type Opened, Unprotected } from "./unprotected.ts";
import type { Watch, WatchSettings } from "./watch.ts";

/** What earlier runs left waits so long for what a script may say anew, at most. Milliseconds. */
const longestDeference = 5000;
/** How it is found out whether an outbox that failed works again. Milliseconds. */
interface Look {
  /** How long another process's transaction is waited for. */
  readonly patience: number;
  /** How long what is on its way may take to end; to the end of the run at least. */
  readonly until: number;
}
/** In the middle of a run every attempt may end. */
const meanwhile: Look = { patience: 1000, until: 10_000 };
const atEnd: Look = { patience: 250, until: 500 };

/** How a run's gate to the outside is set up. */
interface GateOptions {
  readonly host: Host;
  readonly masker: Masker;
  /** Folder of the outbox; undefined: it is kept in memory. */
  readonly folder: string | undefined;
  readonly runId: string | undefined;
  /** Milliseconds to wait for deliveries after the last row. */
  readonly wait: number;
  readonly deliverTo: string | undefined;
  /** Whether an event replaces those of earlier runs that still wait. */
  readonly supersede: boolean;
  /** What follows the deliveries through a system of traces; undefined: nothing. */
  readonly tracing?: Tracing | undefined;
  /** What watches over the deliveries; undefined: nothing. */
  readonly watch?: WatchSettings | undefined;
  /** Is told each attempt, why an endpoint takes no events, and what is wrong with the outbox. */
  readonly log?: Log | undefined;
  /** Standard error. */
  err?(text: string): void;
}

/** What a run's deliveries came to. */
export interface FinishedRun extends RunSummary {
  /** Events in the outbox that did not arrive yet, of all runs. */
  readonly waiting: number;
  /** Events that only a person can let go. */
  readonly held: number;
  /** How long the queue takes, when a host's rate is what it waits for. */
  readonly queueTime?: { readonly milliseconds: number; readonly perMinute: number };
  /** Why endpoints take no events, for people. */
  readonly blocked: readonly string[];
  /** What is wrong with the outbox, for people; empty: nothing. */
  readonly trouble: readonly string[];
}

interface Ending {
  readonly wellEnded: string | undefined;
  /** What became of those that were sent without the outbox, and that it was not told of. */
  readonly unprotected: Promise<readonly Delivery[]>;
}

/**
 * The deliveries of one `run`. The outbox is opened when the first request comes, or at once when
 * there is one already: what waits in it leaves with this run. A script that sends nothing loads no
 * database. What the outbox cannot record is sent all the same, from memory, and that is said.
 */
export class RunGate implements Deliveries {
  readonly #options: GateOptions;
  #runId: string | undefined;
  readonly #trouble: string[] = [];
  #deadline = 0;
  #finishing = false;
  #salvagedOnce = false;
  #watch: Watch | undefined;
  #opened: Promise<Opened | undefined> | undefined;
  readonly #unprotected = new Unprotected((store) => this.#on(store));
  /** Whether the outbox has noted what went out without it. */
  #noted = false;
  /** Whatever is done in turn. */
  #last: Promise<void> = Promise.resolve();
  /** Whether its handle takes nothing more. */
  #broken = false;
  #maker: EventMaker | undefined;

  constructor(options: GateOptions) {
    this.#options = options;
    this.#runId = options.runId;
  }
  /** What `now()` was in the first run with this run's id; `now` when this is the first. */
  async remembered(now: bigint): Promise<bigint> {
    const { runId } = this.#options;
    if (runId === undefined) return now;
    const opened = await this.#open();
    return opened === undefined ? now : opened.sender.store.openRun(runId, now).catch(() => now);
  }
  async deliver(requests: readonly OutgoingRequest[]): Promise<readonly Dispatch[]> {
    if (requests.length === 0) return [];
    const { clock } = this.#options.host;
    const opened = await this.#open();
    this.#deadline = clock.monotonic() + this.#options.wait;
    if (opened === undefined) return this.#unprotected.deliver(requests);
    if (!this.#unprotected.any) {
      const recorded = await this.#recorded(opened, requests);
      if (recorded !== undefined) return recorded;
      return this.#inTurn(() => this.#alone(opened, requests));
    }
    // What went out without it comes first.
    return this.#inTurn(async () => {
      const known = await this.#handedOver(opened, meanwhile);
      const recorded = known ? await this.#recorded(opened, requests) : undefined;
      return recorded ?? this.#alone(opened, requests);
    });
  }
  /** Undefined: the outbox could not record them. */
  async #recorded(
    { gate }: Opened,
    requests: readonly OutgoingRequest[],
  ): Promise<readonly Dispatch[] | undefined> {
    try {
      return await gate.deliver(requests);
    } catch (error) {
      const failure = await this.#storeError(error);
      this.#broken ||= failure.code === "io" || failure.code === "corrupt";
      this.#note(failure);
      return undefined;
    }
  }
  /** Without the outbox, of which nothing older of the same entities may leave before it knows. */
  async #alone(
    { sender }: Opened,
    requests: readonly OutgoingRequest[],
  ): Promise<readonly Dispatch[]> {
    const events = this.#maker?.make(requests) ?? [];
    await sender.withhold(events.map((one) => one?.orderKey ?? ""));
    return this.#unprotected.deliver(requests);
  }
  /** One after the other: what the outbox is told of must not become more meanwhile. */
  #inTurn<T>(body: () => Promise<T>): Promise<T> {
    const done = this.#last.then(body);
    this.#last = done.then(
      () => undefined,
      () => undefined,
    );
    return done;
  }
  /** Opens the outbox and takes up what earlier runs left. */
  async open(): Promise<void> {
    await this.#open();
  }
  /** The same where there is an outbox already. Where no file can be one, as in a folder of buckets, nothing is loaded to know. */
  async takeUp(): Promise<void> {
    const { folder } = this.#options;
    if (folder === undefined || !existsSync(folder)) return;
    if (!mayHoldOutbox(folder)) return;
    if ((await import("@tocsin/adapters/outbox")).hasOutbox(folder)) await this.open();
  }
  /**
   * Waits for what is on its way, as long as that is worth it. Undefined: nothing was ever sent.
   * `wellEnded`: the name of the script, when it did not fail.
   */
  async finish(wellEnded?: string): Promise<FinishedRun | undefined> {
    if (this.#opened === undefined) return undefined;
    this.#finishing = true;
    const opened = await this.#opened;
    if (opened !== undefined) await this.#inTurn(() => this.#handedOver(opened, atEnd));
    const unprotected = this.#finishUnprotected();
    const main =
      opened === undefined
        ? await this.#late(await unprotected)
        : await this.#finished(opened, { wellEnded, unprotected });
    const untold = this.#unprotected.any ? await unprotected : [];
    const known = main?.deliveries ?? [];
    const deliveries = [...known, ...untold];
    this.#sayUnprotected(known, untold);
    const direct = [main?.direct, this.#unprotected.direct].filter((one) => one !== undefined);
    return {
      deliveries,
      superseded: main?.superseded ?? 0,
      direct: {
        answered: direct.reduce((sum, one) => sum + one.answered, 0),
        failed: direct.reduce((sum, one) => sum + one.failed, 0),
      },
      waiting: main?.waiting ?? 0,
      held: main?.held ?? 0,
      blocked: main?.blocked ?? [],
      trouble: this.#trouble,
      ...(main?.queueTime === undefined ? {} : { queueTime: main.queueTime }),
    };
  }
  /**
   * Breaks off at once, unless the run has finished; everything recorded stays recorded. Gives how many
   * events wait then.
   */
  async abort(): Promise<number> {
    if (this.#finishing) return 0;
    await this.#unprotected.stop();
    const opened = await this.#opened;
    if (opened === undefined) return 0;
    const { sender } = opened;
    await sender.stop();
    if (sender.failure !== undefined) await this.#tellAnswers(sender);
    await this.#inTurn(() => this.#handedOver(opened, atEnd));
    const store = sender.failure === undefined ? sender.store : await this.#again();
    try {
      const counts = await store?.counts(["recorded", "sending", "waiting"]);
      return counts === undefined ? 0 : counts.recorded + counts.sending + counts.waiting;
    } finally {
      await store?.close();
    }
  }
  /** What a sender read that had to give up; its store is closed then. */
  async #tellAnswers(sender: Sender): Promise<void> {
    const { noteAnswers } = await import("@tocsin/alerting/delivery");
    const until = this.#options.host.clock.monotonic();
    await noteAnswers(sender, { open: () => this.#outbox(atEnd.patience), until });
    this.#broken = false;
  }
  /** The outbox opened anew; undefined: it cannot be. */
  async #again(): Promise<OutboxStore | undefined> {
    try {
      return await this.#outbox(atEnd.patience);
    } catch (error) {
      await this.#storeError(error);
      return undefined;
    }
  }

  async #finished(
    { sender, gate }: Opened,
    { wellEnded, unprotected }: Ending,
  ): Promise<Omit<FinishedRun, "trouble">> {
    try {
      const summary = await gate.finish();
      await unprotected;
      await this.#handedOver({ sender, gate }, atEnd);
      await this.#watched(wellEnded);
      const { deliveries } = gate;
      return { ...summary, deliveries, ...(await closing(sender, this.#deadline)) };
    } catch (error) {
      const failure = await this.#storeError(error);
      this.#note(failure);
      const sent = this.#unprotected.any ? await unprotected : [];
      return this.#rescued(sender, { own: gate.deliveries, sent, failure });
    }
  }
  /** Waits for what goes out without the outbox, which has at least a moment, whatever the wait is. */
  async #finishUnprotected(): Promise<readonly Delivery[]> {
    await this.#unprotected.finish(this.#deadline);
    return this.#unprotected.rest(this.#end(atEnd.until));
  }
  /** The end of the run (monotonic), or so many milliseconds from now. */
  #end(atLeast: number): number {
    return Math.max(this.#deadline, this.#options.host.clock.monotonic() + atLeast);
  }
  /**
   * Tells an outbox that works again what went out without it, and lets it go on with what did not arrive. False: it
   * cannot be written, and what goes out without it goes on so.
   */
  async #handedOver({ sender, gate }: Opened, { patience, until }: Look): Promise<boolean> {
    if (!this.#unprotected.any) return true;
    // What follows a sync that failed may not come to the disk until its handle is closed: `#rescued` does that.
    if (this.#broken) return false;
    let store: OutboxStore | undefined;
    try {
      store = await this.#outbox(patience);
      // Nothing is broken off for an outbox that takes nothing.
      await store.touch();
      const sent = await this.#unprotected.rest(this.#end(until));
      gate.adopt(await this.#told(store, sent));
      sender.withholdNothing();
      return true;
    } catch (error) {
      await this.#storeError(error);
      return false;
    } finally {
      await store?.close();
    }
  }
  async #told(store: OutboxStore, sent: readonly Delivery[]): Promise<readonly Delivery[]> {
    const { catchUp, wallMilliseconds } = await import("@tocsin/alerting/delivery");
    const { supersede, host } = this.#options;
    const at = wallMilliseconds(host.clock);
    const told = await catchUp(store, { sent, supersede, at });
    this.#unprotected.told(told);
    return told;
  }
  /** The same at the end of a run whose outbox could not be opened. Undefined: it still cannot. */
  async #late(sent: readonly Delivery[]): Promise<Omit<FinishedRun, "trouble"> | undefined> {
    if (sent.length === 0) return undefined;
    const store = await this.#again();
    if (store === undefined) return undefined;
    try {
      const deliveries = await this.#told(store, sent);
      const counts = await store.counts(["recorded", "sending", "waiting", "parked", "held"]);
      const waiting = counts.recorded + counts.sending + counts.waiting + counts.parked;
      const direct = { answered: 0, failed: 0 };
      return { deliveries, superseded: 0, direct, waiting, held: counts.held, blocked: [] };
    } catch (error) {
      await this.#storeError(error);
      return undefined;
    } finally {
      await store.close();
    }
  }
  async #watched(wellEnded: string | undefined): Promise<void> {
    await this.#watch?.end();
    const now = Number(this.#options.host.clock.now() / 1_000_000n);
    await this.#watch?.writeMetrics(new Map(wellEnded === undefined ? [] : [[wellEnded, now]]));
  }
  /** `sent`: what went out without the outbox, which it is told first. */
  async #rescued(
    broken: Sender,
    { own, sent, failure }: Pick<Broken, "own" | "sent"> & { failure: StoreError },
  ): Promise<Omit<FinishedRun, "trouble">> {
    const { rescue, isUnfinished } = await import("@tocsin/alerting/delivery");
    const { supersede, host } = this.#options;
    const left = () => this.#deadline - host.clock.monotonic();
    const rescued = await rescue(
      { sender: broken, own, sent },
      {
        open: async () => {
          await this.#salvaged(failure);
          return this.#outbox(Math.max(250, left()));
        },
        begin: (store) => this.#sender(store),
        supersede,
        until: host.clock.monotonic() + Math.max(500, left()),
      },
    );
    const { sender, own: deliveries, unmarked } = rescued;
    this.#noted = sender !== undefined;
    if (unmarked > 0) this.#sayUnmarked(unmarked, sender !== undefined);
    const run = { deliveries, superseded: 0, direct: { answered: 0, failed: 0 } };
    const waiting = deliveries.filter(isUnfinished).length;
    const rest = { waiting, held: 0, blocked: [] };
    if (sender === undefined) return { ...run, ...rest };
    try {
      return { ...run, ...(await closing(sender, this.#deadline)) };
    } catch (error) {
      this.#note(await this.#storeError(error));
      return { ...run, ...rest };
    }
  }

  #open(): Promise<Opened | undefined> {
    this.#opened ??= this.#openStore();
    return this.#opened;
  }
  async #openStore(): Promise<Opened | undefined> {
    try {
      return await this.#begun().catch(async (error: unknown) => {
        if (await this.#salvaged(await this.#storeError(error))) return this.#begun();
        throw error;
      });
    } catch (error) {
      this.#note(await this.#storeError(error));
      return undefined;
    }
  }
  async #begun(): Promise<Opened> {
    // A file that is held must not make the run longer than it may be.
    const store = await this.#outbox(Math.min(10_000, Math.max(1000, this.#options.wait)));
    try {
      const opened = await this.#on(store);
      await this.#watchOver(opened.sender);
      return opened;
    } catch (error) {
      await store.close();
      throw error;
    }
  }
  async #watchOver(sender: Sender): Promise<void> {
    const { watch, host, masker, err = () => undefined } = this.#options;
    if (watch === undefined) return;
    const { Watch: Kind } = await import("./watch.ts");
    this.#watch = new Kind(sender, watch, { host, masker, err });
    this.#watch.begin();
  }
  async #outbox(busyMilliseconds: number): Promise<OutboxStore> {
    const { folder } = this.#options;
    if (folder === undefined) return memoryOutbox();
    const { openSqliteOutbox } = await import("@tocsin/adapters/outbox");
    return openSqliteOutbox(folder, { busyMilliseconds });
  }
  /** Sets a damaged outbox aside, once: what it held goes on in a new one. Gives whether it did. */
  async #salvaged(failure: StoreError): Promise<boolean> {
    const { folder, host } = this.#options;
    if (folder === undefined || failure.code !== "corrupt" || this.#salvagedOnce) return false;
    this.#salvagedOnce = true;
    const { salvageOutbox } = await import("@tocsin/adapters/outbox");
    const at = Number(host.clock.now() / 1_000_000n);
    const made = await salvageOutbox(folder, { at, file: failure.file }).catch(() => "none");
    if (typeof made === "string") return false;
    // Another process was at it at the same time.
    if (made === undefined) return true;
    const { aside, saved, gaps } = made;
    this.#say(
      `the outbox was damaged and is now ${aside}; ${saved} unsettled ` +
        `${saved === 1 ? "event" : "events"} of it could be read and ${saved === 1 ? "goes" : "go"} on` +
        `${gaps ? "; parts of it could not be read: look there for what is missing" : ""}`,
    );
    return true;
  }
  async #on(store: OutboxStore): Promise<Opened> {
    const {
      Deference: Kind,
      EventMaker: Maker,
      runDeliveries,
    } = await import("@tocsin/alerting/delivery");
    const { host, wait, deliverTo, supersede, tracing, masker } = this.#options;
    const runId = (this.#runId ??= randomUuid());
    const origin = { runId, ...(deliverTo === undefined ? {} : { deliverTo }) };
    const maker = (this.#maker ??= new Maker(origin, { masker, clock: host.clock }));
    const until = host.clock.monotonic() + Math.min(longestDeference, wait / 2);
    const sender = await this.#sender(store, supersede ? new Kind(runId, until) : undefined);
    const gate = runDeliveries(sender, {
      runId,
      http: host.http,
      wait,
      supersede,
      maker,
      tracing,
      ...(deliverTo === undefined ? {} : { deliverTo }),
    });
    return { sender, gate };
  }
  async #sender(store: OutboxStore, deference?: Deference): Promise<Sender> {
    const { Sender } = await import("@tocsin/alerting/delivery");
    const { masker, host, tracing, log } = this.#options;
    const { clock, random, http, secrets, loop } = host;
    const followed = log === undefined ? {} : { log };
    const services = { clock, random, http, secrets, loop, masker, ...followed };
    const sender = new Sender({ store, ...services, deference });
    if (tracing !== undefined) sender.observe(tracing);
    if (log !== undefined) sender.observe((await import("./attempt-log.ts")).attemptLog(log));
    await sender.start();
    return sender;
  }

  /** The store's error; anything else is thrown on. */
  async #storeError(error: unknown): Promise<StoreError> {
    const { StoreError: Kind } = await import("@tocsin/alerting/delivery");
    if (error instanceof Kind) return error;
    throw error;
  }
  #note(error: StoreError): void {
    if (!this.#trouble.includes(error.message)) this.#say(error.message);
  }
  #say(trouble: string): void {
    this.#trouble.push(trouble);
    this.#options.log?.write("error", trouble);
  }
  #sayUnmarked(count: number, noted: boolean): void {
    const events = `${count} recorded ${count === 1 ? "event was" : "events were"}`;
    this.#say(
      `NOT PROTECTED: ${events} sent before the outbox could note it` +
        (noted ? "; it has noted it since" : ", and may be sent a second time when it works"),
    );
  }
  /** `known`: the run's events in the outbox; `untold`: what was sent, and the outbox does not know. */
  #sayUnprotected(known: readonly Delivery[], untold: readonly Delivery[]): void {
    const ids = new Set(this.#unprotected.known.map(({ id }) => id));
    const sent = [...known.filter(({ id }) => ids.has(id)), ...untold];
    if (sent.length === 0) return;
    const arrived = ["accepted", "refused", "superseded"];
    const lost = sent.filter(({ state }) => !arrived.includes(state)).length;
    const noted = this.#noted || untold.length === 0;
    const events = `${sent.length} ${sent.length === 1 ? "event was" : "events were"}`;
    this.#say(
      `NOT PROTECTED: ${events} sent without being recorded first` +
        (lost === 0
          ? `; a crash would have lost ${sent.length === 1 ? "it" : "them"}`
          : noted
            ? `; ${lost} did not arrive, and ${lost === 1 ? "waits" : "wait"} in the outbox now`
            : `, and ${lost} did not arrive: run the script again when the outbox works`),
    );
  }
}

/** A folder that cannot be listed may hold one: opening that says what is wrong, and silences no page. */
function mayHoldOutbox(folder: string): boolean {
  try {
    return readdirSync(folder).some((name) => name.startsWith("outbox"));
  } catch {
    return true;
  }
}

async function memoryOutbox(): Promise<OutboxStore> {
  const { MemoryOutbox } = await import("@tocsin/alerting/delivery");
  return new MemoryOutbox();
}

/** How long a run that has nothing more to wait for waits for the answers of others' events. Milliseconds. */
const lastMoment = 2000;
/** Settled events are shown for 30 days. Milliseconds. */
const keptFor = 30 * 86_400_000;

/** The state of the queue at the end; closes the store. */
async function closing(
  sender: Sender,
  deadline: number,
): Promise<Pick<FinishedRun, "waiting" | "held" | "blocked" | "queueTime">> {
  const { wallMilliseconds } = await import("@tocsin/alerting/delivery");
  try {
    const { queueTime } = sender;
    await sender.rest(Math.min(deadline, sender.clock.monotonic() + lastMoment));
    // What is settled may be much, and is not asked for.
    const counts = await sender.store.counts(["recorded", "sending", "waiting", "parked", "held"]);
    const waiting = counts.recorded + counts.sending + counts.waiting + counts.parked;
    await sender.store.prune(wallMilliseconds(sender.clock) - keptFor);
    const shut = (await sender.store.endpoints()).filter((one) => one.state !== "open");
    const blocked = shut.map((one) => one.detail);
    return {
      waiting,
      held: counts.held,
      blocked,
      ...(queueTime === undefined ? {} : { queueTime }),
    };
  } finally {
    await sender.stop();
    await sender.store.close();
  }
}

import type {
  Deliveries,
  Dispatch,
  Masker,
  OutgoingRequest,
  SettlementState,
} from "@tocsin/alerting/oncall";
import type { Clock, Http } from "@tocsin/platform/host";
import { wallMilliseconds } from "./attempt.ts";
import { catchUp } from "./catch-up.ts";
import { closing, type QueueLeft } from "./closing.ts";
import { Deference } from "./deference.ts";
import { type Delivery, isUnfinished, type NewDelivery } from "./delivery.ts";
import { EventMaker, type EventOrigin } from "./event-maker.ts";
import { adopt } from "./old-queue.ts";
import { type Broken, noteAnswers, rescue } from "./rescue.ts";
import { runDeliveries, type RunSummary } from "./run-deliveries.ts";
import type { Sender } from "./sender.ts";
import { type OutboxStore, StoreError } from "./store.ts";
import type { Tracing } from "./tracing.ts";
import { type Opened, Unprotected } from "./unprotected.ts";

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

/** Something about the outbox that a run has to say. */
export type Trouble =
  | { readonly kind: "failed"; readonly error: StoreError }
  /** Recorded events went out before that could be noted; `noted`: it has been since. */
  | { readonly kind: "unmarked"; readonly count: number; readonly noted: boolean }
  /** Events went out without being recorded first. */
  | {
      readonly kind: "unprotected";
      readonly count: number;
      /** How many of them did not arrive. */
      readonly left: number;
      /** Whether those wait in the outbox now. */
      readonly noted: boolean;
    };

/** What the gate of a run works with. */
export interface OutboxWorld {
  readonly clock: Clock;
  /** For direct requests. */
  readonly http: Http;
  readonly masker: Masker;
  /** Opens the outbox; waits so long (milliseconds) for another process's transaction. Rejects with `StoreError`. */
  open(patience: number): Promise<OutboxStore>;
  /** Starts a sender. Rejects with `StoreError`. */
  begin(store: OutboxStore, deference?: Deference): Promise<Sender>;
  /** Makes a damaged outbox anew; gives whether it is worth to open it again. */
  salvage(failure: StoreError): Promise<boolean>;
  /** A sender is at work on the outbox. */
  opened?(sender: Sender): Promise<void>;
  say(trouble: Trouble): void;
}

/** What a run tells the gate to its outbox. */
export interface OutboxGateOptions extends EventOrigin {
  /** Milliseconds to wait for deliveries after the last request. */
  readonly wait: number;
  /** Whether an event replaces those of earlier runs that still wait. */
  readonly supersede: boolean;
  readonly tracing?: Tracing | undefined;
}

/** What a run's deliveries came to. */
export interface RunEnd extends RunSummary, QueueLeft {}

/**
 * The gate of one run to an outbox that may fail at any moment. What the outbox cannot record is sent all the
 * same, from memory, and that is said; the outbox is told of it as soon as it can be written.
 */
export class OutboxGate implements Deliveries {
  readonly #options: OutboxGateOptions;
  readonly #world: OutboxWorld;
  readonly #maker: EventMaker;
  readonly #unprotected = new Unprotected((store) => this.#on(store));
  #opened: Promise<Opened | undefined> | undefined;
  #deadline = 0;
  #finishing = false;
  /** Its sender's store is closed, or will be. */
  #breaksOff = false;
  /** Whether the outbox has noted what went out without it. */
  #noted = false;
  /** Whatever is done in turn. */
  #last: Promise<void> = Promise.resolve();
  /** Whether its handle takes nothing more. */
  #broken = false;
  /** Milliseconds since 1970. */
  readonly #begunAt: number;
  /** The run's events in an outbox that could not be opened to be written. */
  readonly #known: Delivery[] = [];

  constructor(options: OutboxGateOptions, world: OutboxWorld) {
    this.#options = options;
    this.#world = world;
    this.#maker = new EventMaker(options, world);
    this.#begunAt = wallMilliseconds(world.clock);
  }
  /** Opens the outbox and takes up what earlier runs left. Undefined: it cannot be opened, and that was said. */
  open(): Promise<OutboxStore | undefined> {
    return this.#open().then((opened) => opened?.sender.store);
  }
  async deliver(requests: readonly OutgoingRequest[]): Promise<readonly Dispatch[]> {
    const opened = await this.#open();
    this.#deadline = this.#world.clock.monotonic() + this.#options.wait;
    if (opened === undefined) return this.#alone(opened, requests);
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
  /**
   * Waits for what is on its way, as long as that is worth it. `watched` is waited for before the outbox is closed, where
   * that works.
   */
  async finish(watched: () => Promise<void> = async () => undefined): Promise<RunEnd> {
    this.#finishing = true;
    const opened = await this.#open();
    if (opened !== undefined) await this.#inTurn(() => this.#handedOver(opened, atEnd));
    const unprotected = this.#finishUnprotected();
    const main =
      opened === undefined
        ? await this.#late(await unprotected)
        : await this.#finished(opened, { watched, unprotected });
    const untold = this.#unprotected.any ? await unprotected : [];
    this.#sayUnprotected(main.deliveries, untold);
    const { direct } = this.#unprotected;
    return {
      ...main,
      deliveries: [...this.#known, ...main.deliveries, ...untold],
      direct: {
        answered: main.direct.answered + direct.answered,
        failed: main.direct.failed + direct.failed,
      },
    };
  }
  /**
   * Breaks off at once, unless the run has finished; everything recorded stays recorded. Gives how many
   * events wait then.
   */
  async abort(): Promise<number> {
    if (this.#finishing) return 0;
    this.#breaksOff = true;
    await this.#unprotected.stop();
    const opened = await this.#open();
    if (opened === undefined) return 0;
    const { sender } = opened;
    await sender.stop();
    const works = sender.failure === undefined && !this.#broken;
    if (!works) await this.#tellAnswers(sender);
    await this.#inTurn(() => this.#handedOver(opened, atEnd));
    const store = works ? sender.store : await this.#again();
    try {
      const counts = await store?.counts(["recorded", "sending", "waiting"]);
      return counts === undefined ? 0 : counts.recorded + counts.sending + counts.waiting;
    } catch (error) {
      // Whoever breaks off needs to hear no more of it.
      storeError(error);
      return 0;
    } finally {
      await store?.close();
    }
  }

  /** Undefined: the outbox could not record them. */
  async #recorded(
    { gate }: Opened,
    requests: readonly OutgoingRequest[],
  ): Promise<readonly Dispatch[] | undefined> {
    try {
      return await gate.deliver(requests);
    } catch (error) {
      const failure = storeError(error);
      this.#broken ||= failure.code === "io" || failure.code === "corrupt";
      this.#note(failure);
      return undefined;
    }
  }
  /** Without the outbox, of which nothing older of the same entities may leave before it knows. */
  async #alone(
    opened: Opened | undefined,
    requests: readonly OutgoingRequest[],
  ): Promise<readonly Dispatch[]> {
    const known = await this.#earlier(opened, this.#maker.make(requests));
    const taken = known.filter((one) => one !== undefined);
    if (opened === undefined) this.#known.push(...taken);
    else opened.gate.adopt(taken);
    const alone = this.#maker.part(
      requests,
      known.map((one) => one === undefined),
    );
    await opened?.sender.withhold(this.#maker.make(alone).map((one) => one?.orderKey ?? ""));
    const sent = alone.length === 0 ? [] : await this.#unprotected.deliver(alone);
    let next = 0;
    return known.map((one) => (one === undefined ? sent[next++] : inOutbox(one)));
  }
  /** What an earlier process has recorded of them: an outbox that takes no writes can be read, perhaps. */
  async #earlier(
    opened: Opened | undefined,
    events: readonly (NewDelivery | undefined)[],
  ): Promise<readonly (Delivery | undefined)[]> {
    if (this.#options.once === true) return events.map(() => undefined);
    const own = this.#broken || this.#breaksOff ? undefined : opened?.sender.store;
    const store = own ?? (await this.#again());
    try {
      const identities = events.flatMap((one) => one?.identity ?? []);
      const known = (await store?.known(identities)) ?? new Map<string, Delivery>();
      return events.map((one) => {
        const found = known.get(one?.identity ?? "");
        // After a failed sync what this process has just written may be read, and is not safe.
        const safe = !this.#broken || (found?.recordedAt ?? 0) < this.#begunAt;
        return safe ? found : undefined;
      });
    } catch (error) {
      storeError(error);
      return events.map(() => undefined);
    } finally {
      if (own === undefined) await store?.close();
    }
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
  /** What a sender read that had to give up; its store is closed then. */
  async #tellAnswers(sender: Sender): Promise<void> {
    const until = this.#world.clock.monotonic();
    await noteAnswers(sender, { open: () => this.#world.open(atEnd.patience), until });
    this.#broken = false;
  }
  /** The outbox opened anew; undefined: it cannot be. */
  async #again(): Promise<OutboxStore | undefined> {
    try {
      return await this.#world.open(atEnd.patience);
    } catch (error) {
      storeError(error);
      return undefined;
    }
  }
  async #finished({ sender, gate }: Opened, { watched, unprotected }: Ending): Promise<RunEnd> {
    try {
      const summary = await gate.finish();
      await unprotected;
      await this.#handedOver({ sender, gate }, atEnd);
      await watched();
      const { deliveries } = gate;
      return { ...summary, deliveries, ...(await closing(sender, this.#deadline)) };
    } catch (error) {
      const failure = storeError(error);
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
    return Math.max(this.#deadline, this.#world.clock.monotonic() + atLeast);
  }
  /**
   * Tells an outbox that works again what went out without it, and lets it go on with what did not arrive. False: it
   * cannot be written, and what goes out without it goes on so.
   */
  async #handedOver(opened: Opened, look: Look): Promise<boolean> {
    if (!this.#unprotected.any) return true;
    // What follows a sync that failed may not come to the disk until its handle is closed: `#rescued` does that.
    if (this.#broken) return false;
    const failure = await this.#handOver(opened, look);
    // Others read what is written and not synced, and send it: going on alone would send it twice.
    const again = failure?.code === "io" ? await this.#handOver(opened, look) : failure;
    return again === undefined;
  }
  /** Gives why the outbox could not be told; undefined: it was. */
  async #handOver(
    { sender, gate }: Opened,
    { patience, until }: Look,
  ): Promise<StoreError | undefined> {
    let store: OutboxStore | undefined;
    try {
      store = await this.#world.open(patience);
      // Nothing is broken off for an outbox that takes nothing.
      await store.touch();
      const sent = await this.#unprotected.rest(this.#end(until));
      gate.adopt(await this.#told(store, sent));
      sender.withholdNothing();
      return undefined;
    } catch (error) {
      return storeError(error);
    } finally {
      await store?.close();
    }
  }
  async #told(store: OutboxStore, sent: readonly Delivery[]): Promise<readonly Delivery[]> {
    const { supersede } = this.#options;
    const told = await catchUp(store, { sent, supersede, at: wallMilliseconds(this.#world.clock) });
    this.#unprotected.told(told);
    return told;
  }
  /** The same at the end of a run whose outbox could not be opened. */
  async #late(sent: readonly Delivery[]): Promise<RunEnd> {
    const store = sent.length === 0 ? undefined : await this.#again();
    if (store === undefined) return nothingSent;
    try {
      // Before anything is written to it: a copy that was restored is none any more then.
      await adopt(store, wallMilliseconds(this.#world.clock));
      const deliveries = await this.#told(store, sent);
      const counts = await store.counts(["recorded", "sending", "waiting", "parked", "held"]);
      const waiting = counts.recorded + counts.sending + counts.waiting + counts.parked;
      return { ...nothingSent, deliveries, waiting, held: counts.held };
    } catch (error) {
      storeError(error);
      return nothingSent;
    } finally {
      await store.close();
    }
  }
  /** `sent`: what went out without the outbox, which it is told first. */
  async #rescued(
    broken: Sender,
    { own, sent, failure }: Pick<Broken, "own" | "sent"> & { failure: StoreError },
  ): Promise<RunEnd> {
    const left = () => this.#deadline - broken.clock.monotonic();
    const rescued = await rescue(
      { sender: broken, own, sent },
      {
        open: async () => {
          await this.#world.salvage(failure);
          return this.#world.open(Math.max(250, left()));
        },
        begin: (store) => this.#world.begin(store),
        supersede: this.#options.supersede,
        until: broken.clock.monotonic() + Math.max(500, left()),
      },
    );
    const { sender, own: deliveries, unmarked: count } = rescued;
    const noted = (this.#noted = sender !== undefined);
    if (count > 0) this.#world.say({ kind: "unmarked", count, noted });
    const run = { ...nothingSent, deliveries, waiting: deliveries.filter(isUnfinished).length };
    if (sender === undefined) return run;
    try {
      return { ...run, ...(await closing(sender, this.#deadline)) };
    } catch (error) {
      this.#note(storeError(error));
      return run;
    }
  }

  #open(): Promise<Opened | undefined> {
    this.#opened ??= this.#openStore();
    return this.#opened;
  }
  async #openStore(): Promise<Opened | undefined> {
    try {
      return await this.#begun().catch(async (error: unknown) => {
        if (await this.#world.salvage(storeError(error))) return this.#begun();
        throw error;
      });
    } catch (error) {
      this.#note(storeError(error));
      return undefined;
    }
  }
  async #begun(): Promise<Opened> {
    // A file that is held must not make the run longer than it may be.
    const store = await this.#world.open(Math.min(10_000, Math.max(1000, this.#options.wait)));
    try {
      const opened = await this.#on(store);
      await this.#world.opened?.(opened.sender);
      return opened;
    } catch (error) {
      await store.close();
      throw error;
    }
  }
  async #on(store: OutboxStore): Promise<Opened> {
    const { runId, wait, supersede } = this.#options;
    const { clock, http } = this.#world;
    const until = clock.monotonic() + Math.min(longestDeference, wait / 2);
    const sender = await this.#world.begin(
      store,
      supersede ? new Deference(runId, until) : undefined,
    );
    return { sender, gate: runDeliveries(sender, { ...this.#options, http, maker: this.#maker }) };
  }

  #note(error: StoreError): void {
    this.#world.say({ kind: "failed", error });
  }
  /** `known`: the run's events in the outbox; `untold`: what was sent, and the outbox does not know. */
  #sayUnprotected(known: readonly Delivery[], untold: readonly Delivery[]): void {
    const ids = new Set(this.#unprotected.known.map(({ id }) => id));
    const sent = [...known.filter(({ id }) => ids.has(id)), ...untold];
    if (sent.length === 0) return;
    const arrived = ["accepted", "refused", "superseded"];
    const left = sent.filter(({ state }) => !arrived.includes(state)).length;
    const noted = this.#noted || untold.length === 0;
    this.#world.say({ kind: "unprotected", count: sent.length, left, noted });
  }
}

/** Whoever waits for it hears what is known of it. */
function inOutbox(one: Delivery): Dispatch {
  const { state, lastStatus: status, reason, detail } = one;
  const known = isUnfinished(one) || state === "held" ? "waiting" : state;
  const named = known as SettlementState;
  return { kind: "event", settled: Promise.resolve({ state: named, status, reason, detail }) };
}

interface Ending {
  watched(): Promise<void>;
  /** What became of those that were sent without the outbox, and that it was not told of. */
  readonly unprotected: Promise<readonly Delivery[]>;
}

const nothingSent: RunEnd = {
  deliveries: [],
  superseded: 0,
  direct: { answered: 0, failed: 0 },
  waiting: 0,
  held: 0,
  blocked: [],
};

/** The store's error; anything else is thrown on. */
function storeError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  throw error;
}

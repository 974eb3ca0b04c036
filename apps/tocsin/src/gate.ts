import { existsSync, readdirSync } from "node:fs";
import type {
  Deference,
  OutboxGate,
  OutboxStore,
  OutboxWorld,
  RunEnd,
  Sender,
  StoreError,
  Tracing,
  Trouble,
} from "@tocsin/alerting/delivery";
import type { Deliveries, Dispatch, Masker, OutgoingRequest } from "@tocsin/alerting/oncall";
import { randomUuid } from "@tocsin/adapters/host-node";
import type { Host, Log } from "@tocsin/platform/host";
import type { Watch, WatchSettings } from "./watch.ts";

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
export interface FinishedRun extends RunEnd {
  /** What is wrong with the outbox, for people; empty: nothing. */
  readonly trouble: readonly string[];
}

/**
 * The deliveries of one `run`. The outbox is opened when the first request comes, or at once when
 * there is one already: what waits in it leaves with this run. A script that sends nothing loads no
 * database.
 */
export class RunGate implements Deliveries {
  readonly #options: GateOptions;
  readonly #trouble: string[] = [];
  #salvagedOnce = false;
  #watch: Watch | undefined;
  /** Undefined: nothing was ever sent. */
  #gate: Promise<OutboxGate> | undefined;

  constructor(options: GateOptions) {
    this.#options = options;
  }
  /** What `now()` was in the first run with this run's id; `now` when this is the first. */
  async remembered(now: bigint): Promise<bigint> {
    const { runId } = this.#options;
    if (runId === undefined) return now;
    const store = await (await this.#begun()).open();
    return store === undefined ? now : store.openRun(runId, now).catch(() => now);
  }
  async deliver(requests: readonly OutgoingRequest[]): Promise<readonly Dispatch[]> {
    if (requests.length === 0) return [];
    return (await this.#begun()).deliver(requests);
  }
  /** Opens the outbox and takes up what earlier runs left. */
  async open(): Promise<void> {
    await (await this.#begun()).open();
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
    const gate = await this.#gate;
    if (gate === undefined) return undefined;
    const end = await gate.finish(() => this.#watched(wellEnded));
    return { ...end, trouble: this.#trouble };
  }
  /**
   * Breaks off at once, unless the run has finished; everything recorded stays recorded. Gives how many
   * events wait then.
   */
  async abort(): Promise<number> {
    return (await this.#gate)?.abort() ?? 0;
  }

  #begun(): Promise<OutboxGate> {
    return (this.#gate ??= this.#begin());
  }
  async #begin(): Promise<OutboxGate> {
    const { OutboxGate: Kind } = await import("@tocsin/alerting/delivery");
    const { runId = randomUuid(), deliverTo, wait, supersede, tracing } = this.#options;
    const once = this.#options.runId === undefined;
    const origin = { runId, once, ...(deliverTo === undefined ? {} : { deliverTo }) };
    return new Kind({ ...origin, wait, supersede, tracing }, this.#world());
  }
  #world(): OutboxWorld {
    const { masker, host } = this.#options;
    return {
      clock: host.clock,
      http: host.http,
      masker,
      open: (patience) => this.#outbox(patience),
      begin: (store, deference) => this.#sender(store, deference),
      salvage: (failure) => this.#salvaged(failure),
      opened: (sender) => this.#watchOver(sender),
      say: (trouble) => this.#tell(trouble),
    };
  }
  async #outbox(busyMilliseconds: number): Promise<OutboxStore> {
    const { folder } = this.#options;
    if (folder === undefined) return memoryOutbox();
    const { openSqliteOutbox } = await import("@tocsin/adapters/outbox");
    return openSqliteOutbox(folder, { busyMilliseconds });
  }
  async #sender(store: OutboxStore, deference?: Deference): Promise<Sender> {
    const { Sender: Kind } = await import("@tocsin/alerting/delivery");
    const { masker, host, tracing, log } = this.#options;
    const { clock, random, http, secrets, loop } = host;
    const followed = log === undefined ? {} : { log };
    const services = { clock, random, http, secrets, loop, masker, ...followed };
    const sender = new Kind({ store, ...services, deference });
    if (tracing !== undefined) sender.observe(tracing);
    if (log !== undefined) sender.observe((await import("./attempt-log.ts")).attemptLog(log));
    await sender.start();
    return sender;
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
  async #watchOver(sender: Sender): Promise<void> {
    const { watch, host, masker, err = () => undefined } = this.#options;
    if (watch === undefined) return;
    const { Watch: Kind } = await import("./watch.ts");
    this.#watch = new Kind(sender, watch, { host, masker, err });
    this.#watch.begin();
  }
  async #watched(wellEnded: string | undefined): Promise<void> {
    await this.#watch?.end();
    const now = Number(this.#options.host.clock.now() / 1_000_000n);
    await this.#watch?.writeMetrics(new Map(wellEnded === undefined ? [] : [[wellEnded, now]]));
  }
  #tell(trouble: Trouble): void {
    const text = textOf(trouble);
    // The same failure may come again and again.
    if (trouble.kind !== "failed" || !this.#trouble.includes(text)) this.#say(text);
  }
  #say(trouble: string): void {
    this.#trouble.push(trouble);
    this.#options.log?.write("error", trouble);
  }
}

function textOf(trouble: Trouble): string {
  if (trouble.kind === "failed") return trouble.error.message;
  const { count, noted } = trouble;
  if (trouble.kind === "unmarked") {
    const events = `${count} recorded ${count === 1 ? "event was" : "events were"}`;
    const after = noted
      ? "; it has noted it since"
      : ", and may be sent a second time when it works";
    return `NOT PROTECTED: ${events} sent before the outbox could note it${after}`;
  }
  const { left } = trouble;
  const events = `${count} ${count === 1 ? "event was" : "events were"}`;
  const rest =
    left === 0
      ? `; a crash would have lost ${count === 1 ? "it" : "them"}`
      : noted
        ? `; ${left} did not arrive, and ${left === 1 ? "waits" : "wait"} in the outbox now`
        : `, and ${left} did not arrive: run the script again when the outbox works`;
  return `NOT PROTECTED: ${events} sent without being recorded first${rest}`;
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

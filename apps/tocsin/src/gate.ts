import { randomUUID } from "node:crypto";
import type { RunDeliveries, RunSummary, Sender } from "@tocsin/alerting/delivery";
import type { Deliveries, Dispatch, Masker, OutgoingRequest } from "@tocsin/alerting/oncall";
import type { Host } from "@tocsin/platform/host";

/** How a run's gate to the outside is set up. */
export interface GateOptions {
  readonly host: Host;
  readonly masker: Masker;
  /** Folder of the outbox. */
  readonly folder: string;
  readonly runId: string | undefined;
  /** Milliseconds to wait for deliveries after the last row. */
  readonly wait: number;
  readonly deliverTo: string | undefined;
  /** Whether an event replaces those of earlier runs that still wait. */
  readonly supersede: boolean;
}

/** What a run's deliveries came to. */
export interface FinishedRun extends RunSummary {
  /** Events in the outbox that did not arrive yet, of all runs. */
  readonly waiting: number;
  /** How long the queue takes, when a host's rate is what it waits for. */
  readonly queueTime?: { readonly milliseconds: number; readonly perMinute: number };
}

/**
 * The deliveries of one `run`. The outbox is opened when the first request comes, or at once when
 * there is one already: what waits in it leaves with this run. A script that sends nothing loads no
 * database.
 */
export class RunGate implements Deliveries {
  readonly #options: GateOptions;
  #opened: Promise<{ sender: Sender; gate: RunDeliveries }> | undefined;

  constructor(options: GateOptions) {
    this.#options = options;
  }
  /** What `now()` was in the first run with this run's id; `now` when this is the first. */
  async remembered(now: bigint): Promise<bigint> {
    const { runId } = this.#options;
    if (runId === undefined) return now;
    const { sender } = await this.open();
    return sender.store.openRun(runId, now);
  }
  async deliver(requests: readonly OutgoingRequest[]): Promise<readonly Dispatch[]> {
    if (requests.length === 0) return [];
    const { gate } = await this.open();
    return gate.deliver(requests);
  }
  /** Opens the outbox and takes up what earlier runs left. */
  open(): Promise<{ sender: Sender; gate: RunDeliveries }> {
    this.#opened ??= this.#open();
    return this.#opened;
  }
  /** Waits for what is on its way, as long as that is worth it. Undefined: nothing was ever sent. */
  async finish(): Promise<FinishedRun | undefined> {
    if (this.#opened === undefined) return undefined;
    const { sender, gate } = await this.#opened;
    try {
      const summary = await gate.finish();
      const { queueTime } = sender;
      const counts = await sender.store.counts();
      return {
        ...summary,
        waiting: counts.recorded + counts.sending + counts.waiting + counts.parked,
        ...(queueTime === undefined ? {} : { queueTime }),
      };
    } finally {
      await sender.stop();
      await sender.store.close();
    }
  }
  /** Breaks off at once; everything recorded stays recorded. Gives how many events wait then. */
  async abort(): Promise<number> {
    if (this.#opened === undefined) return 0;
    const { sender } = await this.#opened;
    await sender.stop();
    const counts = await sender.store.counts();
    await sender.store.close();
    return counts.recorded + counts.sending + counts.waiting;
  }
  async #open(): Promise<{ sender: Sender; gate: RunDeliveries }> {
    const [{ openSqliteOutbox }, { runDeliveries, Sender }] = await Promise.all([
      import("@tocsin/adapters/outbox"),
      import("@tocsin/alerting/delivery"),
    ]);
    const { host, masker, folder, wait, deliverTo, supersede } = this.#options;
    const store = await openSqliteOutbox(folder);
    const { clock, random, http, secrets, log, loop } = host;
    const sender = new Sender({ store, clock, random, http, secrets, log, loop, masker });
    await sender.start();
    const gate = runDeliveries(sender, {
      runId: this.#options.runId ?? randomUUID(),
      http,
      wait,
      supersede,
      ...(deliverTo === undefined ? {} : { deliverTo }),
    });
    return { sender, gate };
  }
}

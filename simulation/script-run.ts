import type { Masker, OutgoingRequest } from "@tocsin/alerting/oncall";
import {
  type Deference,
  type Delivery,
  OutboxGate,
  type OutboxStore,
  type RunEnd,
  type Sender,
  type Trouble,
} from "@tocsin/alerting/delivery";
import type { Http, Random } from "@tocsin/platform/host";
import type { Disk, Handle } from "./disk.ts";
import { type Emitted, type Ledgers, numberOf } from "./ledgers.ts";
import type { Process, Time } from "./time.ts";

/** What a simulated script runs in. */
interface ScriptWorld {
  readonly process: Process;
  readonly disk: Disk;
  readonly ledgers: Ledgers;
  readonly time: Time;
  readonly masker: Masker;
  readonly http: Http;
  readonly random: Random;
  /** Starts nothing yet. `alone`: what is sent so is not in the outbox. */
  sender(store: OutboxStore, how: { alone: boolean; deference: Deference | undefined }): Sender;
  requestOf(event: Emitted): OutgoingRequest;
  /** A process that starts may ask a blocked endpoint at once. */
  mayAsk(): void;
}

/** What a run is told. */
interface ScriptOptions {
  readonly run: string;
  readonly wait: number;
  readonly supersede: boolean;
  readonly events: readonly Emitted[];
}

/**
 * A process that runs one script, as the command line does: its events come in batches, its gate opens the outbox,
 * tells it what it could not record, and ends with the run.
 */
export class ScriptRun {
  readonly process: Process;
  readonly run: string;
  readonly #world: ScriptWorld;
  readonly #options: ScriptOptions;
  readonly #gate: OutboxGate;
  readonly #handles: Handle[] = [];
  readonly #said: Trouble[] = [];
  readonly #handed: number[] = [];
  #endsAt = 0;

  constructor(options: ScriptOptions, world: ScriptWorld) {
    this.#world = world;
    this.#options = options;
    this.process = world.process;
    // A run whose outbox has failed tells it at its end.
    this.process.notesWithin = Infinity;
    this.run = options.run;
    const { masker, http, process } = world;
    const { run: runId, wait, supersede } = options;
    this.#gate = new OutboxGate(
      { runId, wait, supersede },
      {
        clock: process.clock,
        http,
        masker,
        open: () => this.#open(),
        begin: (store, deference) => this.#begin(store, deference),
        salvage: async () => false,
        say: (trouble) => {
          this.#said.push(trouble);
          if (trouble.kind === "unmarked" && trouble.noted) world.ledgers.noted(world.process);
          const text = trouble.kind === "failed" ? trouble.error.message : JSON.stringify(trouble);
          world.ledgers.shown.push(text);
        },
      },
    );
  }
  /** The handle that was opened last: its disk fails as that of the others. */
  get handle(): Handle | undefined {
    return this.#handles.at(-1);
  }

  /** Runs the script to its end. */
  async play(): Promise<void> {
    const { ledgers, process, random } = this.#world;
    for (const batch of batches(this.#options.events, random)) {
      if (random.next() < 0.6) await process.wait(random.next() ** 3 * 6000);
      for (const one of batch) ledgers.emitted.set(one.number, one);
      const handed = await this.#gate.deliver(batch.map((one) => this.#world.requestOf(one)));
      this.#handed.push(...batch.map((one) => one.number));
      for (const [index, { settled }] of handed.entries()) {
        void settled.then((settlement) => {
          ledgers.shown.push(JSON.stringify(settlement));
          if (settlement.state === "accepted") ledgers.believed(batch[index].number);
        });
      }
      if (random.next() < 0.3) await Promise.all(handed.map((one) => one.settled));
    }
    this.#ended(await this.#finished());
  }
  /** Somebody asks it to stop. */
  async stop(): Promise<void> {
    this.process.trouble();
    await this.#gate.abort();
    this.process.kill();
  }

  /** Never longer than its wait, when nothing is wrong with it. */
  async #finished(): Promise<RunEnd> {
    const { time, process, ledgers } = this.#world;
    const { wait } = this.#options;
    this.#endsAt = time.now;
    const latest = time.now + wait + 3000;
    let over = false;
    time.after(latest + 500 - time.now, () => {
      const troubled = process.troubled(latest - wait - 20_000) || !process.alive;
      if (!over && !troubled && process.fuse === Infinity)
        ledgers.violate("the wait is kept", `${process.name} waits after ${latest}`);
    });
    const end = await this.#gate.finish();
    over = true;
    return end;
  }
  /** What it says of its events is what became of them. */
  #ended(end: RunEnd): void {
    const { ledgers, process } = this.#world;
    ledgers.shown.push(JSON.stringify(end));
    const told = new Map(end.deliveries.map((one) => [numberOf(one.request.body), one]));
    let unsaid = 0;
    for (const number of this.#handed) {
      const one = told.get(number);
      if (one === undefined) ledgers.violate("lost", `${process.name} says nothing of ${number}`);
      else if (!this.#kept(number, one)) unsaid += 1;
    }
    const said = this.#said.some((one) => one.kind === "unprotected" && !one.noted && one.left > 0);
    if (unsaid > 0 && !said)
      ledgers.violate("lost", `${process.name} does not say that it lost some`);
    const untold = this.#said.some((one) => one.kind === "unprotected" && !one.noted);
    if (untold && !process.troubled(this.#endsAt - 1000))
      ledgers.violate(
        "the outbox is told",
        `${process.name} did not, though that could be written`,
      );
    // Whoever reads what it says knows that.
    if (this.#said.length > 0) ledgers.unknown(process);
    process.exit();
  }
  #kept(number: number, { state }: Delivery): boolean {
    const { ledgers } = this.#world;
    const effect = state === "accepted" || state === "refused" ? state : undefined;
    const arrived = ledgers.received.some((one) => one.number === number && one.effect === effect);
    // What an earlier process of the run has written counts, synced or not: whoever sends it syncs it.
    return arrived || ledgers.onceSafe.has(number) || ledgers.ids.has(number);
  }

  async #open(): Promise<Handle> {
    const { disk, process } = this.#world;
    const handle = disk.open(process, this.handle);
    this.#handles.push(handle);
    return handle;
  }
  async #begin(store: OutboxStore, deference: Deference | undefined): Promise<Sender> {
    const alone = !this.#handles.includes(store as Handle);
    const { ledgers, mayAsk } = this.#world;
    if (alone) ledgers.fault("outbox in trouble: sent alone");
    mayAsk();
    const sender = this.#world.sender(store, { alone, deference });
    await sender.start();
    mayAsk();
    return sender;
  }
}

/** Some at a time, as rows come. */
function batches(events: readonly Emitted[], random: Random): Emitted[][] {
  const found: Emitted[][] = [];
  for (let from = 0; from < events.length;) {
    const size = 1 + Math.floor(random.next() * 3);
    found.push(events.slice(from, from + size));
    from += size;
  }
  return found;
}

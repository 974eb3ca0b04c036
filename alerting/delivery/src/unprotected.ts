import type { Dispatch, OutgoingRequest } from "@tocsin/alerting/oncall";
import type { Delivery } from "./delivery.ts";
import { MemoryOutbox } from "./memory-outbox.ts";
import type { RunDeliveries, RunSummary } from "./run-deliveries.ts";
import type { Sender } from "./sender.ts";
import type { OutboxStore } from "./store.ts";

/** A store at work for a run. */
export interface Opened {
  readonly sender: Sender;
  readonly gate: RunDeliveries;
}

/** What a run sends from memory while its outbox does not work, until the outbox is told of it. */
export class Unprotected {
  readonly #begin: (store: OutboxStore) => Promise<Opened>;
  #store: MemoryOutbox | undefined;
  /** At work on the store; undefined: nothing is. */
  #opened: Promise<Opened> | undefined;
  /** Resolves when whoever waits for its events has heard of them. */
  #finished: Promise<void> | undefined;
  #direct = { answered: 0, failed: 0 };
  #told: readonly Delivery[] = [];

  /** `begin` puts a sender and a gate on a store. */
  constructor(begin: (store: OutboxStore) => Promise<Opened>) {
    this.#begin = begin;
  }

  /** Whether there is something that the outbox was not told of. */
  get any(): boolean {
    return this.#store !== undefined;
  }
  async deliver(requests: readonly OutgoingRequest[]): Promise<readonly Dispatch[]> {
    return (await this.#work()).gate.deliver(requests);
  }
  /** Waits for what it sent as long as that is worth it, until then (monotonic) at most. */
  async finish(until: number): Promise<void> {
    if (this.#store === undefined) return;
    // After a rest nobody waits for single events.
    if (this.#opened === undefined) await (await this.#work()).sender.drain(until);
    else await this.#end(await this.#opened);
  }
  /** Begins nothing more; what is on its way may end until then (monotonic). Gives all, as it is now. */
  async rest(until: number): Promise<readonly Delivery[]> {
    const opened = await this.#opened;
    await opened?.sender.rest(until);
    // Whoever waits for an event hears that it waits.
    if (opened !== undefined) await this.#end(opened);
    this.#opened = this.#finished = undefined;
    return (await this.#store?.list({})) ?? [];
  }
  /** Breaks off what is on its way. */
  async stop(): Promise<void> {
    await (await this.#opened)?.sender.stop();
  }
  /** The outbox has all of it, as this. */
  told(deliveries: readonly Delivery[]): void {
    this.#told = [...this.#told, ...deliveries];
    this.#store = this.#opened = this.#finished = undefined;
  }
  /** What the outbox was told of, as it was then. */
  get known(): readonly Delivery[] {
    return this.#told;
  }
  /** Requests that are no events. */
  get direct(): RunSummary["direct"] {
    return this.#direct;
  }

  #work(): Promise<Opened> {
    this.#opened ??= this.#begin((this.#store ??= new MemoryOutbox()));
    return this.#opened;
  }
  #end({ gate }: Opened): Promise<void> {
    this.#finished ??= gate.finish().then(({ direct }) => {
      const { answered, failed } = this.#direct;
      this.#direct = { answered: answered + direct.answered, failed: failed + direct.failed };
    });
    return this.#finished;
  }
}

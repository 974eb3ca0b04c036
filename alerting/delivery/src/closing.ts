import { wallMilliseconds } from "./attempt.ts";
import type { Sender } from "./sender.ts";

/** What is left in an outbox at the end of a run. */
export interface QueueLeft {
  /** Events that did not arrive yet, of all runs. */
  readonly waiting: number;
  /** Events that only a person can let go. */
  readonly held: number;
  /** How long the queue takes, when a host's rate is what it waits for. */
  readonly queueTime?: { readonly milliseconds: number; readonly perMinute: number };
  /** Why endpoints take no events, for people. */
  readonly blocked: readonly string[];
}

/** How long a run that has nothing more to wait for waits for the answers of others' events. Milliseconds. */
const lastMoment = 2000;
/** Settled events are shown for 30 days. Milliseconds. */
const keptFor = 30 * 86_400_000;

/** The state of the queue at the end; closes the store. `deadline`: monotonic. Rejects with `StoreError`. */
export async function closing(sender: Sender, deadline: number): Promise<QueueLeft> {
  try {
    const { queueTime } = sender;
    await sender.rest(Math.min(deadline, sender.clock.monotonic() + lastMoment));
    // A last verdict that could not be written: whoever opens the outbox anew can.
    if (sender.failure !== undefined) throw sender.failure;
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

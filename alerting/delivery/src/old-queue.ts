import { released } from "./machine.ts";
import { isDue } from "./retry.ts";
import type { OutboxStore } from "./store.ts";

/** How many deliveries are looked at at once, so that memory does not grow with the queue. */
const page = 1000;
/** When a queue that nobody touched is no longer believed. */
const oldAfter = 3 * 3_600_000;
/** How long it is held when the machine was merely off, as far as can be told. */
const unconfirmedFor = 15 * 60_000;

/**
 * An outbox that nobody wrote to for hours may be a restored snapshot: what waits in it was perhaps
 * sent long ago, and the world has moved on. A copied file holds it until a new run or a person
 * confirms it. A machine that was off may be a snapshot, too: then a quarter of an hour must do,
 * for a page must not be silenced. One that merely slept is none. `at`: milliseconds since 1970.
 */
export async function adopt(store: OutboxStore, at: number): Promise<void> {
  const last = await store.lastWriter();
  if (last.by === "here") return;
  // In one that nobody wrote to nothing waits. What comes is this machine's, and must not be held by a later start.
  const age = last.at === undefined ? 0 : at - last.at;
  if (age < oldAfter) return void (await store.adopt());
  const hours = Math.round(age / 3_600_000);
  const anew = "a new run's state of the entity takes its place";
  await store.adopt(
    last.by === "elsewhere"
      ? {
          reason: "restored",
          detail:
            `the outbox was last written ${hours} hours ago, elsewhere: it may be a restored ` +
            `snapshot. It goes out when a person releases it; ${anew}`,
          at,
        }
      : {
          reason: "unconfirmed",
          detail:
            `the outbox was last written ${hours} hours ago, before the machine was started anew. ` +
            `It goes out after ${unconfirmedFor / 60_000} minutes, or when a person releases it; ${anew}`,
          at,
          until: at + unconfirmedFor,
        },
  );
}

/** Lets go what nobody confirmed or replaced in time. */
export async function releaseUnconfirmed(store: OutboxStore, now: number): Promise<void> {
  const some = await store.list({ states: ["held"], reason: "unconfirmed", limit: page });
  const due = some.filter((one) => isDue(one.nextAttemptAt ?? now, now));
  if (due.length === 0) return;
  const detail = "no run has said anything newer of its entity";
  await store.change(
    due.map((one) => ({ expect: one, step: released(one, now, detail), unlessOvertaken: true })),
  );
}

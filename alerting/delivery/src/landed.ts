import type { Clock, Random } from "@tocsin/platform/host";
import type { Attempt } from "./attempt.ts";
import { wallMilliseconds } from "./attempt.ts";
import type { Delivery } from "./delivery.ts";
import { beganAt, blocked, type Endpoint, opened, undecided } from "./endpoint.ts";
import type { Lane } from "./lanes.ts";
import { settled } from "./machine.ts";
import type { Change } from "./store.ts";

/** An answer that is written down so much later (milliseconds) says nothing of the endpoint. */
const staleAfter = 1000;

/** An attempt that ended and is not written down yet. */
export interface Landed {
  readonly delivery: Delivery;
  readonly lane: Lane;
  readonly attempt: Attempt;
  /** When it was claimed (milliseconds since 1970): a probe began then. */
  readonly claimedAt: number;
  /** When it ended (monotonic). */
  readonly monotonic: number;
}

/** An attempt that ended, and whose store failed before it knew. */
export interface Unwritten {
  /** As it was sent. */
  readonly delivery: Delivery;
  /** Whether its answer was read. */
  readonly answered: boolean;
  /** What the attempt makes of the delivery, which is in state `sending`. */
  settle(sending: Delivery): Change;
}

/** What writing an attempt down needs. */
export interface WritingWorld {
  readonly clock: Clock;
  readonly random: Random;
}

/** What an attempt that ended makes of its delivery and endpoint. `at`: when it is written down (wall clock). */
export function changeOf(
  landed: Omit<Landed, "lane">,
  at: number,
  { clock, random }: WritingWorld,
): Change {
  const { delivery, attempt: ended, claimedAt, monotonic } = landed;
  const { verdict, milliseconds, retryAfter, said } = ended;
  const step = settled(delivery, { verdict, at, milliseconds, retryAfter, said }, random);
  // `at` is a whole millisecond, up to one less than it was: no probe was answered before it began.
  const answeredAt = at + 1 - (clock.monotonic() - monotonic);
  const endpoint = (stored: Endpoint): Endpoint => {
    if (verdict.kind === "blocked") return blocked(stored, verdict, at);
    if (verdict.kind === "retry") {
      const quiet = verdict.status === "429" || verdict.status === "503" ? (retryAfter ?? 0) : 0;
      return undecided(stored, quiet === 0 ? 0 : at + quiet, at);
    }
    if (stored.state === "open") return stored;
    // The probe itself was answered, and nothing has been said of the endpoint since, however long the disk took.
    if (beganAt(stored, claimedAt)) return opened(stored, claimedAt, at);
    // Written down so late, it is no news of the endpoint: others may know better.
    const stale = clock.monotonic() - monotonic > staleAfter;
    return stale ? stored : opened(stored, answeredAt, at);
  };
  const { state, attempts } = delivery;
  return { expect: { state, attempts }, step, endpoint };
}

/** It as whoever opens the store anew hears of it. */
export function unwritten(landed: Landed, world: WritingWorld): Unwritten {
  return {
    delivery: landed.delivery,
    answered: landed.attempt.answer !== undefined,
    settle: (sending) =>
      changeOf({ ...landed, delivery: sending }, wallMilliseconds(world.clock), world),
  };
}

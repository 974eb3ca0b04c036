import { type Delivery, type Endpoint, freshEndpoint, recorded } from "@tocsin/alerting/delivery";
import { expect, test } from "vitest";
import { storyLines } from "../src/outbox/story.ts";

const at = Date.UTC(2026, 0, 31, 3, 0, 0);
const key = "https://alert.victorops.com/x";

function next(over: Partial<Delivery>, endpoint?: Partial<Endpoint>, ahead?: string): string {
  const event = {
    runId: "nightly",
    identity: "",
    integration: "victorops",
    endpoint: key,
    orderKey: "h db",
    entity: "db",
    messageType: "CRITICAL",
    request: { method: "POST", url: key, headers: {}, body: "{}" },
    recordedAt: at,
  };
  const delivery = { ...recorded(event, "7"), ...over };
  const known = endpoint === undefined ? undefined : { ...freshEndpoint(key), ...endpoint };
  const lines = storyLines({ delivery, endpoint: known, journal: [], ahead }, at);
  return lines.find((one) => one.startsWith("  next"))?.slice(12) ?? "";
}

test("what comes next for an event is said in plain words, with the time and the reason", () => {
  const later = at + 90_000;
  const told = [
    next({}),
    next({ state: "waiting", attempts: 3, failures: 3, nextAttemptAt: later }),
    next({ state: "waiting", attempts: 1 }, { state: "blocked", probeAt: later, detail: "no key" }),
    next({ state: "waiting", attempts: 1 }, { quietUntil: later }),
    next({}, undefined, "5"),
    next({ state: "sending", attempts: 2, leaseUntil: later }),
    next({ state: "held" }),
    next({ state: "held", nextAttemptAt: later }),
    next({ state: "parked" }),
    next({ state: "refused" }),
    next({ state: "superseded", supersededBy: "9" }),
    next({ state: "accepted" }),
  ];
  expect(told).toEqual([
    "attempt 1 now, by the next run or `tocsin outbox send`",
    "attempt 4 at 2026-01-31T03:01:30.000Z, by the next run or `tocsin outbox send`: the wait grows with each failure (3 so far)",
    "a probe at 2026-01-31T03:01:30.000Z, by the next run or `tocsin outbox send`: the endpoint accepts no events (no key)",
    "attempt 2 after 2026-01-31T03:01:30.000Z: the service asked for silence",
    "it waits for event 5: events of an entity leave in order",
    "the answer to attempt 2, by 2026-01-31T03:01:30.000Z",
    "nothing until `tocsin outbox release 7`, or a newer state of its entity",
    "it leaves at 2026-01-31T03:01:30.000Z, unless a newer state of its entity replaces it",
    "nothing until `tocsin outbox retry 7`: it was tried for a day",
    "nothing, because the service refuses it; `tocsin outbox retry 7` tries it again",
    "nothing: event 9 says what is true now",
    "nothing: it arrived",
  ]);
});

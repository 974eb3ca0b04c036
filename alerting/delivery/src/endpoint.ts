import type { Reason } from "./delivery.ts";
import { longestPause, oldestReading } from "./retry.ts";

/**
 * What is known of one address. `blocked`: it cannot take any event, so all wait; `probing`: one
 * event is on its way to find out whether that is still so.
 */
export interface Endpoint {
  /** URL with secrets by reference. */
  readonly key: string;
  readonly state: "open" | "blocked" | "probing";
  /** Why it is blocked; "" when it is open. */
  readonly reason: Reason | "";
  /** The HTTP status that blocked it; "" when none did. */
  readonly status: string;
  /** For people; never a secret. */
  readonly detail: string;
  /** Since when it is in this state. Milliseconds since 1970, as all times here. */
  readonly since: number;
  /** Blocked or probing: when the next probe is due. */
  readonly probeAt: number;
  /** It asked for silence until then (`Retry-After`). 0: it did not. */
  readonly quietUntil: number;
  /** Of a host's bucket (`meterKey`): its tokens as of `tokensAt`. */
  readonly tokens: number;
  readonly tokensAt: number;
}

/** Time between two probes of a blocked endpoint. */
const probeInterval = 60_000;

/** When the endpoint takes an event again; 0 when it does now. */
export function quietUntil(endpoint: Endpoint, now: number): number {
  const left = endpoint.quietUntil - now;
  return left > 0 && left <= longestPause ? endpoint.quietUntil : 0;
}

/** When the next probe of a blocked endpoint is due. */
export function probeDue(endpoint: Endpoint, now: number): number {
  return endpoint.probeAt - now > probeInterval + oldestReading ? now : endpoint.probeAt;
}

/** An endpoint of which nothing is known. */
export function freshEndpoint(key: string): Endpoint {
  return {
    key,
    state: "open",
    reason: "",
    status: "",
    detail: "",
    since: 0,
    probeAt: 0,
    quietUntil: 0,
    tokens: Number.MAX_SAFE_INTEGER,
    tokensAt: 0,
  };
}

/** Lets one event through, or begins the probe. Undefined when the event must wait. */
export function admit(stored: Endpoint, now: number): Endpoint | undefined {
  if (quietUntil(stored, now) > 0) return undefined;
  if (stored.state !== "open" && probeDue(stored, now) > now) return undefined;
  if (stored.state === "open") return stored;
  return { ...stored, state: "probing", probeAt: now + probeInterval };
}

/**
 * It answered about the event at `answeredAt`: it works. A silence that it asked for stays, and a
 * block of later: a process that stood still writes down what was true before.
 */
export function opened(stored: Endpoint, answeredAt: number, now: number): Endpoint {
  if (stored.state === "open" || stored.probeAt - probeInterval > answeredAt) return stored;
  return { ...stored, state: "open", reason: "", status: "", detail: "", since: now };
}

/** Whether a probe is on its way that began then. */
export function beganAt({ state, probeAt }: Endpoint, at: number): boolean {
  return state === "probing" && probeAt === at + probeInterval;
}

/** It cannot take any event now. */
export function blocked(
  stored: Endpoint,
  why: { reason: Reason; status: string; detail: string },
  now: number,
): Endpoint {
  const since = stored.state === "open" ? now : stored.since;
  return { ...stored, ...why, state: "blocked", since, probeAt: now + probeInterval };
}

/** It did not say whether it works. A probe that ended so leaves it blocked. */
export function undecided(stored: Endpoint, quiet: number, now: number): Endpoint {
  const state = stored.state === "probing" ? "blocked" : stored.state;
  return { ...stored, state, quietUntil: Math.max(quietUntil(stored, now), quiet) };
}

/** The next event is let through as a probe, once no silence holds. A person, or a new start, asks. */
export function probeNow(stored: Endpoint, now: number): Endpoint {
  if (stored.state === "open") return stored;
  return { ...stored, state: "blocked", probeAt: now };
}

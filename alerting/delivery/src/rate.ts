import type { NewDelivery } from "./delivery.ts";
import { type Endpoint, freshEndpoint } from "./endpoint.ts";
import { oldestReading } from "./retry.ts";

/** How many events a host is given. */
export interface Rate {
  readonly perMinute: number;
  /** How many at once after a silence. */
  readonly burst: number;
}

/** On-Call takes about 150 a minute from an organisation: this leaves room for other senders. */
const onCallRate: Rate = { perMinute: 120, burst: 20 };

/** The rate of a host unless somebody sets another: On-Call's own has one. */
export function defaultRate(host: string): Rate | undefined {
  return host === "alert.victorops.com" ? onCallRate : undefined;
}

/** The host of an endpoint's key. What is behind a secret's reference shows none: "". */
export function hostOfEndpoint(key: string): string {
  return hostOf(key.split(" ")[0].replace(/^\/\//, "http://"));
}

/** Host and port of a URL in lower case; "" for what is none. */
export function hostOf(url: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?([^/?#]*)/i.exec(url)?.[1].toLowerCase() ?? "";
}

/** Takes a token; undefined when there is none. A clock that stepped back gives one. */
export function takeToken(stored: Endpoint, now: number, rate: Rate): Endpoint | undefined {
  const tokens = tokensAt(stored, now, rate);
  if (tokens < 1) return undefined;
  // Another process may have looked at the clock later, and written earlier.
  const at = isAhead(stored, now) ? now : Math.max(now, stored.tokensAt);
  return { ...stored, tokens: tokens - 1, tokensAt: at };
}

/** Whether it was written before the clock stepped back. */
function isAhead(stored: Endpoint, now: number): boolean {
  return stored.tokensAt > now + oldestReading;
}

function tokensAt(stored: Endpoint, now: number, { perMinute, burst }: Rate): number {
  // The clock stepped back, and the bucket must not stay empty until it was filled.
  if (isAhead(stored, now)) return Math.min(burst, Math.max(1, stored.tokens));
  const gained = (Math.max(0, now - stored.tokensAt) * perMinute) / 60_000;
  return Math.min(burst, stored.tokens + gained);
}

/** The token bucket of a host, as this sender knows it. All endpoints of the host share it. */
export class Meter {
  readonly key: string;
  readonly rate: Rate;
  stored: Endpoint;
  /** Events that want a token, at most. */
  queued = 0;

  constructor(host: string, rate: Rate) {
    this.key = meterKey(host);
    this.rate = rate;
    this.stored = freshEndpoint(this.key);
  }
  /** Milliseconds until all that is queued has had its token. */
  clearsIn(now: number): number {
    const missing = this.queued - tokensAt(this.stored, now, this.rate);
    return Math.max(0, Math.ceil((missing * 60_000) / this.rate.perMinute));
  }
  /** Takes a token, as far as this sender knows. False: there is none. */
  take(now: number): boolean {
    const taken = takeToken(this.stored, now, this.rate);
    this.stored = taken ?? this.stored;
    return taken !== undefined;
  }
  /** Milliseconds until there is a token. */
  opensIn(now: number): number {
    const missing = 1 - tokensAt(this.stored, now, this.rate);
    return Math.max(0, Math.ceil((missing * 60_000) / this.rate.perMinute));
  }
}

/** Where a host's bucket is stored among the endpoints. */
export function meterKey(host: string): string {
  return `rate ${host}`;
}

/** How much longer than first-come a class may wait. Milliseconds. */
const patience: Readonly<Record<string, number>> = {
  CRITICAL: 0,
  RECOVERY: 0,
  WARNING: 450_000,
  ACKNOWLEDGEMENT: 450_000,
};
const mostPatience = 900_000;

/** Whether it pages somebody or ends that: CRITICAL and RECOVERY. */
export function isPage({ messageType }: Pick<NewDelivery, "messageType">): boolean {
  return patience[messageType.toUpperCase()] === 0;
}

/**
 * The place of a delivery under pressure: the smaller goes first. CRITICAL and RECOVERY before
 * WARNING and ACKNOWLEDGEMENT before the rest, but none waits more than 15 minutes longer than it
 * would if the older always went first.
 */
export function urgency({ messageType, recordedAt }: NewDelivery): number {
  return recordedAt + (patience[messageType.toUpperCase()] ?? mostPatience);
}

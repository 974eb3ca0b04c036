import type { Reason } from "./delivery.ts";

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
  readonly status: string;
  /** For people; never a secret. */
  readonly detail: string;
  /** Since when it is in this state. Milliseconds since 1970, as all times here. */
  readonly since: number;
  /** Blocked: when the next probe is due. */
  readonly probeAt: number;
  /** It asked for silence until then (`Retry-After`). 0: it did not. */
  readonly quietUntil: number;
  /** Token bucket of the rate limit, as of `tokensAt`. */
  readonly tokens: number;
  readonly tokensAt: number;
}

import type { Reason } from "../delivery.ts";

/** What Tocsin knows of a service that takes events. */
export interface Integration {
  readonly name: string;
  /** The parts of its URL that must not be shown. */
  secretsOf(url: string): readonly string[];
  /** In the service's own terms, what a person can do; "" when there is nothing to add. */
  explain(reason: Reason, url: string): string;
}

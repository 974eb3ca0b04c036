import type { Facts, Work } from "@tocsin/alerting/delivery";

/** Where spans and metrics go. */
export interface Telemetry {
  /** Begins a piece of work. `name` is its span's; undefined: no span, its deliveries stand alone. */
  begin(name: string | undefined, facts: Facts): Work;
  /** Hands over what is left, for a moment at most. Never rejects. */
  close(): Promise<void>;
}

import type { Facts, Work } from "@tocsin/alerting/delivery";

/** Where spans and metrics go. */
export interface Telemetry {
  /** Begins a piece of work. `name`: of its span; undefined: it has none, and the spans of its deliveries no parent. */
  begin(name: string | undefined, facts: Facts): Work;
  /** Exports what is left, waiting a moment at most. Never rejects. */
  close(): Promise<void>;
}

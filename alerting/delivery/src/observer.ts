import type { Answer } from "@tocsin/alerting/oncall";
import type { Attempt } from "./attempt.ts";
import type { Delivery } from "./delivery.ts";
import type { Recorded } from "./store.ts";

/** Is told what happens to deliveries. */
export interface Observer {
  /** A delivery changed. `answer`: what the attempt brought that changed it. */
  changed?(delivery: Delivery, answer?: Answer): void;
  /** Events were recorded in this process. */
  recorded?(recorded: Recorded): void;
  /** An attempt ended and is written down. */
  attempted?(before: Delivery, after: Delivery, attempt: Attempt): void;
  /**
   * After each step. Gives when it wants the next one at the latest (monotonic; Infinity: never).
   */
  stepped?(): number;
  /**
   * Some ids of deliveries that it waits for, others each time: another process may have sent them.
   */
  pending?(): readonly string[];
}

import type { Observer } from "@tocsin/alerting/delivery";
import type { Log } from "@tocsin/platform/host";

/** Writes a line for each attempt: what was sent, what became of it, what follows. Nothing in it is secret. */
export function attemptLog(log: Log): Observer {
  return {
    attempted: (before, after, { verdict, milliseconds }) => {
      const { id, attempts: attempt, integration: endpoint, messageType } = before;
      const reason = verdict.kind === "accepted" ? "accepted" : verdict.reason;
      const { kind, status } = verdict;
      const fields = {
        id,
        attempt,
        endpoint,
        messageType,
        class: kind,
        reason,
        status,
        milliseconds,
      };
      const next = after.nextAttemptAt;
      const due = next === undefined ? {} : { nextAttemptAt: new Date(next).toISOString() };
      log.write(kind === "accepted" ? "info" : "warn", "attempt", {
        ...fields,
        state: after.state,
        ...due,
      });
    },
  };
}

import type { Observer } from "@tocsin/alerting/delivery";
import type { Log } from "@tocsin/platform/host";

/** Logs each attempt: what was sent, what became of it, what follows. It contains no secret. */
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

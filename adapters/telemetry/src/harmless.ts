import type { Recording, Work } from "@tocsin/alerting/delivery";

/**
 * Work whose errors are swallowed: what a program's own provider throws must never stop the sender, which
 * reports its deliveries in the middle of sending them. Then a span is missing.
 */
export function harmless(work: Work): Work {
  return {
    recording: (events) => {
      const recording = tried<Recording>(() => work.recording(events));
      return {
        traceparent: recording?.traceparent,
        end: (recorded) => tried(() => recording?.end(recorded)),
      };
    },
    changed: (delivery) => tried(() => work.changed?.(delivery)),
    attempted: (before, after, attempt) => tried(() => work.attempted?.(before, after, attempt)),
    note: (facts) => tried(() => work.note(facts)),
    end: (error) => tried(() => work.end(error)),
  };
}

function tried<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}

/** Work that nobody traces. */
export const unfollowed: Work = {
  recording: () => ({ traceparent: undefined, end: () => undefined }),
  note: () => undefined,
  end: () => undefined,
};

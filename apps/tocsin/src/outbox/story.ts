import {
  type Delivery,
  type Endpoint,
  type JournalEntry,
  showReference,
} from "@tocsin/alerting/delivery";
import { iso } from "./world.ts";
import { Masker } from "@tocsin/alerting/oncall";

/** What is known about an event. */
interface Story {
  readonly delivery: Delivery;
  /** Undefined: nothing is known about it. */
  readonly endpoint: Endpoint | undefined;
  readonly journal: readonly JournalEntry[];
  /** The event of the same entity that must leave first. */
  readonly ahead?: string | undefined;
}

/** What `outbox show --output json` has in addition to `list`. Others rely on this shape. */
export function storyJson({ delivery, journal }: Story): object {
  const { runId, detail, inDoubt, supersededBy, request } = delivery;
  const { redirect = null } = request;
  const history = journal.map(({ at, deliveryId: _id, ...entry }) => ({ at: iso(at), ...entry }));
  return { runId, ...shownRequest(delivery), redirect, detail, inDoubt, supersededBy, history };
}

/** The story of an event in plain words. `now`: milliseconds since 1970. */
export function storyLines(story: Story, now: number): string[] {
  const { delivery, journal } = story;
  const { url, body } = shownRequest(delivery);
  const { detail, state, runId, inDoubt, fallback } = delivery;
  const { redirect } = delivery.request;
  const rows = [
    ["state", detail === "" ? state : `${state}: ${detail}`],
    ["next", nextWords(story, now)],
    ["entity", delivery.entity === "" ? "none: On-Call generates one" : delivery.entity],
    ["type", delivery.messageType],
    ["recorded", `${iso(delivery.recordedAt)} by run ${runId}`],
    ["to", redirect === undefined ? url : `${redirect} instead of ${url}`],
    ["body", body],
    ...(inDoubt ? [["in doubt", "it may have arrived without an answer reaching us"]] : []),
    ...(fallback === undefined ? [] : [["fallback", fallbackWords(fallback)]]),
  ];
  return [
    `event ${delivery.id}`,
    ...rows.map(([name, value]) => `  ${name.padEnd(9)} ${value}`),
    ...journal.flatMap(historyLines),
  ];
}

/** What comes next, and why. */
function nextWords({ delivery, endpoint, ahead }: Story, now: number): string {
  const { id, state, supersededBy, leaseUntil, nextAttemptAt, attempts } = delivery;
  switch (state) {
    case "accepted":
      return "nothing: it arrived";
    case "refused":
      return `nothing, because the service refuses it; \`tocsin outbox retry ${id}\` tries it again`;
    case "superseded":
      return `nothing: event ${supersededBy ?? "?"} says what is true now`;
    case "discarded":
      return "nothing: a person gave it up";
    case "parked":
      return `nothing until \`tocsin outbox retry ${id}\`: it was tried for a day`;
    case "held":
      return nextAttemptAt === undefined
        ? `nothing until \`tocsin outbox release ${id}\`, or a newer state of its entity`
        : `it leaves at ${iso(nextAttemptAt)}, unless a newer state of its entity replaces it`;
    case "sending":
      return `the answer to attempt ${attempts}, by ${iso(leaseUntil ?? now)}`;
    case "recorded":
    case "waiting":
      return waitingWords({ delivery, endpoint, ahead }, now);
  }
}

function waitingWords({ delivery, endpoint, ahead }: Omit<Story, "journal">, now: number): string {
  const { attempts, nextAttemptAt = now, failures } = delivery;
  const sender = "the next run or `tocsin outbox send`";
  if (ahead !== undefined) return `it waits for event ${ahead}: events of an entity leave in order`;
  if (endpoint !== undefined && endpoint.state !== "open") {
    return `a probe at ${iso(endpoint.probeAt)}, by ${sender}: the endpoint accepts no events (${endpoint.detail})`;
  }
  if (endpoint !== undefined && endpoint.quietUntil > now) {
    return `attempt ${attempts + 1} after ${iso(endpoint.quietUntil)}: the service asked for silence`;
  }
  const when = nextAttemptAt > now ? `at ${iso(nextAttemptAt)}` : "now";
  const why = failures === 0 ? "" : `: the wait grows with each failure (${failures} so far)`;
  return `attempt ${attempts + 1} ${when}, by ${sender}${why}`;
}

function fallbackWords({ state, at }: NonNullable<Delivery["fallback"]>): string {
  if (state === "sent") return `it was late, and was also sent by the fallback at ${iso(at)}`;
  if (state === "failed") return `the fallback failed at ${iso(at)}, and will be tried again`;
  return `the fallback has been on its way since ${iso(at)}`;
}

function historyLines(entry: JournalEntry): string[] {
  const { at, state, attempt, status, milliseconds, detail, reason, answer } = entry;
  const parts = [
    attempt > 0 ? `attempt ${attempt}` : "",
    status === "" ? "" : `HTTP ${status}`,
    milliseconds === undefined ? "" : `${milliseconds} ms`,
    detail,
  ].filter((part) => part !== "");
  const name = reason === "fallback" ? reason : state;
  const said = answer === undefined ? [] : [`  ${" ".repeat(24)}  the service said: ${answer}`];
  return [`  ${iso(at)}  ${name.padEnd(10)}  ${parts.join(", ")}`, ...said];
}

function shownRequest({ request }: Delivery): { url: string; body: string } {
  const masker = new Masker();
  return {
    url: masker.mask(showReference(request.url)),
    body: masker.mask(showReference(request.body)),
  };
}

import { utf8 } from "@tocsin/platform/host";
import { onCallAddress } from "./address.ts";
import type { Deliveries, Dispatch, OutgoingRequest } from "./deliveries.ts";
import { type EventWords, eventWords } from "./event-words.ts";

/** A request that a dry run kept instead of sending it. */
export interface RecordedRequest {
  readonly kind: Dispatch["kind"];
  readonly request: OutgoingRequest;
  /** The body as text. */
  readonly body: string;
}

/** `Deliveries` that send nothing and remember everything, in order. */
export interface RecordingDeliveries extends Deliveries {
  readonly requests: readonly RecordedRequest[];
}

/** What a request says as an event, and its body; undefined: it is sent directly. */
export function eventOf(request: OutgoingRequest): { text: string; event: EventWords } | undefined {
  if (request.method.toUpperCase() !== "POST") return undefined;
  if (request.integration === undefined && onCallAddress(request.url) === undefined) {
    return undefined;
  }
  const text = bodyText(request);
  const event = eventWords(text);
  return event === undefined ? undefined : { text, event };
}

/** The body of a request as text; "" when it has none. */
function bodyText(request: OutgoingRequest): string {
  if (request.body === undefined) return "";
  return typeof request.body === "string" ? request.body : utf8.decode(request.body);
}

/** The dry run's `Deliveries`: every request is kept as it would be sent, and answered with 200. */
export function recordingDeliveries(): RecordingDeliveries {
  const requests: RecordedRequest[] = [];
  return {
    requests,
    deliver: async (asked) =>
      asked.map((request) => {
        const kind = eventOf(request) === undefined ? "direct" : "event";
        requests.push({ kind, request, body: bodyText(request) });
        const answer = { status: 200, headers: {}, body: new Uint8Array(0), milliseconds: 0 };
        const state = kind === "event" ? "accepted" : "answered";
        const detail = "not sent: this is a dry run";
        return {
          kind,
          settled: Promise.resolve({ state, status: "200", reason: "dry-run", detail, answer }),
        };
      }),
  };
}

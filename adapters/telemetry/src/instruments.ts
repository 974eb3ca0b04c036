import type { Counter, Histogram, Meter } from "@opentelemetry/api";
import type { Attempt } from "@tocsin/alerting/delivery";

/** Bucket bounds that the conventions for HTTP and messaging advise. Seconds. */
const durations = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

type Attributes = Readonly<Record<string, string | number>>;

const ofHttp = [
  "http.request.method",
  "http.response.status_code",
  "server.address",
  "server.port",
  "url.template",
  "error.type",
];
const ofMessaging = [
  "messaging.system",
  "messaging.operation.name",
  "messaging.operation.type",
  "messaging.destination.name",
  "server.address",
  "server.port",
  "error.type",
];

/** Counts and times attempts, under the names of OpenTelemetry's conventions. */
export class Instruments {
  readonly #requests: Histogram;
  readonly #operations: Histogram;
  readonly #messages: Counter;

  constructor(meter: Meter) {
    const time = { unit: "s", advice: { explicitBucketBoundaries: durations } };
    this.#requests = meter.createHistogram("http.client.request.duration", {
      ...time,
      description: "How long requests took.",
    });
    this.#operations = meter.createHistogram("messaging.client.operation.duration", {
      ...time,
      description: "How long attempts to send an event took.",
    });
    this.#messages = meter.createCounter("messaging.client.sent.messages", {
      unit: "{message}",
      description: "Attempts to send an event.",
    });
  }

  /** Records an attempt. `attributes` are those of its span. */
  attempted(attributes: Attributes, { milliseconds, verdict }: Attempt): void {
    const seconds = milliseconds / 1000;
    const messaging = only(ofMessaging, attributes);
    this.#operations.record(seconds, messaging);
    this.#messages.add(1, messaging);
    // When the secret is missing, no request is made.
    const asked = verdict.kind === "accepted" || verdict.reason !== "secret-missing";
    if (asked) this.#requests.record(seconds, only(ofHttp, attributes));
  }
}

function only(names: readonly string[], attributes: Attributes): Attributes {
  return Object.fromEntries(
    names.filter((name) => Object.hasOwn(attributes, name)).map((name) => [name, attributes[name]]),
  );
}

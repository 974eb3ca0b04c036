import type * as Api from "@opentelemetry/api";
import {
  type Attempt,
  type Delivery,
  destinationOf,
  type Facts,
  type NewDelivery,
  type Recorded,
  type Recording,
  type Work,
} from "@tocsin/alerting/delivery";
import type { Clock } from "@tocsin/platform/host";
import { harmless, unfollowed } from "./harmless.ts";
import { Instruments } from "./instruments.ts";

/** `@opentelemetry/api`, in the copy that receives the spans and metrics. */
export type OpenTelemetryApi = typeof Api;

/** What tracing needs. */
interface TracerWorld {
  readonly api: OpenTelemetryApi;
  readonly tracer: Api.Tracer;
  readonly instruments: Instruments;
  readonly clock: Clock;
  /** The context that the work belongs to. */
  readonly parent: Api.Context;
}

const system = { "messaging.system": "tocsin", "messaging.operation.name": "send" };

/** Begins a piece of work; without a name it has no span. Neither this nor the work ever throws. */
export function beginWork(world: TracerWorld, name: string | undefined, facts: Facts): Work {
  try {
    return harmless(begun(world, name, facts));
  } catch {
    return unfollowed;
  }
}

function begun(world: TracerWorld, name: string | undefined, facts: Facts): Work {
  const { api, tracer, clock, parent } = world;
  if (name === undefined) return new TracedWork(world, undefined, parent);
  const startTime = timeOf(clock.now());
  const span = tracer.startSpan(name, { startTime, attributes: { ...facts } }, parent);
  return new TracedWork(world, span, api.trace.setSpan(parent, span));
}

class TracedWork implements Work {
  readonly #world: TracerWorld;
  readonly #span: Api.Span | undefined;
  readonly #context: Api.Context;
  /** When attempts began, by the wall clock, in nanoseconds. */
  readonly #begun = new WeakMap<Delivery, bigint>();

  constructor(world: TracerWorld, span: Api.Span | undefined, context: Api.Context) {
    this.#world = world;
    this.#span = span;
    this.#context = context;
  }

  recording(events: readonly NewDelivery[]): Recording {
    const { api, tracer, clock } = this.#world;
    const endpoint = events[0].integration;
    const span = tracer.startSpan(
      `send ${endpoint}`,
      {
        kind: api.SpanKind.PRODUCER,
        startTime: timeOf(clock.now()),
        attributes: {
          ...system,
          "messaging.operation.type": "create",
          "messaging.destination.name": endpoint,
          "messaging.batch.message_count": events.length,
        },
      },
      this.#context,
    );
    return {
      traceparent: traceparentOf(api, span.spanContext()),
      end: (recorded) => this.#recorded(span, recorded),
    };
  }
  changed(delivery: Delivery): void {
    if (delivery.state === "sending") this.#begun.set(delivery, this.#world.clock.now());
  }
  attempted(before: Delivery, _after: Delivery, attempt: Attempt): void {
    const { api, tracer, clock, instruments } = this.#world;
    const took = BigInt(Math.round(attempt.milliseconds * 1e6));
    const start = this.#begun.get(before) ?? clock.now() - took;
    const { attributes, error } = described(before, attempt);
    const { "url.template": template, "http.request.method": method } = attributes;
    const { traceparent } = before.request;
    const origin = traceparent === undefined ? undefined : spanContextOf(traceparent);
    const span = tracer.startSpan(
      template === undefined ? `${method}` : `${method} ${template}`,
      {
        kind: api.SpanKind.CLIENT,
        startTime: timeOf(start),
        attributes: { ...attributes, "messaging.message.id": before.id, ...resent(before) },
        ...(origin === undefined ? {} : { links: [{ context: origin }] }),
      },
      this.#context,
    );
    if (error !== undefined) span.setStatus({ code: api.SpanStatusCode.ERROR });
    span.end(timeOf(start + took));
    instruments.attempted(attributes, attempt);
  }
  note(facts: Facts): void {
    this.#span?.setAttributes({ ...facts });
  }
  end(error?: string): void {
    const span = this.#span;
    if (span === undefined) return;
    if (error !== undefined) {
      span.setAttribute("error.type", error);
      span.setStatus({ code: this.#world.api.SpanStatusCode.ERROR });
    }
    span.end(timeOf(this.#world.clock.now()));
  }

  #recorded(span: Api.Span, recorded: Recorded | undefined): void {
    if (recorded === undefined) {
      span.setAttribute("error.type", "outbox");
      span.setStatus({ code: this.#world.api.SpanStatusCode.ERROR });
    } else if (recorded.deliveries.length === 1) {
      span.setAttribute("messaging.message.id", recorded.deliveries[0].id);
    }
    span.end(timeOf(this.#world.clock.now()));
  }
}

/** An attempt in the terms of OpenTelemetry. The path and query of its URL contain the key and are left out. */
function described(
  delivery: Delivery,
  { verdict }: Attempt,
): { attributes: Record<string, string | number>; error: string | undefined } {
  const { host, port, template } = destinationOf(delivery);
  const { status } = verdict;
  const failed = verdict.kind === "accepted" ? undefined : verdict.reason;
  const error = failed !== undefined && Number(status) >= 400 ? status : failed;
  return {
    error,
    attributes: {
      ...system,
      "messaging.operation.type": "send",
      "messaging.destination.name": delivery.integration,
      "http.request.method": delivery.request.method,
      ...(status === "" ? {} : { "http.response.status_code": Number(status) }),
      ...(host === undefined ? {} : { "server.address": host }),
      ...(port === undefined ? {} : { "server.port": port }),
      ...(template === undefined ? {} : { "url.template": template }),
      ...(error === undefined ? {} : { "error.type": error }),
    },
  };
}

function resent({ attempts }: Delivery): Record<string, number> {
  return attempts > 1 ? { "http.request.resend_count": attempts - 1 } : {};
}

/** A time in OpenTelemetry's form: seconds and nanoseconds since 1970. */
function timeOf(nanoseconds: bigint): [number, number] {
  return [Number(nanoseconds / 1_000_000_000n), Number(nanoseconds % 1_000_000_000n)];
}

function traceparentOf(api: OpenTelemetryApi, context: Api.SpanContext): string | undefined {
  const kept = (context.traceFlags & api.TraceFlags.SAMPLED) !== 0;
  if (!kept || !api.isSpanContextValid(context)) return undefined;
  const { traceId, spanId, traceFlags } = context;
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`;
}

function spanContextOf(traceparent: string): Api.SpanContext | undefined {
  const found = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/u.exec(traceparent);
  if (found === null) return undefined;
  const [, traceId, spanId, flags] = found;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
}

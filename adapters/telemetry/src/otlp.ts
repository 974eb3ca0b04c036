import * as api from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import {
  JsonMetricsSerializer,
  JsonTraceSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
} from "@opentelemetry/otlp-transformer";
import { defaultResource, type Resource, resourceFromAttributes } from "@opentelemetry/resources";
import {
  AggregationTemporality,
  InstrumentType,
  MeterProvider,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
} from "@opentelemetry/sdk-metrics";
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import type { Masker } from "@tocsin/alerting/oncall";
import type { Clock, Log } from "@tocsin/platform/host";
import { type Environment, type Settings, settingsOf } from "./environment.ts";
import { type ExporterWorld, OtlpExporter } from "./exporter.ts";
import { Instruments } from "./instruments.ts";
import type { OtlpWorld } from "./open.ts";
import type { Telemetry } from "./telemetry.ts";
import { beginWork } from "./tracer.ts";

/** How often, and how long each time, the end of a command waits for a collector: 0.8 seconds in all. */
const lastMoments = 8;
const momentMilliseconds = 100;

/** Starts making spans and metrics and exporting them to a collector. */
export function startOtlp(world: OtlpWorld): Telemetry {
  const settings = settingsOf(world.environment);
  for (const why of settings.complaints) world.log.write("warn", why);
  hide(settings, world.masker);
  const breakOff = new AbortController();
  const exporting = { http: world.http, stop: breakOff.signal, report: reporter(world.log) };
  const resource = resourceOf(settings, world.version);
  const traces = traceProvider(settings, resource, exporting);
  const metrics = meterProvider(settings, resource, exporting);
  const tracing = {
    api,
    tracer: traces.getTracer("tocsin", world.version),
    instruments: new Instruments(metrics.getMeter("tocsin", world.version)),
    clock: world.clock,
    parent: parentOf(world.environment),
  };
  return {
    begin: (name, facts) => beginWork(tracing, name, facts),
    close: async () => {
      const ended = Promise.allSettled([traces.shutdown(), metrics.shutdown()]);
      await within(ended, world.clock);
      breakOff.abort();
      await ended;
    },
  };
}

/**
 * Waits for the end, in several short moments: with a single long timer, a process that was stopped would find the
 * time over before it has read an answer that is there.
 */
async function within(ended: Promise<unknown>, clock: Clock): Promise<void> {
  const enough = new AbortController();
  let over = false;
  const done = ended.then(() => (over = true));
  for (let i = 0; i < lastMoments && !over; i++)
    await Promise.race([done, clock.sleep(momentMilliseconds, enough.signal)]);
  enough.abort();
}

/** Addresses and headers may hold keys. */
function hide({ traces, metrics }: Settings, masker: Masker): void {
  for (const to of [traces, metrics]) {
    if (to === undefined) continue;
    for (const value of Object.values(to.headers)) {
      masker.hide(value);
      // Of "Bearer KEY" the key alone is a secret, too.
      for (const word of value.split(/\s+/u).slice(1)) masker.hide(word);
    }
    const { password, search } = new URL(to.url);
    if (password !== "") masker.hide(decodeURIComponent(password));
    if (search.length > 1) masker.hide(search.slice(1));
  }
}

/** Reports a failing collector once, until an export succeeds again. */
function reporter(log: Log): ExporterWorld["report"] {
  const said = new Set<string>();
  return (where, why) => {
    if (why === undefined) said.clear();
    else if (!said.has(where)) {
      said.add(where);
      log.write("warn", `telemetry is not taken by ${where}: ${why}`);
    }
  };
}

function resourceOf({ resource }: Settings, version: string): Resource {
  return defaultResource().merge(
    resourceFromAttributes({
      "service.version": version,
      // Counters start at zero in each process, so backends must be able to tell processes apart.
      "service.instance.id": process.getBuiltinModule("node:crypto").randomUUID(),
      ...resource,
    }),
  );
}

function traceProvider(
  settings: Settings,
  resource: Resource,
  world: ExporterWorld,
): TracerProvider {
  const { traces: to, queueSize, batchSize, batchDelay } = settings;
  if (to === undefined) return new TracerProvider({ resource, sampler: new AlwaysOffSampler() });
  const serializer = to.protocol === "http/json" ? JsonTraceSerializer : ProtobufTraceSerializer;
  const processor = new BatchSpanProcessor({
    exporter: new OtlpExporter(serializer, to, world),
    maxQueueSize: queueSize,
    maxExportBatchSize: Math.min(batchSize, queueSize),
    scheduledDelayMillis: batchDelay,
    exportTimeoutMillis: to.timeoutMilliseconds,
  });
  return new TracerProvider({
    resource,
    sampler: samplerOf(settings),
    spanProcessors: [processor],
  });
}

function samplerOf({ sampler, ratio }: Settings): Sampler {
  const name = sampler.replace(/^parentbased_/u, "");
  const root =
    name === "always_off"
      ? new AlwaysOffSampler()
      : name === "traceidratio"
        ? new TraceIdRatioBasedSampler(ratio)
        : new AlwaysOnSampler();
  return sampler.startsWith("parentbased_") ? new ParentBasedSampler({ root }) : root;
}

function meterProvider(
  settings: Settings,
  resource: Resource,
  world: ExporterWorld,
): MeterProvider {
  const { metrics: to, metricInterval, temporality } = settings;
  if (to === undefined) return new MeterProvider({ resource });
  const serializer =
    to.protocol === "http/json" ? JsonMetricsSerializer : ProtobufMetricsSerializer;
  const otlp = new OtlpExporter(serializer, to, world);
  const exporter: PushMetricExporter = {
    export: (data, done) => otlp.export(data, done),
    forceFlush: () => otlp.forceFlush(),
    shutdown: () => otlp.shutdown(),
    selectAggregationTemporality: (type) => temporalityOf(type, temporality),
  };
  const reader = new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: metricInterval,
    exportTimeoutMillis: Math.min(metricInterval, to.timeoutMilliseconds),
  });
  return new MeterProvider({ resource, readers: [reader] });
}

/** Delta temporality, where it is asked for, applies to counters and histograms, which all instruments here are. */
function temporalityOf(
  type: InstrumentType,
  temporality: Settings["temporality"],
): AggregationTemporality {
  const sums = type === InstrumentType.COUNTER || type === InstrumentType.HISTOGRAM;
  return temporality !== "cumulative" && sums
    ? AggregationTemporality.DELTA
    : AggregationTemporality.CUMULATIVE;
}

/** The trace of whoever started the process, from `TRACEPARENT` and `TRACESTATE`. */
function parentOf({ TRACEPARENT, TRACESTATE }: Environment): api.Context {
  const carrier = { traceparent: TRACEPARENT ?? "", tracestate: TRACESTATE ?? "" };
  const propagator = new W3CTraceContextPropagator();
  return propagator.extract(api.ROOT_CONTEXT, carrier, api.defaultTextMapGetter);
}

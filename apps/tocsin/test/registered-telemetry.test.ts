import { AsyncLocalStorage } from "node:async_hooks";
import {
  type Context,
  type ContextManager,
  context,
  ROOT_CONTEXT,
  trace,
} from "@opentelemetry/api";
import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { expect, test } from "vitest";
import { scriptedHttp, utf8 } from "@tocsin/platform/host";
import { run, victorops } from "../src/index.ts";
import { alerting } from "./alerts.ts";

const http = scriptedHttp(() => ({
  status: 200,
  headers: {},
  body: utf8.encode('{"result":"success","entity_id":"x"}'),
}));
const secrets = { VICTOROPS_API_KEY: "of-the-service" };

/** What is active follows promises, as the context manager for Node does it. */
function following(): ContextManager {
  const storage = new AsyncLocalStorage<Context>();
  const manager: ContextManager = {
    active: () => storage.getStore() ?? ROOT_CONTEXT,
    with: (active, work, self, ...args) => storage.run(active, () => work.call(self, ...args)),
    bind: (_active, target) => target,
    enable: () => manager,
    disable: () => manager,
  };
  return manager;
}

test("a provider that throws costs spans, never a page", async () => {
  const broken = (): never => {
    throw new Error("a provider's own mistake");
  };
  const events = { onStart: () => undefined, onEnd: broken, onEnding: broken };
  const processor = {
    ...events,
    forceFlush: async () => undefined,
    shutdown: async () => undefined,
  };
  for (const provider of [
    new TracerProvider({ spanProcessors: [processor] }),
    { getTracer: () => ({ startSpan: broken, startActiveSpan: broken }) },
    { getTracer: broken },
  ]) {
    trace.setGlobalTracerProvider(provider);
    try {
      const { deliveries } = await run(alerting(["CRITICAL:db"]), { http, secrets }).finished;
      expect(deliveries.deliveries.map(({ state }) => state)).toEqual(["accepted"]);
    } finally {
      trace.disable();
    }
  }
});

test("a program that has registered a provider sees runs and pages in its own trace", async () => {
  const exporter = new InMemorySpanExporter();
  const spanProcessors = [new SimpleSpanProcessor({ exporter })];
  trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors }));
  context.setGlobalContextManager(following());
  try {
    const own = trace.getTracer("program").startSpan("nightly");
    const running = context.with(trace.setSpan(context.active(), own), () =>
      run(alerting(["CRITICAL:db"]), { http, secrets }),
    );
    await running.finished;
    const spans = exporter.getFinishedSpans();
    const [send, attempt, work] = spans;
    expect(spans.map(({ name }) => name)).toEqual([
      "send victorops",
      "POST /integrations/generic/20131114/alert/{key}/{routing_key}",
      "run script",
    ]);
    expect(work.parentSpanContext?.spanId).toBe(own.spanContext().spanId);
    expect(send.parentSpanContext?.spanId).toBe(work.spanContext().spanId);
    expect(attempt.links[0].context.spanId).toBe(send.spanContext().spanId);
    expect(attempt.attributes["server.address"]).toBe("alert.victorops.com");
    expect(JSON.stringify(spans.map(({ attributes }) => attributes))).not.toContain(
      "of-the-service",
    );
    exporter.reset();
    const url = "https://alert.victorops.com/integrations/generic/20131114/alert/11111111-KEY/ops";
    const page = victorops.endpoint({ url, http });
    await page({
      mapFn: () => ({
        messageType: "INFO",
        entityID: "a",
        entityDisplayName: "A",
        stateMessage: "s",
        timestamp: 0n,
      }),
    })([{}]);
    expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual([
      "send victorops",
      "POST /integrations/generic/20131114/alert/{key}/{routing_key}",
    ]);
  } finally {
    trace.disable();
    context.disable();
  }
});

import { expect, test } from "vitest";
import { alerting } from "./alerts.ts";
import { collector, type ToldSpan } from "./collector.ts";
import { Desk, sandbox } from "./terminal.ts";

const secrets = { VICTOROPS_API_KEY: "of-the-service" };
const json = { OTEL_EXPORTER_OTLP_PROTOCOL: "http/json" };
const template = "/integrations/generic/20131114/alert/{key}/{routing_key}";

/** A folder with a script that sends a page, and the variables that ask for telemetry. */
function deskOf(env: Record<string, string>): Desk {
  const desk = new Desk({ ...secrets, ...json, ...env });
  desk.file("a.flux", alerting(["CRITICAL:orders-database"]));
  return desk;
}

const named = (spans: readonly ToldSpan[], name: string): ToldSpan[] =>
  spans.filter((one) => one.name === name);

test("a run tells its span, the recording and the attempt, under the conventions' names", async () => {
  const [box, otel] = [await sandbox(), await collector()];
  const port = Number(new URL(box.origin).port);
  const desk = deskOf({
    OTEL_EXPORTER_OTLP_ENDPOINT: otel.origin,
    OTEL_SERVICE_NAME: "night-watch",
    OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=pro%20d,service.name=other",
    TRACEPARENT: "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01",
  });
  const { code, err } = await desk.run("run", "--deliver-to", box.origin, "a.flux");
  expect([code, err]).toEqual([0, ""]);
  const spans = otel.spans();
  const [[run], [send], [attempt]] = ["run a.flux", "send victorops", `POST ${template}`].map(
    (name) => named(spans, name),
  );
  expect(spans.length).toBe(3);
  const trace = { traceId: "0123456789abcdef0123456789abcdef" };
  expect(run).toMatchObject({ ...trace, kind: 1, parentSpanId: "0123456789abcdef" });
  expect(run.attributes).toEqual({
    "tocsin.script.name": "a.flux",
    "tocsin.rows": 1,
    "tocsin.events": 1,
    "process.exit.code": 0,
  });
  expect(send).toMatchObject({ ...trace, kind: 4, parentSpanId: run.spanId });
  expect(send.attributes).toEqual({
    "messaging.system": "tocsin",
    "messaging.operation.name": "send",
    "messaging.operation.type": "create",
    "messaging.destination.name": "victorops",
    "messaging.batch.message_count": 1,
    "messaging.message.id": "1",
  });
  expect(attempt).toMatchObject({ ...trace, kind: 3, parentSpanId: run.spanId });
  expect(attempt.links).toMatchObject([{ ...trace, spanId: send.spanId }]);
  expect(attempt.attributes).toEqual({
    "messaging.system": "tocsin",
    "messaging.operation.name": "send",
    "messaging.operation.type": "send",
    "messaging.destination.name": "victorops",
    "messaging.message.id": "1",
    "http.request.method": "POST",
    "http.response.status_code": 200,
    "server.address": "127.0.0.1",
    "server.port": port,
    "url.template": template,
  });
  expect(BigInt(attempt.endTimeUnixNano) >= BigInt(attempt.startTimeUnixNano)).toBe(true);
  expect(run.resource).toMatchObject({
    "service.name": "night-watch",
    "deployment.environment.name": "pro d",
    "telemetry.sdk.language": "nodejs",
  });
});

test("metrics have the conventions' names, and say nothing of an entity", async () => {
  const [box, otel] = [await sandbox(), await collector()];
  const desk = deskOf({
    OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${otel.origin}/v1/metrics`,
    OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: "delta",
  });
  await desk.run("run", "--deliver-to", box.origin, "a.flux");
  expect(otel.told().map(({ path }) => path)).toEqual(["/v1/metrics"]);
  const metrics = otel.metrics();
  const seen = metrics.map(({ name, unit, temporality }) => [name, unit, temporality]);
  expect(seen.toSorted()).toEqual([
    ["http.client.request.duration", "s", 1],
    ["messaging.client.operation.duration", "s", 1],
    ["messaging.client.sent.messages", "{message}", 1],
  ]);
  for (const { name, points } of metrics) {
    expect(points.map(({ value }) => value)).toEqual([1]);
    expect(
      Object.keys(points[0].attributes).filter((one) => /entity|message\.id/u.test(one)),
    ).toEqual([]);
    const { "server.address": address } = points[0].attributes;
    expect([name, address]).toEqual([name, "127.0.0.1"]);
  }
  expect(otel.bytes()).not.toContain("orders-database");
});

test("an attempt of a later process points to the recording of the run, and says why it failed", async () => {
  const [box, otel] = [await sandbox("status=503"), await collector()];
  const desk = deskOf({ OTEL_EXPORTER_OTLP_ENDPOINT: otel.origin });
  const run = await desk.run("run", "--deliver-to", box.origin, "--wait", "0", "a.flux");
  expect(run.code).toBe(3);
  await desk.run("outbox", "send", "--wait", "1s");
  const spans = otel.spans();
  const [send] = named(spans, "send victorops");
  const [command] = named(spans, "outbox send");
  const later = spans.find((one) => one.kind === 3 && one.parentSpanId === command.spanId);
  expect(command.traceId).not.toBe(send.traceId);
  expect(later?.links).toMatchObject([{ traceId: send.traceId, spanId: send.spanId }]);
  expect(later?.status.code).toBe(2);
  expect(later?.attributes).toMatchObject({
    "error.type": "503",
    "http.response.status_code": 503,
  });
  const [work] = named(spans, "run a.flux");
  expect(work.attributes).toMatchObject({ "process.exit.code": 3, "error.type": "undelivered" });
});

test("no byte holds a key: not of On-Call, not of the collector's own address and headers", async () => {
  const [box, otel] = [await sandbox(), await collector(403)];
  const desk = deskOf({
    OTEL_EXPORTER_OTLP_ENDPOINT: `${otel.origin.replace("//", "//user:pass%20word@")}/tenant-key`,
    OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20of-the-collector,x-tenant=other-key",
    OTEL_EXPORTER_OTLP_PROTOCOL: "",
    OTEL_EXPORTER_OTLP_COMPRESSION: "gzip",
  });
  const { code, out, err } = await desk.onTerminal("run", "--deliver-to", box.origin, "a.flux");
  expect(code).toBe(0);
  expect(err).toContain(`warning: telemetry is not taken by ${otel.origin}: it answers with 403\n`);
  const paths = otel.told().map(({ path }) => path);
  expect(paths.toSorted()).toEqual(["/tenant-key/v1/metrics", "/tenant-key/v1/traces"]);
  for (const { headers } of otel.told()) {
    expect(headers).toMatchObject({
      "content-type": "application/x-protobuf",
      "content-encoding": "gzip",
      "x-tenant": "other-key",
      authorization: "Bearer of-the-collector",
    });
  }
  const bytes = otel.bytes();
  expect(bytes).toContain("messaging.client.operation.duration");
  expect(bytes).toContain(template);
  expect(bytes).not.toMatch(/of-the-service|url\.full|url\.path/u);
  expect(out + err).not.toMatch(/of-the-service|of-the-collector|other-key|tenant-key|pass/u);
});

test("a collector that hangs neither delays a run nor changes how it ends", async () => {
  const [box, otel] = [await sandbox(), await collector("silent")];
  // Ten minutes: a run that waited for the collector would not end within the test's time.
  const desk = deskOf({
    OTEL_EXPORTER_OTLP_ENDPOINT: otel.origin,
    OTEL_EXPORTER_OTLP_TIMEOUT: "600000",
  });
  const { code, err } = await desk.spawn(["run", "--deliver-to", box.origin, "a.flux"]);
  expect([code, err]).toEqual([0, ""]);
  expect(box.requests().length).toBe(1);
  const send = await desk.spawn(["outbox", "send"]);
  expect([send.code, send.err]).toEqual([0, expect.stringContaining(otel.origin)]);
});

test("a collector that is not there is said once, in a line, unless a run ends well off a terminal", async () => {
  const box = await sandbox();
  const desk = deskOf({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1" });
  const scripts = ["--deliver-to", box.origin, "a.flux", "a.flux"];
  expect(await desk.run("run", ...scripts)).toMatchObject({ code: 0, err: "" });
  const line = /^warning: telemetry is not taken by http:\/\/127\.0\.0\.1:1: .+$/gmu;
  const seen = await desk.onTerminal("run", ...scripts);
  expect([seen.code, seen.err.match(line)?.length]).toEqual([0, 1]);
  desk.file("bad.flux", "no_such_name");
  const bad = await desk.run("run", ...scripts, "bad.flux");
  expect([bad.code, bad.err.match(line)?.length]).toEqual([1, 1]);
});

test.each([
  ["all is disabled", { OTEL_SDK_DISABLED: "TRUE" }],
  ["neither is asked for", { OTEL_TRACES_EXPORTER: "none", OTEL_METRICS_EXPORTER: "none" }],
])("nothing is sent when %s", async (_name, env) => {
  const [box, otel] = [await sandbox(), await collector()];
  const desk = deskOf({ OTEL_EXPORTER_OTLP_ENDPOINT: otel.origin, ...env });
  const { code, err } = await desk.run("run", "--deliver-to", box.origin, "a.flux");
  expect([code, err, otel.told()]).toEqual([0, "", []]);
});

test("a dry run tells nothing; one kind can be left out; a sampler is heeded", async () => {
  const [box, otel] = [await sandbox(), await collector()];
  const desk = deskOf({ OTEL_EXPORTER_OTLP_ENDPOINT: otel.origin });
  await desk.run("run", "--dry-run", "a.flux");
  expect(otel.told()).toEqual([]);
  desk.env["OTEL_METRICS_EXPORTER"] = "none";
  await desk.run("run", "--deliver-to", box.origin, "a.flux");
  expect(otel.told().map(({ path }) => path)).toEqual(["/v1/traces"]);
  desk.env["OTEL_TRACES_SAMPLER"] = "always_off";
  await desk.run("run", "--deliver-to", box.origin, "a.flux");
  expect(otel.told().length).toBe(1);
});

test.each([
  [
    { OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" },
    "OTEL_EXPORTER_OTLP_PROTOCOL is http/protobuf or http/json",
  ],
  [{ OTEL_TRACES_EXPORTER: "zipkin" }, "OTEL_TRACES_EXPORTER is otlp or none"],
  [
    { OTEL_EXPORTER_OTLP_ENDPOINT: "otel:of-the-collector" },
    "should begin with http:// or https://",
  ],
  [
    { OTEL_TRACES_SAMPLER: "jaeger_remote" },
    "OTEL_TRACES_SAMPLER is always_on, always_off or traceidratio, also after parentbased_",
  ],
  [{ OTEL_EXPORTER_OTLP_COMPRESSION: "zstd" }, "OTEL_EXPORTER_OTLP_COMPRESSION is gzip or none"],
  [{ OTEL_BSP_SCHEDULE_DELAY: "5s" }, "OTEL_BSP_SCHEDULE_DELAY is a number that is not negative"],
])("what cannot be done is said, and the page leaves: %j", async (env, words) => {
  const [box, otel] = [await sandbox(), await collector()];
  const desk = deskOf({
    OTEL_EXPORTER_OTLP_ENDPOINT: otel.origin,
    OTEL_METRICS_EXPORTER: "none",
    ...env,
  });
  const { code, err } = await desk.onTerminal("run", "--deliver-to", box.origin, "a.flux");
  expect([code, err]).toEqual([0, expect.stringContaining(words)]);
  expect(err).not.toContain("of-the-collector");
  expect(box.requests().length).toBe(1);
});

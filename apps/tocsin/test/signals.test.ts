import { spawn } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { alerting } from "./alerts.ts";
import { Desk, sandbox } from "./terminal.ts";

for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const) {
  test(`${signal} while events wait: exit ${code}, the queue is whole and said`, async () => {
    const desk = new Desk({ VICTOROPS_API_KEY: "key" });
    const silent = await sandbox("hang");
    desk.file("a.flux", alerting(["CRITICAL:db", "CRITICAL:web", "INFO:db"]));
    const { child, ended } = desk.started(["run", "--deliver-to", silent.origin, "a.flux"]);
    await silent.received(2);
    child.kill(signal);
    const end = await ended;
    expect(end.code).toBe(code);
    expect(end.err).toContain(`stopped; nothing is lost: 3 events wait in ${desk.path("data")}`);
    expect(end.err).toContain(`tocsin outbox send --data ${desk.path("data")}`);
    const { out } = await desk.run("outbox", "list", "--output", "json");
    expect(JSON.parse(out)).toMatchObject([
      { entity: "db", state: "waiting" },
      { entity: "web", state: "waiting" },
      { entity: "db", state: "waiting" },
    ]);
  });
}

test("SIGINT while a script computes: exit 130, and it says that nothing waits", async () => {
  const desk = new Desk();
  const script = `import "array"
import "generate"
array.from(rows: [{a: "begun"}]) |> yield(name: "a")
generate.from(count: 100000000, fn: (n) => n, start: 2026-01-01T00:00:00Z, stop: 2026-01-02T00:00:00Z)`;
  const { child, ended, saw } = desk.started(["run", "--output", "ndjson", "-e", script]);
  await saw("begun");
  child.kill("SIGINT");
  const end = await ended;
  expect([end.code, end.out.includes("begun")]).toEqual([130, true]);
  expect(end.err).toContain("stopped; nothing is lost: nothing waits");
});

test("SIGINT ends outbox send --follow and the sandbox", async () => {
  const desk = new Desk({ VICTOROPS_API_KEY: "key" });
  const silent = await sandbox("hang");
  desk.file("a.flux", alerting(["CRITICAL:db"]));
  await desk.run("run", "--wait", "500ms", "--deliver-to", silent.origin, "a.flux");
  await silent.received(1);
  const sending = desk.started(["outbox", "send", "--follow"]);
  await silent.received(2);
  sending.child.kill("SIGINT");
  expect((await sending.ended).code).toBe(130);
  const standIn = desk.started(["sandbox"]);
  await standIn.saw("listening on http://127.0.0.1:");
  standIn.child.kill("SIGINT");
  const { code, err } = await standIn.ended;
  expect([code, err]).toEqual([130, ""]);
});

test("a reader of standard output that goes away ends the run quietly", async () => {
  const desk = new Desk();
  const script =
    'import "generate"\ngenerate.from(count: 200000, fn: (n) => n, start: 2026-01-01T00:00:00Z, stop: 2026-01-02T00:00:00Z)';
  const { child, ended, saw } = desk.started(["run", "-e", script]);
  await saw("_result");
  child.stdout.destroy();
  const { code, err } = await ended;
  expect([code, err]).toEqual([0, ""]);
});

test("a reader that goes away keeps no page from leaving", async () => {
  const desk = new Desk({ VICTOROPS_API_KEY: "key" });
  const service = await sandbox("delay=300ms");
  const hosts = Array.from({ length: 20 }, (_, i) => `INFO:h${i}`);
  const talk =
    'generate.from(count: 100000, fn: (n) => n, start: 2026-01-01T00:00:00Z, stop: 2026-01-02T00:00:00Z) |> yield(name: "talk")';
  const script = `import "generate"\n${alerting(hosts, talk)}`;
  desk.file("a.flux", script);
  const run = desk.started(["run", "--deliver-to", service.origin, "a.flux"]);
  await run.saw("talk");
  run.child.stdout.destroy();
  const { code, err } = await run.ended;
  expect([code, err]).toEqual([0, ""]);
  expect(service.requests().length).toBe(hosts.length);
});

test("a second signal ends a run whose reader has stopped", async () => {
  const desk = new Desk();
  const script =
    'import "generate"\ngenerate.from(count: 200000, fn: (n) => n, start: 2026-01-01T00:00:00Z, stop: 2026-01-02T00:00:00Z)';
  const cli = join(import.meta.dirname, "../src/tocsin.ts");
  const child = spawn(process.execPath, [cli, "run", "-e", script], {
    env: { ...process.env, ...desk.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  // Nobody reads on. The second signal means it.
  child.stdout.once("readable", () => {
    child.kill("SIGINT");
    child.kill("SIGTERM");
  });
  const code = await new Promise((resolve) => void child.on("exit", resolve));
  expect([130, 143]).toContain(code);
});

import { readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { alerting } from "./alerts.ts";
import { Desk, sandbox } from "./terminal.ts";

/** A script whose service is not there. */
function unreachable(): string {
  return alerting(["CRITICAL:db", "INFO:note"]).replace(
    "https://alert.victorops.com/",
    "http://127.0.0.1:1/",
  );
}

test("[delivery.fallback] hands a late page to a program, once, and lists it", async () => {
  const desk = new Desk({ VICTOROPS_API_KEY: "of-the-service" });
  desk.file("a.flux", unreachable());
  desk.file("hand.sh", `cat >> "${desk.path("handed")}"\n`);
  const toml = `[delivery.fallback]\ncommand = ["sh", "${desk.path("hand.sh")}"]\nlate_after = "1ms"\n`;
  expect((await desk.run("run", "--wait", "0", "a.flux")).code).toBe(3);
  desk.file("tocsin.toml", toml);
  for (let again = 0; again < 2; again++) await desk.run("outbox", "send", "--wait", "0");
  const handed = readFileSync(desk.path("handed"), "utf8").trim().split("\n");
  expect(handed.length).toBe(1);
  expect(JSON.parse(handed[0])).toMatchObject({ id: "1", entity: "db", messageType: "CRITICAL" });
  expect(handed[0]).not.toContain("of-the-service");
  expect((await desk.run("outbox", "list")).out).toMatch(/^1 .*fallback sent/mu);
  const { out } = await desk.run("outbox", "show", "1");
  expect(out).toMatch(/fallback .*it was late, and was also sent by the fallback/u);
  expect(out).toContain("late by 0 minutes: command");
});

test("a second way that hangs holds up no page that is not late", async () => {
  const box = await sandbox();
  const desk = new Desk({ VICTOROPS_API_KEY: "of-the-service" });
  desk.file("late.flux", unreachable());
  expect((await desk.run("run", "--wait", "0", "late.flux")).code).toBe(3);
  const hangs = `while [ ! -e "${desk.path("enough")}" ]; do sleep 0.02; done; exit 1`;
  const command = JSON.stringify(["sh", "-c", hangs]);
  desk.file("tocsin.toml", `[delivery.fallback]\ncommand = ${command}\nlate_after = "1ms"\n`);
  desk.file("a.flux", alerting(["CRITICAL:new"]));
  const running = desk.started(["run", "--wait", "0", "--deliver-to", box.origin, "a.flux"]);
  await box.received(1);
  desk.file("enough", "");
  expect((await running.ended).err).toContain("the fallback failed (command: sh ended with 1)");
});

test("run --metrics-file writes a whole file, whose counters go on with the next run", async () => {
  const box = await sandbox();
  const desk = new Desk({ VICTOROPS_API_KEY: "of-the-service" });
  desk.file("a.flux", alerting(["CRITICAL:db"]));
  desk.file("metrics/keep", "");
  const run = () =>
    desk.run("run", "--deliver-to", box.origin, "--metrics-file", "metrics/tocsin.prom", "a.flux");
  expect([(await run()).code, (await run()).code]).toEqual([0, 0]);
  const text = readFileSync(desk.path("metrics/tocsin.prom"), "utf8");
  expect(text).toContain('outcome="accepted",reason="accepted"} 2\n');
  expect(text).toMatch(/tocsin_script_last_success_timestamp_seconds\{script="a.flux"\} \d+/u);
  expect(text).not.toMatch(/of-the-service|127\.0\.0\.1|db/u);
  expect(readdirSync(desk.path("metrics"))).toEqual(["keep", "tocsin.prom"]);
  const { code, err } = await desk.run("run", "--metrics-file", "no/where.prom", "a.flux");
  expect([code, err.split("\n")[0]]).toEqual([
    2,
    `tocsin run: --metrics-file: there is no folder ${desk.path("no")}`,
  ]);
});

test("--log-format json tells each attempt in a line, without the key", async () => {
  const box = await sandbox("status=503");
  const desk = new Desk({ VICTOROPS_API_KEY: "of-the-service" });
  desk.file("a.flux", alerting(["CRITICAL:db"]));
  const args = ["run", "--deliver-to", box.origin, "--log-format", "json", "--wait", "0", "a.flux"];
  await desk.run(...args);
  const { err } = await desk.run("outbox", "send", "--wait", "1s", "--log-format", "json");
  const attempts = err
    .split("\n")
    .filter((one) => one.startsWith("{"))
    .map((one): Record<string, unknown> => JSON.parse(one));
  const attempt = attempts.find((one) => one["status"] === "503");
  expect(attempt).toMatchObject({
    level: "warn",
    message: "attempt",
    id: "1",
    endpoint: "victorops",
    class: "retry",
    reason: "server-error",
    status: "503",
    state: "waiting",
  });
  expect(err).not.toContain("of-the-service");
  const wrong = await desk.run("outbox", "send", "--log-format", "xml");
  expect([wrong.code, wrong.err.split("\n")[0]]).toEqual([
    2,
    'tocsin outbox: --log-format is text or json, not "xml"',
  ]);
});

test("what stands in [watchdog] and [delivery.fallback] must be right; an address is not shown", async () => {
  const desk = new Desk();
  const says = async (toml: string, words: string): Promise<void> => {
    writeFileSync(desk.path("tocsin.toml"), toml);
    const { code, err } = await desk.run("outbox", "status");
    expect([code, err]).toEqual([2, expect.stringContaining(words)]);
    expect(err).not.toContain("SECRET");
  };
  await says('[watchdog]\nurll = "x"\n', 'there is no setting "watchdog.urll"; did you mean url?');
  await says('[watchdog]\nurl = "SECRET"\n', "watchdog.url is an address that begins with http");
  await says("[watchdog]\n", "watchdog needs one of url, url_secret");
  await says(
    '[watchdog]\nurl_secret = "K"\nlate_after = "soon"\n',
    "watchdog.late_after takes a duration",
  );
  await says("[delivery.fallback]\n", "delivery.fallback needs one of url, url_secret, command");
  await says("[delivery.fallback]\ncommand = []\n", "delivery.fallback.command is a list of words");
});

test("the settings that the docs show are understood", async () => {
  const page = readFileSync(new URL("../../../docs/delivery.md", import.meta.url), "utf8");
  const examples = [...page.matchAll(/```toml\n(.*?)```/gsu)].map(([, toml]) => toml);
  expect(examples.length).toBe(2);
  for (const toml of examples) {
    const desk = new Desk();
    desk.file("tocsin.toml", toml);
    const { code, err } = await desk.run("outbox", "status");
    expect([code, err]).toEqual([0, ""]);
  }
});

test("outbox send --follow ends when its outbox is moved away or restored: it would watch over a file that nobody writes", async () => {
  const desk = new Desk({ VICTOROPS_API_KEY: "of-the-service" });
  desk.file("a.flux", unreachable());
  const waits = ["run", "--wait", "0", "a.flux"];
  expect((await desk.run(...waits)).code).toBe(3);
  const following = desk.started(["outbox", "send", "--follow", "--log-format", "json"]);
  await following.saw('"class"');
  renameSync(desk.path("data"), desk.path("moved"));
  const { code, err } = await following.ended;
  expect(code).toBe(1);
  expect(err).toContain("is no longer the file that was opened: it was moved, restored or removed");
});

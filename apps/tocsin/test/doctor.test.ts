import { chmodSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { systemClock } from "@tocsin/adapters/host-node";
import { startSandbox } from "../src/sandbox.ts";
import { alerting } from "./alerts.ts";
import { Desk, later, sandbox } from "./terminal.ts";

const key = { VICTOROPS_API_KEY: "11111111-aaaa-KEY" };

function to(origin: string): string {
  return alerting(["CRITICAL:db"]).replace("https://alert.victorops.com", origin);
}

test("doctor says where each setting comes from, and that all is well", async () => {
  const service = await sandbox();
  const desk = new Desk(key);
  desk.file(
    "work/tocsin.toml",
    'wait = "5s"\n[buckets.b]\nsource = "b.lp"\n[delivery.fallback]\ncommand = ["sh", "x"]\n',
  );
  desk.file("work/b.lp", "cpu,host=a v=1 1769846390000000000\n");
  desk.file("work/a.flux", to(service.origin));
  const { code, out, err } = await desk.run("doctor", "work/a.flux");
  expect([code, err]).toEqual([0, ""]);
  const lines = out.split("\n").map((line) => line.replace(/ {2,}/gu, "  "));
  expect(lines).toContain(`ok  configuration  data = ${desk.path("data")} (TOCSIN_DATA)`);
  expect(lines).toContain(`ok  configuration  wait = 5s (${desk.path("work/tocsin.toml")})`);
  expect(out).toContain(`delivery.fallback = the program sh (${desk.path("work/tocsin.toml")})`);
  expect(lines).toContain("ok  secrets  they are read from the environment");
  expect(lines).toContain("ok  secrets  VICTOROPS_API_KEY is there");
  expect(lines).toContain(`ok  store  bucket "b" (${desk.path("work/b.lp")}) can be read`);
  expect(out).toContain(`there is no outbox in ${desk.path("data")} yet`);
  expect(out).toMatch(new RegExp(`ok +endpoint +${service.origin} answers \\(HTTP 200\\) in`, "u"));
  expect(out).toContain(`this clock agrees with that of ${service.origin}`);
  expect(out).not.toContain("11111111");
  expect(service.requests()).toEqual([]);
});

test("doctor says that the data folder is the one that systemd gives", async () => {
  const desk = new Desk(key);
  delete desk.env["TOCSIN_DATA"];
  desk.env["STATE_DIRECTORY"] = `${desk.path("state")}:${desk.path("more")}`;
  const { out } = await desk.run("doctor");
  expect(out).toContain(`data = ${desk.path("state")} (STATE_DIRECTORY)`);
});

test("doctor says which proxy a host is reached through, unless NO_PROXY excludes the host", async () => {
  const desk = new Desk({ ...key, HTTPS_PROXY: "", https_proxy: "http://127.0.0.1:9" });
  desk.file("a.flux", to("https://on-call.invalid"));
  const through = "https://on-call.invalid is reached through the proxy of HTTPS_PROXY";
  for (const others of ["", "call.invalid", "on-call.invalid:8443"]) {
    desk.env["NO_PROXY"] = others;
    expect((await desk.run("doctor", "a.flux")).out).toContain(through);
  }
  for (const own of ["*", "on-call.invalid", ".invalid", "on-call.invalid:443"]) {
    desk.env["NO_PROXY"] = own;
    expect((await desk.run("doctor", "a.flux")).out).not.toContain(through);
  }
});

test("doctor looks at each script with the configuration of its own folder, as run does", async () => {
  const service = await sandbox();
  const desk = new Desk({ ...key, VICTOROPS_API_KEY: "" });
  for (const folder of ["one", "two"]) {
    desk.file(`${folder}/tocsin.toml`, 'secrets = "keys"\n');
    desk.file(`${folder}/a.flux`, to(service.origin).replace("VICTOROPS_API_KEY", `KEY_${folder}`));
    desk.file(`${folder}/keys`, `KEY_${folder}=11111111-aaaa-KEY\n`);
    chmodSync(desk.path(`${folder}/keys`), 0o600);
  }
  const { code, out } = await desk.run("doctor", "one/a.flux", "two/a.flux");
  expect(out).toMatch(/ok +secrets +KEY_one is there/u);
  expect(out).toMatch(/ok +secrets +KEY_two is there/u);
  expect(code).toBe(0);
  const lines = out.split("\n");
  expect(lines.filter((line, at) => line !== "" && lines.indexOf(line) !== at)).toEqual([]);
});

test("an outbox that is not there yet is said to be so, and not made", async () => {
  const desk = new Desk();
  const listed = await desk.run("outbox", "list");
  expect([listed.code, listed.out]).toEqual([0, ""]);
  expect(listed.err).toBe(`there is no outbox in ${desk.path("data")} yet\n`);
  const status = await desk.run("outbox", "status");
  expect(status.out).toContain("there is no outbox in");
});

test("doctor names what stands in the way of a page", async () => {
  const broken = await sandbox("status=404");
  const desk = new Desk(key);
  desk.file("a.flux", to(broken.origin));
  await desk.run("run", "a.flux");
  desk.env["TOCSIN_DATA"] = desk.path("other");
  desk.env["STATE_DIRECTORY"] = desk.path("data");
  delete desk.env["VICTOROPS_API_KEY"];
  desk.file("closed.flux", to("http://127.0.0.1:9"));
  const { code, out } = await desk.run("doctor", "--bucket", "b=gone.lp", "closed.flux");
  expect(code).toBe(1);
  expect(out).toMatch(/problem +secrets +VICTOROPS_API_KEY is missing/u);
  expect(out).toContain("where the script sends to is known once its secrets are there");
  expect(out).toMatch(/problem +outbox +1 event waits in another outbox, \S+: they leave with/u);
  expect(out).toContain(
    `note     store          the data folder ${desk.path("other")} does not exist`,
  );
  desk.env["TOCSIN_DATA"] = desk.path("data");
  desk.env["VICTOROPS_API_KEY"] = "11111111-aaaa-KEY";
  const again = await desk.run("doctor", "--bucket", "b=gone.lp", "closed.flux");
  expect(again.out).toMatch(/problem +store +bucket "b" \(\S+gone\.lp\): .*gone\.lp/u);
  expect(again.out).toMatch(/problem +outbox +1 event waits in /u);
  expect(again.out).toMatch(/problem +outbox +blocked: .*404.*integration key/u);
  expect(again.out).toMatch(/problem +endpoint +http:\/\/127\.0\.0\.1:9 cannot be reached: /u);
  expect(again.out).not.toContain("11111111");
  expect((await desk.run("doctor")).code).toBe(3);
  await broken.close();
  expect((await desk.run("doctor")).code).toBe(1);
  const mended = await startSandbox({
    clock: systemClock,
    port: Number(broken.origin.split(":")[2]),
  });
  later(() => mended.close());
  expect((await desk.run("doctor")).code).toBe(3);
  await desk.run("outbox", "send");
  expect((await desk.run("doctor")).code).toBe(0);
});

test("a file of secrets that others may read is a problem; a wrong configuration ends with 2", async () => {
  const desk = new Desk();
  desk.file("open.env", "VICTOROPS_API_KEY=11111111-aaaa-KEY\n", 0o644);
  const { code, out } = await desk.run("doctor", "--secrets", "open.env");
  expect(code).toBe(1);
  expect(out).toMatch(/problem +secrets +.*open\.env/u);
  desk.file("tocsin.toml", "wiat = 1\n");
  const wrong = await desk.run("doctor");
  expect([wrong.code, wrong.err.includes("did you mean wait?")]).toEqual([2, true]);
});

test("a clock that differs is told", async () => {
  const old = createServer((_request, response) => {
    response.writeHead(200, { Date: "Thu, 01 Jan 2026 00:00:00 GMT" }).end();
  });
  await new Promise<void>((resolve) => old.listen(0, "127.0.0.1", resolve));
  later(() => void old.close());
  const origin = `http://127.0.0.1:${(old.address() as AddressInfo).port}`;
  const desk = new Desk(key);
  desk.file("a.flux", to(origin));
  expect((await desk.run("doctor", "a.flux")).out).toMatch(
    /problem +clock +this clock is \d+ s (?:ahead of|behind) that of/u,
  );
});

test("--send posts one INFO event and explains the answer", async () => {
  const service = await sandbox();
  const desk = new Desk(key);
  desk.file("a.flux", alerting(["CRITICAL:db"]));
  const well = await desk.run("doctor", "--send", "--deliver-to", service.origin, "a.flux");
  expect(well.code).toBe(0);
  expect(well.out).toMatch(/ok +test event +.*accepted an INFO event/u);
  expect(service.requests().map(({ body }) => Object(body))).toMatchObject([
    { message_type: "INFO", entity_id: "tocsin-doctor" },
  ]);
  expect(service.incidents()).toEqual([]);
  const broken = await sandbox("status=404");
  const wrong = await desk.run("doctor", "--send", "--deliver-to", broken.origin, "a.flux");
  expect(wrong.code).toBe(1);
  expect(wrong.out).toMatch(
    /problem +test event +.*did not accept an INFO event: HTTP 404.*integration key/u,
  );
  expect(wrong.out).not.toContain("11111111");
  const nowhere = await desk.run("doctor", "--send", "--deliver-to", service.origin);
  expect(nowhere.out).toContain("no address is known to send to");
  expect((await desk.run("outbox", "list")).out).toBe("");
});

import { afterEach, expect, test } from "vitest";
import { systemClock } from "@tocsin/adapters/host-node";
import { type Sandbox, type SandboxOptions, startSandbox } from "../src/sandbox.ts";
import { parseFault } from "../src/sandbox-faults.ts";

const open: Sandbox[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function started(options: Partial<SandboxOptions> = {}): Promise<Sandbox> {
  const sandbox = await startSandbox({ clock: systemClock, ...options });
  open.push(sandbox);
  return sandbox;
}

const path = "/integrations/generic/20131114/alert/SECRET-KEY/ops";

async function send(sandbox: Sandbox, body: unknown, to = path): Promise<[number, unknown]> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const answer = await fetch(sandbox.origin + to, { method: "POST", body: text });
  const said = await answer.text();
  return [answer.status, said.startsWith("{") ? JSON.parse(said) : said];
}

test("answers as On-Call does, and shows what it got without the key", async () => {
  const lines: string[] = [];
  const sandbox = await started({ onTimeline: (line) => lines.push(line) });
  const page = { message_type: "CRITICAL", entity_id: "db", state_message: "disk\u001b[2J full" };
  expect(await send(sandbox, page)).toEqual([200, { result: "success", entity_id: "db" }]);
  expect(await send(sandbox, { message_type: "RECOVERY", entity_id: "db" })).toEqual([
    200,
    { result: "success", entity_id: "db" },
  ]);
  expect(await send(sandbox, { entity_id: "db" })).toEqual([
    400,
    { result: "failure", message: "Missing fields: message_type" },
  ]);
  const show = async (what: string) => (await fetch(sandbox.origin + what)).text();
  const requests = JSON.parse(await show("/requests"));
  expect(requests[0]).toMatchObject({
    method: "POST",
    path: "/integrations/generic/20131114/alert/***/ops",
    body: page,
    status: 200,
    effect: "opens incident 1 and pages ops",
  });
  expect(JSON.parse(await show("/incidents"))).toMatchObject([
    { entityId: "db", state: "resolved", alerts: 2, pages: 1 },
  ]);
  const timeline = await show("/");
  expect(timeline.trimEnd().split("\n")).toEqual(lines);
  expect(lines[0]).toMatch(
    /^\d\d:\d\d:\d\d {2}CRITICAL +db {2}"disk \[2J full" {2}opens incident 1/,
  );
  expect(timeline + JSON.stringify(requests)).not.toContain("SECRET-KEY");
  expect(sandbox.requests()[0].path).toBe(path);
});

test("another path is a 404; any eight digits do, and that is said once", async () => {
  const lines: string[] = [];
  const sandbox = await started({ onTimeline: (line) => lines.push(line) });
  const info = { message_type: "INFO" };
  expect((await send(sandbox, info, "/integrations/generic/20131114/alertKEY/ops"))[0]).toBe(404);
  const dummy = "/integrations/generic/00000000/alert/KEY/ops";
  expect([await send(sandbox, info, dummy), await send(sandbox, info, dummy)]).toEqual([
    [200, { result: "success", entity_id: "sandbox-1" }],
    [200, { result: "success", entity_id: "sandbox-2" }],
  ]);
  expect(lines.filter((line) => line.includes("On-Call only 20131114")).length).toBe(1);
  const shown = await (await fetch(`${sandbox.origin}/requests`)).text();
  expect(JSON.parse(shown)[0].path).toBe("/integrations/generic/20131114/alert***/ops");
});

test("faults: status, a failure inside 200, a web page, a lost answer, silence", async () => {
  const info = { message_type: "CRITICAL", entity_id: "a" };
  const once = async (fault: string) => send(await started({ faults: [fault] }), info);
  expect(await once("status=429")).toEqual([429, ""]);
  expect((await once("failure-body"))[1]).toMatchObject({ result: "failure" });
  expect((await once("html"))[1]).toContain("<!DOCTYPE html>");
  const reset = await started({ faults: ["reset"] });
  await expect(send(reset, info)).rejects.toThrow("fetch failed");
  expect(reset.incidents().length).toBe(1);
  const hang = await started({ faults: ["hang"] });
  const signal = AbortSignal.timeout(50);
  await expect(fetch(hang.origin + path, { method: "POST", body: "{}", signal })).rejects.toThrow(
    "timeout",
  );
  expect(hang.requests()).toMatchObject([{ status: 0, effect: "fault: never answers" }]);
});

test("a seed decides which requests a fault strikes", async () => {
  const statuses = async (seed: number) => {
    const sandbox = await started({ faults: ["status=503:0.5"], seed });
    const all: number[] = [];
    for (let index = 0; index < 20; index++)
      all.push((await send(sandbox, { message_type: "INFO" }))[0]);
    return all;
  };
  const first = await statuses(7);
  expect(new Set(first)).toEqual(new Set([200, 503]));
  expect(await statuses(7)).toEqual(first);
  expect(await statuses(8)).not.toEqual(first);
});

test.each(["status", "status=99", "status=429:2", "delay=5", "reset=1", "fire", ""])(
  "%j is not a fault",
  (text) => {
    expect(() => parseFault(text)).toThrow("There are: status=CODE, delay=TIME, reset");
  },
);

test("a taken port is said", async () => {
  const { origin } = await started();
  const port = Number(origin.split(":")[2]);
  await expect(started({ port })).rejects.toThrow(`port ${port} is taken by another program`);
});

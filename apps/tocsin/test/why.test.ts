import { expect, test } from "vitest";
import { alerting } from "./alerts.ts";
import { Desk, sandbox } from "./terminal.ts";

const key = { VICTOROPS_API_KEY: "11111111-aaaa-KEY" };

test("why says what was sent about an entity, why it paged or not, and what waits", async () => {
  const desk = new Desk(key);
  const service = await sandbox();
  desk.file("a.flux", alerting(["CRITICAL:db", "CRITICAL:db", "INFO:web"]));
  desk.file("b.flux", alerting(["RECOVERY:db", "crit:db"]));
  await desk.run("run", "--deliver-to", service.origin, "a.flux", "b.flux");
  const arrived = await desk.run("why", "db");
  expect([arrived.code, arrived.err]).toEqual([0, ""]);
  expect(arrived.out).toMatch(/^db: last seen \S+Z, crit \(accepted\)\n/u);
  expect(arrived.out).toMatch(/Z {2}CRITICAL {2}accepted, opens incident 1 and pages ops\n/u);
  expect(arrived.out).toMatch(/Z {2}CRITICAL {2}accepted, rolls up into incident 1\n/u);
  expect(arrived.out).toContain("nobody was paged: incident 1 of this entity is open already\n");
  expect(arrived.out).toMatch(/Z {2}RECOVERY {2}accepted, resolves incident 1\n/u);
  expect(arrived.out).toContain('nobody was paged: "crit" counts as INFO, which pages nobody\n');
  expect(arrived.out).toContain(`went to ${service.origin} (--deliver-to)\n`);

  const broken = await sandbox("status=404");
  desk.file("c.flux", alerting(["CRITICAL:db"]));
  await desk.run("run", "--deliver-to", broken.origin, "c.flux");
  const waiting = await desk.run("why", "db");
  expect(waiting.code).toBe(3);
  expect(waiting.out).toMatch(/CRITICAL {2}waits: HTTP 404.*integration key/u);
  expect(waiting.out).toContain("1 event about it waits in ");
  expect(waiting.out).toContain("tocsin outbox send --data ");
  expect(waiting.out).not.toContain("11111111-aaaa-KEY");
  const story = JSON.parse((await desk.run("why", "--output", "json", "db")).out);
  expect(story.events.map(({ pages }: { pages?: boolean }) => pages)).toEqual([
    true,
    false,
    false,
    false,
    undefined,
  ]);
});

test("an entity that is not known is said, with the near one", async () => {
  const desk = new Desk(key);
  expect(await desk.run("why", "db")).toMatchObject({ code: 1, out: "" });
  const service = await sandbox();
  desk.file("a.flux", alerting(["CRITICAL:web-1/cpu"]));
  await desk.run("run", "--deliver-to", service.origin, "a.flux");
  const missed = await desk.run("why", "web-1");
  expect([missed.code, missed.out]).toEqual([1, ""]);
  expect(missed.err).toContain("nothing was sent about web-1 in the last 30 days");
  expect(missed.err).toContain("did you mean web-1/cpu?");
  expect((await desk.run("why")).code).toBe(2);
  expect((await desk.run("why", "--output", "csv", "x")).code).toBe(2);
});

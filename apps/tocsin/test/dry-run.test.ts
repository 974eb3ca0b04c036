import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { alerting, moment } from "./alerts.ts";
import { Desk } from "./terminal.ts";

const key = { VICTOROPS_API_KEY: "11111111-aaaa-KEY" };

interface Foreseen {
  readonly entity?: string;
  readonly outcome: string;
  readonly pages?: boolean;
  readonly unpaged?: string;
  readonly notes: readonly string[];
  readonly placeholders: readonly string[];
}

async function foreseen(desk: Desk, ...argv: string[]): Promise<readonly Foreseen[]> {
  const { code, out, err } = await desk.run("run", "--dry-run", "--output", "json", ...argv);
  expect([code, err]).toEqual([0, ""]);
  return JSON.parse(out);
}

test("a dry run says what On-Call would do with each event, across scripts", async () => {
  const desk = new Desk(key);
  desk.file(
    "1.flux",
    alerting(["WARNING:db", "CRITICAL:db", "CRITICAL:db", "INFO:db", "crit:web"]),
  );
  desk.file("2.flux", alerting(["RECOVERY:db", "RECOVERY:db", "CRITICAL:"]));
  const seen = await foreseen(desk, "--now", moment, "1.flux", "2.flux");
  expect(seen.map(({ entity, outcome, pages }) => [entity, outcome, pages])).toEqual([
    ["db", "opens", true],
    ["db", "pages-again", true],
    ["db", "rolls-up", false],
    ["db", "timeline", false],
    ["web", "timeline", false],
    ["db", "resolves", false],
    ["db", "nothing", false],
    ["", "opens", true],
  ]);
  expect(seen[4].unpaged).toBe('"crit" counts as INFO, which pages nobody');
  expect(seen[7].notes).toEqual(["no entity_id: nothing can ever resolve this"]);
  const { out } = await desk.run("run", "--dry-run", "--now", moment, "1.flux", "2.flux");
  expect(out).toContain("→ opens incident 1 and pages ops\n");
  expect(out).toContain(
    "→ rolls up into incident 1\n  nobody is paged: incident 1 of this entity is open already",
  );
  expect(out).toContain(
    "5 requests, none sent (dry run): 1 opens an incident, 1 pages again, 1 rolls up, 2 timeline only",
  );
});

test("a dry run says to which addresses On-Call answers 404", async () => {
  const desk = new Desk(key);
  const notes = async (url: string, ...more: string[]) => {
    const [before, after] = alerting(["CRITICAL:db"]).split(/"https?:[^"]*"/u);
    desk.file("a.flux", `${before}"${url}"${after}`);
    return (await foreseen(desk, ...more, "a.flux"))[0].notes;
  };
  const path = "/integrations/generic/20131114/alert";
  const dummy = "https://alert.victorops.com/integrations/generic/00000000/alert/KEY/ops";
  expect(await notes(dummy)).toEqual([
    "On-Call answers 404 to 00000000 in the path, and nobody is paged: it should be 20131114",
  ]);
  expect(await notes(dummy, "--deliver-to", "http://127.0.0.1:9")).toEqual([]);
  expect(await notes(`https://alert.victorops.com${path}/KEY/ops`)).toEqual([]);
  expect(await notes("http://127.0.0.1:9/elsewhere")).toEqual([]);
  expect(await notes("https://alert.victorops.com/alert/ops")).toEqual([
    `On-Call answers 404 to this path, and nobody is paged: it should be ${path}/<integration key>/<routing key>`,
  ]);
});

test("a missing secret is a placeholder that is named", async () => {
  const desk = new Desk();
  desk.file("a.flux", alerting(["CRITICAL:db"]));
  const [one] = await foreseen(desk, "a.flux");
  expect(one.placeholders).toEqual(["VICTOROPS_API_KEY"]);
  const { out } = await desk.run("run", "--dry-run", "a.flux");
  expect(out).toContain("the secret VICTOROPS_API_KEY is missing: a placeholder replaces it");
});

test("a request that is no event is shown as sent once", async () => {
  const desk = new Desk();
  const script = 'import "http" http.post(url: "http://127.0.0.1:9/hook", data: bytes(v: "x"))';
  const [one] = await foreseen(desk, "-e", script);
  expect(one).toMatchObject({
    kind: "direct",
    outcome: "direct",
    url: "http://127.0.0.1:9/hook",
    body: "x",
  });
});

/** The arguments that a shell gives to curl for each command. */
function shellWords(commands: string, env: Record<string, string>): string[][] {
  const show = `curl() { for one in "$@"; do printf '%s\\0' "$one"; done; printf '\\n\\0'; }\n`;
  const out = execFileSync("sh", ["-c", show + commands], { env, encoding: "utf8" });
  return out
    .split("\n\0")
    .slice(0, -1)
    .map((one) => one.split("\0").slice(0, -1));
}

test("--output curl gives commands that a shell reads as the request, secrets as variables", async () => {
  const desk = new Desk(key);
  const nasty = 'it\'s \\"$HOME\\" `id` \\\\ 1';
  desk.file("a.flux", alerting([`CRITICAL:${nasty}`, "INFO:11111111-aaaa-KEY"]));
  const { out } = await desk.run("run", "--dry-run", "--now", moment, "--output", "curl", "a.flux");
  expect(out).not.toContain("11111111-aaaa-KEY");
  expect(out).toContain("# INFO ***: a line in the timeline\n");
  expect(out).toContain('alert/${VICTOROPS_API_KEY}/ops"\n');
  const sent = await foreseen(desk, "--now", moment, "a.flux");
  const words = shellWords(out, { VICTOROPS_API_KEY: "K" });
  expect(words.map((one) => one.slice(0, 5))).toEqual(
    Array(2).fill(["-sS", "-X", "POST", "-H", "Content-Type: application/json"]),
  );
  expect(words[0][6]).toBe((sent[0] as unknown as { body: string }).body);
  expect(JSON.parse(words[1][6]).entity_id).toBe("K");
  expect(words[0][7]).toBe("https://alert.victorops.com/integrations/generic/20131114/alert/K/ops");
  const redirected = await desk.run(
    ...["run", "--dry-run", "--output", "curl", "--deliver-to", "http://127.0.0.1:8099", "a.flux"],
  );
  expect(shellWords(redirected.out, { VICTOROPS_API_KEY: "K" })[1][7]).toBe(
    "http://127.0.0.1:8099/integrations/generic/20131114/alert/K/ops",
  );
});

test("a key that stands in the script is a variable, too", async () => {
  const desk = new Desk();
  const script = alerting(["CRITICAL:db"])
    .replace(/^key = .*$/m, "")
    .replace("${key}", "0f9d7c1e-literal");
  desk.file("a.flux", script);
  const { out } = await desk.run("run", "--dry-run", "--output", "curl", "a.flux");
  expect(out).toContain("alert/${INTEGRATION_KEY}/ops");
  expect(out).not.toContain("0f9d7c1e");
});

test("--output curl wants --dry-run", async () => {
  const { code, err } = await new Desk().run("run", "--output", "curl", "-e", "1");
  expect(code).toBe(2);
  expect(err).toContain("--output curl shows requests instead of sending them: add --dry-run");
});

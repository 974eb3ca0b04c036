import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { swinging, swings, swingsFrom, swingsTo } from "./swings.ts";
import { Desk } from "./terminal.ts";

const stretch = ["--bucket", "b=data.lp", "--from", swingsFrom, "--to", swingsTo];

function desk(): Desk {
  const made = new Desk({ VICTOROPS_API_KEY: "11111111-aaaa-KEY" });
  made.file("data.lp", swinging);
  made.file("new.flux", swings(80));
  made.file("old.flux", swings(90));
  return made;
}

test("a backtest shows pages, incidents and what stands out", async () => {
  const { code, out, err } = await desk().run("backtest", ...stretch, "new.flux");
  // The first run sees no row yet, and the script cannot do without.
  expect([code, err]).toEqual([1, ""]);
  const lines = out.split("\n");
  expect(lines[0]).toBe(
    "new.flux: 72 runs from 2026-01-05T00:00:00Z to 2026-01-05T05:55:00Z, every 5m",
  );
  expect(out).toContain("│ 7 pages, at most 7 a day (2026-01-05)\n");
  expect(out).toMatch(/^ {2}web-1\/cpu +│[·▌█]{60}│ 6 incidents, 6 pages, flapped 5 times$/mu);
  expect(out).toMatch(/^ {2}web-2\/cpu +│·{31}▌█{28}│ 1 incident, 1 page, never resolved$/mu);
  expect(out).toContain("never resolved: web-2/cpu (since 2026-01-05T03:05:00Z)\n");
  expect(out).toContain("line 16: 7 pages of 142 events\n");
  expect(out).toMatch(/^failed: 1 of 72 runs; the first at 2026-01-05T00:00:00Z: .*newest/mu);
});

test("--against says which pages are gained, lost and moved", async () => {
  const { out } = await desk().run("backtest", ...stretch, "--against", "old.flux", "new.flux");
  expect(out).toContain("against old.flux: 2 pages the same, 0 gained, 0 lost, 5 moved\n");
  expect(out).toContain(
    "  ~ 2026-01-05T01:05:00Z → 2026-01-05T01:00:00Z  CRITICAL  web-1/cpu (5m earlier)\n",
  );
  const turned = await desk().run("backtest", ...stretch, "--against", "new.flux", "old.flux");
  expect(turned.out).toContain("(5m later)\n");
});

test("JSON holds no secret and what --every says", async () => {
  const { out } = await desk().run(
    ...["backtest", ...stretch, "--every", "30m", "--output", "json", "new.flux"],
  );
  expect(out).not.toContain("11111111-aaaa-KEY");
  const story = JSON.parse(out);
  expect([story.runs, story.schedule]).toEqual([12, "every 30m"]);
});

test("--html is one page that asks for nothing, and safe from what data holds", async () => {
  const here = desk();
  here.file("data.lp", swinging.replaceAll("host=web-1", "host=</script><b>"));
  await here.run("backtest", ...stretch, "--html", "out.html", "new.flux");
  const page = readFileSync(here.path("out.html"), "utf8");
  expect(page).not.toMatch(/<(?:script|link|img|iframe)[^>]+(?:src|href)=/u);
  expect(page).not.toContain("</script><b>");
  expect(page).toContain("&lt;/script&gt;&lt;b&gt;");
  expect(page).not.toContain("11111111-aaaa-KEY");
});

test("a script that never sends says why", async () => {
  const here = desk();
  here.file(
    "never.flux",
    swings(80).replace("|> page(", '|> filter(fn: (r) => r.status == "crit") |> page('),
  );
  const { out } = await here.run("backtest", ...stretch, "never.flux");
  expect(out).toContain("the last run:\nno event: no row came to the endpoint at line ");
  expect(out).toMatch(
    /filter r\.status == "crit" at line \d+: kept 0 of 2\n {4}no row has a column "status"/u,
  );
});

test("wrong use is said", async () => {
  const here = desk();
  const says = async (text: string, ...argv: string[]): Promise<void> => {
    const { code, err } = await here.run("backtest", ...argv);
    expect([code, err.includes(text)], err).toEqual([2, true]);
  };
  here.file("never.flux", 'import "array" array.from(rows: [{a: 1}])');
  await says("say how often the script runs: --every 1m", ...stretch, "never.flux");
  await says("say which script", ...stretch);
  await says("a backtest is of one script", ...stretch, "new.flux", "old.flux");
  await says("--from should be before --to", "--from", "now", "new.flux");
  await says("--from takes a time such as", "--from", "yesterday", "new.flux");
  await says("--every takes a duration", ...stretch, "--every", "often", "new.flux");
  await says("no run of the script", ...stretch, "--every", "30d", "new.flux");
  await says(
    "there are more than 5300000 runs (every 1ns)",
    ...stretch,
    "--every",
    "1ns",
    "new.flux",
  );
  await says("--output is text or json", "--output", "csv", "new.flux");
  await says("where.html: no such file", ...stretch, "--html", "no/where.html", "new.flux");
  here.file("cron.flux", 'option task = {name: "c", cron: "61 * * * *"}\n1');
  await says('the task\'s cron "61 * * * *" cannot be read', ...stretch, "cron.flux");
  here.file("wrong.flux", "from(");
  expect((await here.run("backtest", ...stretch, "wrong.flux")).code).toBe(1);
});

test("progress is shown on a terminal only, and leaves nothing behind", async () => {
  const { err } = await desk().onTerminal("backtest", ...stretch, "--every", "40s", "new.flux");
  expect(err).toMatch(/\d+ of 540 runs \(\d+ %\)/u);
  expect(err.endsWith("\r\u001B[K")).toBe(true);
});

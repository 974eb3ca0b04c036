import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { pasted } from "./alerts.ts";
import { Desk, sandbox } from "./terminal.ts";

const readme = readFileSync(fileURLToPath(new URL("../../../README.md", import.meta.url)), "utf8");

/** Lines of the README's shell blocks, without their comments. */
const shell = [...readme.matchAll(/^```(.*)\n([^]*?)^```/gmu)]
  .filter(([, language]) => language === "" || language === "sh")
  .flatMap(([, , block]) => block.trimEnd().split("\n"))
  .map((line) => line.replace(/\s+#.*$/u, "").trim())
  .filter((line) => line !== "" && !line.startsWith("#"));

/** What the tests as a whole are, and what only a fresh clone can show. */
const elsewhere = ["git clone … && cd tocsin", "npm start", "npm test"];

/** Exit codes of the lines that show something wrong. */
const codes: Readonly<Record<string, number>> = { "check alert.flux": 1 };

/** What a newcomer is told on the way, by the command that says it. */
const told: Readonly<Record<string, readonly RegExp[]>> = {
  "check alert.flux": [/alert\.flux:11:55/u, /alert\.flux:15:36/u, /alert\.flux:17:38/u],
  "explain alert.flux": [
    /reads the bucket "example-bucket"/u,
    /"CRITICAL"/u,
    /API_KEY \(present\)/u,
  ],
  "run --dry-run alert.flux": [
    /"entity_id":"web-1\/cpu\/critical"/u,
    /→ opens incident 1 and pages ops/u,
  ],
  "backtest --from -1h --every 1m alert.flux": [/60 runs/u, /1 incident, 1 page, never resolved/u],
  "run --deliver-to sandbox alert.flux": [/,cpu,health,true,.*,200,.*,web-1,crit/u],
  "why web-1/cpu/critical": [/CRITICAL {2}accepted, opens incident 1 and pages /u],
  "doctor alert.flux": [/VICTOROPS_API_KEY is there/u, /answers \(HTTP 200\)/u],
  "outbox status": [/^0 waiting, /u],
};

test("the README's shell lines run one after the other, on a script pasted from the reference page", async () => {
  const service = await sandbox();
  const desk = new Desk({
    VICTOROPS_API_KEY: "11111111-aaaa-KEY",
    VICTOROPS_ROUTING_KEY: "ops",
    // `run alert.flux` is for real: here it must not leave this machine.
    TOCSIN_DELIVER_TO: service.origin,
  });
  desk.file("alert.flux", pasted);
  const now = BigInt(Date.now()) * 1_000_000n;
  desk.file(
    "data.lp",
    `health,host=web-1,level=crit cpu=97.25 ${now - 9_000_000_000n}\n` +
      `health,host=web-1,level=crit cpu=96 ${now - 600_000_000_000n}\n` +
      `health,host=db-1,level=ok cpu=1 ${now - 8_000_000_000n}\n`,
  );
  const lines = shell.filter((line) => !elsewhere.includes(line));
  const heard = new Set<string>();
  for (const line of lines) {
    const argv = line.replace(/^npx tocsin /u, "").split(" ");
    expect(line, "a line that this test can run").toMatch(/^npx tocsin /u);
    const { code, out, err } = await desk.run(...argv);
    expect([line, code, err]).toEqual([line, codes[argv.join(" ")] ?? 0, ""]);
    expect(out + err).not.toContain("11111111-aaaa-KEY");
    for (const words of told[argv.join(" ")] ?? []) expect(out, line).toMatch(words);
    heard.add(argv.join(" "));
  }
  expect(Object.keys(told).filter((one) => !heard.has(one))).toEqual([]);
  expect(service.requests().map(({ body }) => Object(body).entity_id)).toEqual([
    "web-1/cpu/critical",
  ]);
});

test("the README names the exit codes and the places that it links to", () => {
  expect(readme).toContain("Exit codes: 0 all well; 1 ");
  const targets = [...readme.matchAll(/\]\(([^)#:]+)\)/gu)].map(([, target]) => target);
  expect(targets.length).toBeGreaterThan(3);
  const root = new URL("../../../", import.meta.url);
  expect(targets.filter((target) => !existsSync(new URL(target, root)))).toEqual([]);
});

import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { alerting } from "./alerts.ts";
import { Desk, sandbox } from "./terminal.ts";

const read = 'from(bucket: "b") |> range(start: 0) |> keep(columns: ["_value"])\n';
const point = (value: number): string => `m v=${value} 1000000000\n`;

async function values(desk: Desk, ...argv: string[]): Promise<number[]> {
  const { code, out, err } = await desk.run("run", "--output", "json", ...argv);
  expect([code, err]).toEqual([0, ""]);
  return JSON.parse(out).map((row: { _value: number }) => row._value);
}

test("tocsin.toml: the nearest above the script, then the user's; the flag wins over both", async () => {
  const desk = new Desk();
  desk.file("near.lp", point(1));
  desk.file("far.lp", point(2));
  desk.file("flag.lp", point(3));
  desk.file("project/deep/a.flux", read);
  desk.file("home/.config/tocsin/tocsin.toml", '[buckets]\nb = "../../../far.lp"\n');
  expect(await values(desk, "project/deep/a.flux")).toEqual([2]);
  desk.file("project/tocsin.toml", '[buckets.b]\nsource = "../near.lp"\n');
  expect(await values(desk, "project/deep/a.flux")).toEqual([1]);
  expect(await values(desk, "--bucket", "b=flag.lp", "project/deep/a.flux")).toEqual([3]);
});

test("deliver_to, secrets, data and wait come from a file; TOCSIN_* goes before it", async () => {
  const service = await sandbox();
  const other = await sandbox();
  const desk = new Desk();
  delete desk.env["TOCSIN_DATA"];
  desk.file("keys", "VICTOROPS_API_KEY=of-the-file\n", 0o600);
  desk.file("a.flux", alerting(["CRITICAL:db"]));
  desk.file(
    "tocsin.toml",
    `data = "state"\nsecrets = "keys"\nwait = "5s"\ndeliver_to = "${service.origin}"\n`,
  );
  expect(await desk.run("run", "--output", "none", "a.flux")).toEqual({
    code: 0,
    out: "",
    err: "",
  });
  expect(service.requests().map(({ path }) => path.split("/").at(-2))).toEqual(["of-the-file"]);
  const listed = await desk.run("outbox", "list", "--data", "state", "--output", "json");
  expect(JSON.parse(listed.out)).toMatchObject([{ entity: "db", state: "accepted" }]);
  desk.env["TOCSIN_DELIVER_TO"] = other.origin;
  expect((await desk.run("run", "--output", "none", "a.flux")).code).toBe(0);
  expect([service.requests().length, other.requests().length]).toEqual([1, 1]);
});

test("what stands in tocsin.toml must be known: exit 2 and the near name", async () => {
  const desk = new Desk();
  const says = async (toml: string, words: string): Promise<void> => {
    desk.file("tocsin.toml", toml);
    const { code, out, err } = await desk.run("run", "-e", "x = 1");
    expect([toml, code, out]).toEqual([toml, 2, ""]);
    expect(err).toContain(desk.path("tocsin.toml"));
    expect(err).toContain(words);
  };
  await says('wiat = "3s"\n', 'there is no setting "wiat"; did you mean wait?');
  await says("wait = 3\n", "wait should be a string");
  await says('buckets = "x"\n', "buckets should be a table");
  await says(
    '[buckets.b]\nsorce = "x"\n',
    'there is no setting "buckets.b.sorce"; did you mean source?',
  );
  await says("[delivery]\nsupersede = 1\n", "delivery.supersede is true or false");
  await says('wait = "3s"\nsecrets =\n', "tocsin.toml:2:");
  await says(
    'wait = "3"\n',
    'tocsin.toml: wait takes a duration such as 30s, 500ms or 1h30m, not "3"',
  );
  await says('timeout = ""\n', "tocsin.toml: timeout takes a duration");
  await says('memory = "lots"\n', "tocsin.toml: memory takes a size");
  await says('deliver_to = "here"\n', "tocsin.toml: deliver_to takes an origin");
});

test("what stands in TOCSIN_* must be readable, too, and is named", async () => {
  const desk = new Desk({ TOCSIN_WAIT: "soon" });
  const { code, err } = await desk.run("run", "-e", "x = 1");
  expect([code, err.split("\n")[0]]).toEqual([
    2,
    'tocsin run: TOCSIN_WAIT takes a duration such as 30s, 500ms or 1h30m, not "soon"',
  ]);
});

test("[delivery] supersede = false replays what waited; the default lets the present state replace it", async () => {
  const waiting = async (toml: string): Promise<string[]> => {
    const broken = await sandbox("status=404");
    const desk = new Desk({ VICTOROPS_API_KEY: "key" });
    desk.file("tocsin.toml", toml);
    for (const types of [["CRITICAL:db", "WARNING:db"], ["RECOVERY:db"]]) {
      desk.file("a.flux", alerting(types));
      expect((await desk.run("run", "--deliver-to", broken.origin, "a.flux")).code).toBe(3);
    }
    const { out } = await desk.run("outbox", "list", "--output", "json");
    return JSON.parse(out).map((one: { state: string }) => one.state);
  };
  expect(await waiting("")).toEqual(["superseded", "superseded", "waiting"]);
  expect(await waiting("[delivery]\nsupersede = false\n")).toEqual([
    "waiting",
    "waiting",
    "waiting",
  ]);
});

test("every command finds the same data folder and secrets: outbox and write read the configuration, too", async () => {
  const broken = await sandbox("status=404");
  const desk = new Desk();
  delete desk.env["TOCSIN_DATA"];
  desk.file("keys", "VICTOROPS_API_KEY=of-the-file\n", 0o600);
  desk.file("tocsin.toml", 'data = "kept"\nsecrets = "keys"\n');
  desk.file("a.flux", alerting(["CRITICAL:db"]));
  expect((await desk.run("run", "--deliver-to", broken.origin, "a.flux")).code).toBe(3);
  expect((await desk.run("outbox", "status")).out).toMatch(/^1 waiting/u);
  await desk.run("outbox", "retry", "--all");
  await desk.run("outbox", "send", "--wait", "0");
  expect(broken.requests().at(-1)?.path).toContain("/of-the-file/");
  desk.file("data.lp", "m f=1 1769846390000000000\n");
  expect((await desk.run("write", "--bucket", "b", "data.lp")).code).toBe(0);
  const read = 'from(bucket: "b") |> range(start: 2026-01-01T00:00:00Z) |> count()';
  expect((await desk.run("run", "--output", "ndjson", "-e", read)).out).toContain('"_value":1');
  expect(existsSync(desk.path("kept/outbox.sqlite"))).toBe(true);
});

test("each script has the configuration of its own folder; standard input and -e that of where one stands", async () => {
  const desk = new Desk();
  const script =
    'from(bucket: "b") |> range(start: 2026-01-01T00:00:00Z) |> keep(columns: ["_value"])';
  for (const [folder, value] of [
    ["", 1],
    ["one/", 2],
    ["two/", 3],
  ] as const) {
    desk.file(`${folder}data.lp`, `m f=${value} 1769846390000000000\n`);
    desk.file(`${folder}tocsin.toml`, '[buckets]\nb = "data.lp"\n');
    desk.file(`${folder}a.flux`, script);
  }
  desk.file("two/deep/a.flux", script);
  const argv = [
    "run",
    "--output",
    "json",
    "-e",
    script,
    "one/a.flux",
    "two/deep/a.flux",
    "two/a.flux",
  ];
  const { code, out, err } = await desk.run(...argv);
  expect([code, err]).toEqual([0, ""]);
  expect(JSON.parse(out).map((row: { _value: number }) => row._value)).toEqual([1, 2, 3, 3]);
});

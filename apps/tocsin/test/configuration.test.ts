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
  await says("wait = \n", "cannot use");
});

test("[delivery] supersede = false replays what waited; the default lets the present state replace it", async () => {
  const waiting = async (toml: string): Promise<string[]> => {
    const broken = await sandbox("status=404");
    const desk = new Desk({ VICTOROPS_API_KEY: "key" });
    desk.file("tocsin.toml", toml);
    // The first of an entity may be on its way just then; the second waits for it.
    for (const types of [["CRITICAL:db", "WARNING:db"], ["RECOVERY:db"]]) {
      desk.file("a.flux", alerting(types));
      expect((await desk.run("run", "--deliver-to", broken.origin, "a.flux")).code).toBe(3);
    }
    const { out } = await desk.run("outbox", "list", "--output", "json");
    return JSON.parse(out).map((one: { state: string }) => one.state);
  };
  expect(await waiting("")).toEqual(["waiting", "superseded", "waiting"]);
  expect(await waiting("[delivery]\nsupersede = false\n")).toEqual([
    "waiting",
    "waiting",
    "waiting",
  ]);
});

import { readFileSync } from "node:fs";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { alerting, moment } from "./alerts.ts";
import { Desk, sandbox } from "./terminal.ts";

const key = { VICTOROPS_API_KEY: "11111111-aaaa-KEY" };
const table = 'import "array"\narray.from(rows: [{host: "a", n: 1}, {host: "b", n: 2}])\n';
const csv =
  "#datatype,string,long,string,long\r\n#group,false,false,false,false\r\n" +
  "#default,_result,,,\r\n,result,table,host,n\r\n,,0,a,1\r\n,,0,b,2\r\n\r\n";

test("results go to standard output in the format that was asked for, and nothing else does", async () => {
  const desk = new Desk();
  desk.file("a.flux", table);
  const shown = async (...argv: string[]): Promise<string> => {
    const { code, out, err } = await desk.run("run", ...argv, "a.flux");
    expect([argv, code, err]).toEqual([argv, 0, ""]);
    return out;
  };
  expect(await shown()).toBe(csv);
  expect(await shown("--output", "csv")).toBe(csv);
  expect(JSON.parse(await shown("--output", "json"))).toEqual([
    { result: "_result", table: 0, host: "a", n: 1 },
    { result: "_result", table: 0, host: "b", n: 2 },
  ]);
  const lines = (await shown("--output=ndjson")).trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line).host)).toEqual(["a", "b"]);
  expect(await shown("--output", "none")).toBe("");
  const text = await shown("--output", "table");
  expect(text).toContain("host:string  n:int");
  expect((await desk.onTerminal("run", "a.flux")).out).toBe(text);
});

test("several results and no result are well-formed in every format", async () => {
  const desk = new Desk();
  const two = desk.file("two.flux", `${table} |> yield(name: "one")\n${table.split("\n")[1]}`);
  const none = desk.file("none.flux", "x = 1\n");
  const json = async (file: string): Promise<unknown> =>
    JSON.parse((await desk.run("run", "--output", "json", file)).out);
  expect(await json(two)).toHaveLength(4);
  expect(await json(none)).toEqual([]);
  expect((await desk.run("run", "--output", "ndjson", none)).out).toBe("");
  expect((await desk.run("run", none)).out).toBe("");
});

test("several scripts give one well-formed answer, also when one of them fails half-way", async () => {
  const desk = new Desk();
  const says = (word: string): string => `import "array" array.from(rows: [{word: "${word}"}])`;
  desk.file("1.flux", says("a"));
  desk.file(
    "2.flux",
    `${says("b")} |> yield(name: "b")\narray.from(rows: [{n: 1}]) |> map(fn: (r) => ({n: r.n / 0})) |> yield(name: "c")`,
  );
  desk.file("3.flux", says("d"));
  const { code, out } = await desk.run("run", "--output", "json", "1.flux", "2.flux", "3.flux");
  expect(code).toBe(1);
  expect(JSON.parse(out)).toMatchObject([{ word: "a" }, { word: "b" }, { word: "d" }]);
  const refused = await desk.run("run", "--output", "json", "-e", "x = ");
  expect([refused.code, JSON.parse(refused.out)]).toEqual([1, []]);
});

test("an empty name is no folder: an unset variable must not run all scripts there are", async () => {
  const desk = new Desk();
  desk.file("a.flux", table);
  for (const command of ["run", "check", "fmt", "explain"]) {
    const { code, out, err } = await desk.run(command, "");
    expect([command, code, out]).toEqual([command, 2, ""]);
    expect(err).toContain("the name of a script is empty");
  }
});

test("-e, several files, folders and standard input are scripts of their own, in order", async () => {
  const desk = new Desk();
  const says = (word: string): string => `import "array" array.from(rows: [{word: "${word}"}])`;
  mkdirSync(desk.path("folder/deep"), { recursive: true });
  desk.file("folder/b.flux", says("b"));
  desk.file("folder/a.flux", says("a"));
  desk.file("folder/deep/c.flux", says("c"));
  desk.file("folder/notes.txt", "no script");
  desk.file("last.flux", says("last"));
  const words = (out: string): string[] =>
    out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).word);
  const argv = ["run", "--output", "ndjson", "-e", says("first"), "folder", "last.flux"];
  expect(words((await desk.run(...argv)).out)).toEqual(["first", "a", "b", "c", "last"]);
  const piped = await desk.spawn(["run", "--output", "ndjson", "-"], says("piped"));
  expect([piped.code, words(piped.out), piped.err]).toEqual([0, ["piped"], ""]);
});

test("the exit code is the worst: 2 before 1 before 3 before 0", async () => {
  const desk = new Desk(key);
  const well = desk.file("well.flux", table);
  const wrong = desk.file("wrong.flux", "x = 1 +\n");
  const failing = desk.file("failing.flux", 'import "array"\narray.from(rows: [])\n');
  const paging = desk.file("paging.flux", alerting(["CRITICAL:db"]));
  const blocked = await sandbox("status=404");
  const codeOf = async (...files: string[]): Promise<number> =>
    (await desk.run("run", "--deliver-to", blocked.origin, ...files)).code;
  expect(await codeOf(well)).toBe(0);
  expect(await codeOf(wrong)).toBe(1);
  expect(await codeOf(failing)).toBe(1);
  expect(await codeOf(paging)).toBe(3);
  expect(await codeOf(paging, well)).toBe(3);
  expect(await codeOf(paging, wrong, well)).toBe(1);
  expect(await codeOf(wrong, "missing.flux")).toBe(2);
});

test("a script with mistakes of grammar or types does not run at all; all of them are said", async () => {
  const desk = new Desk(key);
  const service = await sandbox();
  const refused = async (more: string): Promise<string> => {
    const script = alerting(["CRITICAL:db"], more);
    const { code, out, err } = await desk.run("run", "--deliver-to", service.origin, "-e", script);
    expect([code, out]).toEqual([1, ""]);
    return err;
  };
  expect(await refused("f = (n) => f(n: n - 1)")).toContain("error[E0");
  expect(await refused('x = 1 + "a"')).toContain("error[E0");
  const both = await refused('x = 1 + "a"\ny = (1,)\nz = unheard_of');
  expect(both.match(/^error\[/gmu)?.length).toBe(3);
  expect(both).toContain("unheard_of");
  expect(service.requests()).toEqual([]);
  // What only lints see, and what is set from outside, keeps nothing from running.
  const given = await desk.run("run", "--define", "v.start=-1h", "-e", "x = v.start\ny = v.other");
  expect(given.err).not.toContain("error[");
});

test("a script that fails does not keep the next one from its work", async () => {
  const desk = new Desk(key);
  const service = await sandbox();
  desk.file("1.flux", "nonsense(");
  desk.file("2.flux", alerting(["CRITICAL:db"]));
  const { code, err } = await desk.run("run", "--deliver-to", service.origin, "1.flux", "2.flux");
  expect([code, service.requests().length]).toEqual([1, 1]);
  expect(err).toContain("1.flux:1:");
});

test("a row that makes no event is told with its key; the others arrive; exit 1", async () => {
  const desk = new Desk(key);
  const service = await sandbox();
  const script = alerting(["CRITICAL:a", "CRITICAL:b"]).replace(
    '"${r.host} is in trouble"',
    'if r.host == "a" then string(v: int(v: r.host)) else "${r.host} is in trouble"',
  );
  const ended = await desk.run("run", "--deliver-to", service.origin, desk.file("a.flux", script));
  expect(ended.code).toBe(1);
  expect(ended.err).toContain("could not be made into an event; the other rows went on");
  expect(service.requests().map(({ body }) => Object(body).entity_id)).toEqual(["b"]);
  expect(ended.out).toContain(",false,,a");
});

test("the same --run-id sends once, whatever happened in between; another id sends again", async () => {
  const desk = new Desk(key);
  const service = await sandbox();
  desk.file("a.flux", alerting(["CRITICAL:db", "INFO:web", "INFO:web"]));
  const run = (...argv: string[]) =>
    desk.run("run", "--deliver-to", service.origin, ...argv, "a.flux");
  const first = await run("--run-id", "monday");
  expect([first.code, service.requests().length]).toEqual([0, 3]);
  const again = await run("--run-id", "monday");
  expect([again.code, again.err, service.requests().length]).toEqual([0, "", 3]);
  expect(again.out).toBe(first.out);
  await run("--run-id", "tuesday");
  expect(service.requests()).toHaveLength(6);
  await run();
  expect(service.requests()).toHaveLength(9);
});

test("--run-id after an outage sends what waits, and nothing twice", async () => {
  const desk = new Desk(key);
  const broken = await sandbox("status=404");
  desk.file("a.flux", alerting(["CRITICAL:db", "CRITICAL:web"]));
  const port = broken.origin;
  const first = await desk.run("run", "--run-id", "x", "--deliver-to", port, "a.flux");
  expect(first.code).toBe(3);
  // No time of a next try: whoever sends next asks a blocked endpoint at once.
  expect(first.err).toMatch(/^2 waiting$/mu);
  expect(first.err).toContain(`tocsin outbox send --data ${desk.path("data")}`);
  await broken.close();
  const { startSandbox } = await import("../src/sandbox.ts");
  const { systemClock } = await import("@tocsin/adapters/host-node");
  const mended = await startSandbox({ clock: systemClock, port: Number(port.split(":")[2]) });
  try {
    expect((await desk.run("outbox", "retry", "--all")).code).toBe(0);
    const second = await desk.run("run", "--run-id", "x", "--deliver-to", port, "a.flux");
    expect([second.code, second.err]).toEqual([0, ""]);
    expect(mended.requests().map(({ body }) => Object(body).entity_id)).toEqual(["db", "web"]);
  } finally {
    await mended.close();
  }
});

test("--dry-run shows every request with secrets masked, sends and records nothing", async () => {
  const desk = new Desk(key);
  const service = await sandbox();
  desk.file("a.flux", alerting(["CRITICAL:db", "INFO:web"]));
  const dry = (...argv: string[]) =>
    desk.run(
      "run",
      "--dry-run",
      "--now",
      moment,
      "--deliver-to",
      service.origin,
      ...argv,
      "a.flux",
    );
  const plain = await dry();
  expect([plain.code, plain.err]).toEqual([0, ""]);
  expect(plain.out).toContain(
    "POST https://alert.victorops.com/integrations/generic/20131114/alert/***",
  );
  expect(plain.out).toContain('"entity_id":"web"');
  expect(plain.out).toContain("2 requests, none sent (dry run)");
  expect(plain.out).not.toContain("11111111-aaaa-KEY");
  const requests = JSON.parse((await dry("--output", "json")).out);
  expect(requests).toHaveLength(2);
  expect(JSON.parse(requests[0].body)).toMatchObject({
    entity_id: "db",
    monitoring_tool: "Night watch",
    state_start_time: 1769846400,
  });
  const lines = (await dry("--output", "ndjson")).out.trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toEqual(requests);
  expect((await dry("--output", "none")).out).toBe("");
  expect(service.requests()).toEqual([]);
  expect((await desk.run("outbox", "list")).out).toBe("");
});

test("--now is what now() gives, and the wrong form is said", async () => {
  const desk = new Desk();
  const script = 'import "array" array.from(rows: [{at: now()}])';
  const { out } = await desk.run("run", "--output", "json", "--now", moment, "-e", script);
  expect(JSON.parse(out)).toMatchObject([{ at: moment }]);
  const wrong = await desk.run("run", "--now", "yesterday", "-e", script);
  expect([wrong.code, wrong.out]).toEqual([2, ""]);
  expect(wrong.err).toContain('--now takes a time such as 2026-01-31T08:00:00Z, not "yesterday"');
});

test("--define sets options and members of options", async () => {
  const desk = new Desk();
  const script =
    'import "array"\narray.from(rows: [{start: string(v: v.start), every: string(v: v.every), limit: limit}])';
  const { code, out, err } = await desk.run(
    ...["run", "--output", "json", "--define", "v.start=-1h", "--define", "v.every=10s"],
    ...["--define", "limit=2 + 3", "-e", script],
  );
  expect([code, err]).toEqual([0, ""]);
  expect(JSON.parse(out)).toMatchObject([{ start: "-1h", every: "10s", limit: 5 }]);
  const wrong = await desk.run("run", "--define", "limit=((", "-e", script);
  expect(wrong.code).toBe(2);
  expect(wrong.err).toContain('--define limit: "((" is not a Flux expression');
});

test("--define wins over the script's own option, member by member; packages have options, too", async () => {
  const desk = new Desk();
  const shown = async (script: string, ...define: string[]): Promise<unknown> => {
    const argv = ["run", "--output", "json", ...define.flatMap((one) => ["--define", one])];
    const { code, out, err } = await desk.run(...argv, "-e", `import "array"\n${script}`);
    expect([code, err]).toEqual([0, ""]);
    return JSON.parse(out);
  };
  const own = `option v = {start: -90m, every: 1m}
array.from(rows: [{start: string(v: v.start), every: string(v: v.every)}])`;
  expect(await shown(own)).toMatchObject([{ start: "-1h30m", every: "1m" }]);
  expect(await shown(own, "v.start=-1h")).toMatchObject([{ start: "-1h", every: "1m" }]);
  expect(await shown(own, "v={start: -2h, every: 2m}", "v.every=3m")).toMatchObject([
    { start: "-2h", every: "3m" },
  ]);
  const plain = "option limit = 5\narray.from(rows: [{limit: limit}])";
  expect(await shown(plain, "limit=7")).toMatchObject([{ limit: 7 }]);
  const time = "array.from(rows: [{at: now()}])";
  expect(await shown(time, "now=() => 2026-01-01T00:00:00Z")).toMatchObject([
    { at: "2026-01-01T00:00:00Z" },
  ]);
  const zone = `import "timezone"
option location = timezone.utc
array.from(rows: [{offset: string(v: location.offset)}])`;
  expect(await shown(zone, "location.offset=3h")).toMatchObject([{ offset: "3h" }]);
  const member = `import "profiler"
array.from(rows: [{n: profiler.enabledProfilers[0]}])`;
  expect(await shown(member, 'profiler.enabledProfilers=["none"]')).toMatchObject([{ n: "none" }]);
});

test("--define says what cannot be set", async () => {
  const desk = new Desk();
  const said = async (script: string, define: string): Promise<string> => {
    const { code, out, err } = await desk.run("run", "--define", define, "-e", script);
    expect([code, out]).toEqual([1, ""]);
    return err;
  };
  expect(await said("limit = 5", "limit=7")).toContain("write option limit = …");
  expect(await said('import "math"', "math.pi=3.0")).toContain("package math has no such option");
  expect(await said("option limit = 5", "limit.most=7")).toContain("it is no record");
});

test("--secrets: a file that others may not read, or a folder; both before the environment", async () => {
  const desk = new Desk({ VICTOROPS_API_KEY: "of-the-environment" });
  const service = await sandbox();
  desk.file("a.flux", alerting(["CRITICAL:db"]));
  const to = async (secrets: string): Promise<string> => {
    const { code } = await desk.run(
      ...["run", "--secrets", secrets, "--deliver-to", service.origin, "a.flux"],
    );
    expect(code).toBe(0);
    return service.requests().at(-1)?.path.split("/").at(-2) ?? "";
  };
  const content = "# keys\nexport OTHER='x y'\nVICTOROPS_API_KEY=of-the-file\n";
  expect(await to(desk.file("secrets", content, 0o600))).toBe("of-the-file");
  desk.file("folder/VICTOROPS_API_KEY", "of-the-folder\n", 0o600);
  expect(await to("folder")).toBe("of-the-folder");
  symlinkSync(desk.path("secrets"), desk.path("link"));
  expect(await to("link")).toBe("of-the-file");
  expect((await desk.run("run", "--deliver-to", service.origin, "a.flux")).code).toBe(0);
  expect(service.requests().at(-1)?.path).toContain("/of-the-environment/");
});

test("what --secrets lacks comes from the environment, and an empty secret is none", async () => {
  const script = `import "array"
import "influxdata/influxdb/secrets"
array.from(rows: [{a: secrets.get(key: "A"), b: secrets.get(key: "B")}])`;
  const desk = new Desk({ A: "env", B: "env", C: "" });
  desk.file("keys", "A=file\nB=\n", 0o600);
  const both = await desk.run("run", "--secrets", "keys", "--output", "ndjson", "-e", script);
  expect(both.out).toContain('"a":"file","b":"env"');
  const empty = await desk.run("run", "-e", script.replace('"A"', '"C"'));
  expect([empty.code, empty.out]).toEqual([1, ""]);
  expect(empty.err).toContain('secret key "C" not found');
});

test("secrets that cannot be used are refused before anything runs", async () => {
  const desk = new Desk();
  writeFileSync(desk.path("open"), "VICTOROPS_API_KEY=hidden-value\n", { mode: 0o644 });
  desk.file("broken", "VICTOROPS_API_KEY: hidden-value\n", 0o600);
  const refused = async (place: string): Promise<string> => {
    const { code, out, err } = await desk.run("run", "--secrets", place, "-e", table);
    expect([code, out]).toEqual([2, ""]);
    expect(err).not.toContain("hidden-value");
    return err;
  };
  expect(await refused("open")).toContain("can be read by other users (mode 644): run `chmod 600");
  expect(await refused("broken")).toContain("line 1 of the secrets file");
  expect(await refused("nowhere")).toContain("no such file or folder");
});

test("--deliver-to sandbox shows its timeline to people, never among data for machines", async () => {
  const desk = new Desk(key);
  desk.file("a.flux", alerting(["CRITICAL:db"]));
  const run = (...argv: string[]) => desk.run("run", "--deliver-to", "sandbox", ...argv, "a.flux");
  const machine = await run("--output", "json");
  expect([machine.code, machine.err]).toEqual([0, ""]);
  expect(JSON.parse(machine.out)).toMatchObject([{ host: "db", _sent: "true", _status: "200" }]);
  const quiet = await run("--output", "none");
  expect([quiet.code, quiet.err]).toEqual([0, ""]);
  expect(quiet.out).toMatch(/CRITICAL +db +"db is in trouble" +opens incident 1/u);
  const terminal = await desk.onTerminal("run", "--deliver-to", "sandbox", "a.flux");
  expect(terminal.out).toContain("opens incident 1");
  expect(terminal.out + terminal.err).not.toContain("11111111-aaaa-KEY");
  const shown = await desk.run("run", "--deliver-to", "sandbox", "-e", alerting(["PAGE:db"]));
  expect(shown.code).toBe(0);
});

/** A source that makes rows until somebody stops it. */
const endless = `import "generate"
generate.from(count: 100000000, fn: (n) => n * 2, start: 2026-01-01T00:00:00Z, stop: 2026-01-02T00:00:00Z)
    |> count()
`;

test("--timeout ends an evaluation that takes too long, and says so", async () => {
  const desk = new Desk();
  const ended = await desk.run("run", "--timeout", "100ms", "-e", endless);
  expect([ended.code, ended.out]).toEqual([1, ""]);
  expect(ended.err).toBe("error: the evaluation took longer than 100 ms (--timeout)\n");
});

test("a --timeout of more than 24 days, the most that a timer takes, is not over at once", async () => {
  const desk = new Desk(key);
  const service = await sandbox("delay=50ms");
  desk.file("a.flux", alerting(["CRITICAL:db"]));
  const ended = await desk.run("run", "--timeout", "30d", "--deliver-to", service.origin, "a.flux");
  expect([ended.code, ended.err]).toEqual([0, ""]);
});

test("--timeout is of the evaluation: waiting for deliveries is --wait's, and both together are the end", async () => {
  const desk = new Desk(key);
  const slow = await sandbox("delay=700ms");
  desk.file("a.flux", alerting(["CRITICAL:db"]));
  const limits = ["--timeout", "400ms", "--deliver-to", slow.origin];
  const waited = await desk.run("run", ...limits, "--wait", "20s", "a.flux");
  expect([waited.code, waited.err]).toEqual([0, ""]);
  const silent = await sandbox("hang");
  const more = `${alerting(["CRITICAL:db"])}${endless.replace('import "generate"', "")}`;
  desk.file("b.flux", `import "generate"\n${more}`);
  const over = ["--timeout", "300ms", "--wait", "300ms", "--deliver-to", silent.origin];
  const ended = await desk.run("run", ...over, "b.flux");
  expect(ended.code).toBe(1);
  expect(ended.err).toContain("the evaluation took longer than 300 ms (--timeout)");
});

test("--memory ends an evaluation that needs more, and says what to do", async () => {
  const desk = new Desk();
  const ended = await desk.run("run", "--memory", "128MB", "-e", endless);
  expect([ended.code, ended.out]).toEqual([1, ""]);
  expect(ended.err).toContain(
    "error: the evaluation needs more memory than its limit of 128 MB\nHint: ",
  );
  const enough = await desk.run("run", "--memory", "100GB", "-e", table);
  expect([enough.code, enough.err]).toEqual([0, ""]);
});

test("a sort that does not fit into --memory ends the run with its name, and nothing is killed", async () => {
  const desk = new Desk();
  desk.file(
    "a.flux",
    `import "generate"
generate.from(start: 2020-01-01T00:00:00Z, stop: 2021-01-01T00:00:00Z, count: 1000000, fn: (n) => n % 1009)
    |> map(fn: (r) => ({r with b: r._value, c: r._value, d: r._value, e: r._value, f: r._value, g: r._value}))
    |> sort(columns: ["_value"])
    |> cumulativeSum()
    |> last()
`,
  );
  const ended = await desk.spawn(["run", "--memory", "220MB", "a.flux"]);
  expect([ended.code, ended.out]).toEqual([1, ""]);
  expect(ended.err).toMatch(/^error: sort holds \d+ MB of rows: .* its limit of 220 MB\n/);
  expect(ended.err).toContain("a.flux:4:8");
});

test("--expect rows and --expect events fail a silent run, and say why", async () => {
  const desk = new Desk(key);
  desk.file("data.lp", "health,host=a,level=crit cpu=97 1769846390000000000\n");
  desk.file(
    "a.flux",
    `${alerting([]).split("array.from")[0]}
from(bucket: "b") |> range(start: -1m) |> filter(fn: (r) => r.status == "crit")
    |> page(mapFn: (r) => ({messageType: "CRITICAL", entityID: r.host, entityDisplayName: r.host,
        stateMessage: "m", timestamp: r._time}))()
`,
  );
  const run = (...argv: string[]) =>
    desk.run(
      "run",
      "--output",
      "none",
      "--bucket",
      "b=data.lp",
      "--now",
      moment,
      ...argv,
      "a.flux",
    );
  expect(await run()).toEqual({ code: 0, out: "", err: "" });
  const silent = await run("--expect", "events");
  expect([silent.code, silent.out]).toEqual([1, ""]);
  const why = [
    "no event: no row came to the endpoint at line 10",
    '  read "b", 2026-01-31T07:59:00Z to 2026-01-31T08:00:00Z at line 9: 1 row',
    '  filter r.status == "crit": kept 0 of 1',
    '    no row has a column "status" (columns: _field, _measurement, _time, _value, host, level)',
  ].join("\n");
  expect(silent.err).toBe(`${why}\nexpected events, and none came (--expect events)\n`);
  expect((await run("--expect", "rows")).err).toContain("--expect rows");
  expect((await run("--dry-run", "--output", "table")).out).toBe(
    `0 requests, none sent (dry run)\n${why}\n`,
  );
  expect(
    (await desk.onTerminal("run", "--bucket", "b=data.lp", "--now", moment, "a.flux")).err,
  ).toBe(`${why}\n`);
  expect((await run("--expect", "both")).code).toBe(2);
  expect((await run("--summary", "sum.json")).code).toBe(0);
  const [sum] = JSON.parse(readFileSync(desk.path("sum.json"), "utf8"));
  const { out } = await run("--summary", "-", "--output", "none");
  expect(JSON.parse(out)).toEqual([{ ...sum, now: expect.any(String) }]);
  expect(sum).toMatchObject({ script: "a.flux", exitCode: 0, rows: 0, events: 0, deliveries: {} });
  expect(sum.silence[0].steps[1]).toEqual({
    step: "filter",
    what: 'r.status == "crit"',
    rows: 0,
    of: 1,
    missing: ["status"],
    columns: ["_field", "_measurement", "_time", "_value", "host", "level"],
  });
});

test("--expect is met by one row, or one event; the summary counts deliveries", async () => {
  const desk = new Desk(key);
  const service = await sandbox();
  desk.file("a.flux", alerting(["CRITICAL:db"]));
  const met = await desk.run(
    ...[
      "run",
      "--expect",
      "events",
      "--summary",
      "sum.json",
      "--deliver-to",
      service.origin,
      "a.flux",
    ],
  );
  expect([met.code, met.err]).toEqual([0, ""]);
  const [sum] = JSON.parse(readFileSync(desk.path("sum.json"), "utf8"));
  expect(sum).toMatchObject({
    exitCode: 0,
    rows: 1,
    events: 1,
    deliveries: { accepted: 1 },
    silence: [],
  });
  const rows = 'import "array" array.from(rows: [{a: 1}])';
  expect((await desk.run("run", "--expect", "rows", "-e", rows)).code).toBe(0);
  const none = 'import "array" array.from(rows: [{a: 1}]) |> filter(fn: (r) => r.a > 1)';
  const ended = await desk.run("run", "--expect", "rows", "-e", none);
  expect(ended.code).toBe(1);
  expect(ended.err).toContain("filter r.a > 1 at line 1: kept 0 of 1");
});

test("a profile shows each step on standard error, a trace is a file for browsers", async () => {
  const desk = new Desk();
  desk.file(
    "a.flux",
    'import "array"\narray.from(rows: [{v: 1}, {v: 2}])\n  |> filter(fn: (r) => r.v > 1)\n',
  );
  const plain = await desk.run("run", "--output", "csv", "a.flux");
  const ended = await desk.run(
    "run",
    "--output",
    "csv",
    "--profile",
    "--trace",
    "t.json",
    "a.flux",
  );
  expect(ended.code).toBe(0);
  expect(ended.out).toBe(plain.out);
  expect(ended.err).toMatch(/^profile of a\.flux\n +step +rows in +rows out /u);
  expect(ended.err).toMatch(/\n +filter \(line 3\) +2 +1 +1 +1 +8 B +\d+\.\d ms +\d+ %\n/u);
  const { traceEvents } = JSON.parse(readFileSync(desk.path("t.json"), "utf8")) as {
    traceEvents: { name: string; ph: string; ts: number; dur?: number }[];
  };
  expect(traceEvents.map(({ name }) => name)).toContain("filter (line 3)");
  for (const { ph, dur } of traceEvents) if (ph === "X") expect(dur).toBeGreaterThanOrEqual(0);
});

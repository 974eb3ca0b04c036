import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { pasted } from "./alerts.ts";
import { swings } from "./swings.ts";
import { Desk } from "./terminal.ts";

const commands = [
  ...["run", "check", "fmt", "test", "write", "explain", "backtest", "doc", "outbox", "why"],
  ...["doctor", "sandbox"],
];

test("help lists every command, and each has help of its own with an example", async () => {
  const desk = new Desk();
  const overview = await desk.run("help");
  expect([overview.code, overview.err]).toEqual([0, ""]);
  for (const argv of [[], ["--help"], ["-h"]]) expect(await desk.run(...argv)).toEqual(overview);
  for (const command of commands) {
    expect(overview.out).toMatch(new RegExp(`^  ${command} +\\S`, "mu"));
    const help = await desk.run(command, "--help");
    expect([help.code, help.err]).toEqual([0, ""]);
    expect(help.out).toContain(`Usage: tocsin ${command} `);
    expect(help.out).toMatch(new RegExp(`Examples:\n(?:.*\n)*? .*tocsin ${command} `, "u"));
    expect(Math.max(...help.out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(120);
    expect(await desk.run("help", command)).toEqual(help);
    expect(await desk.run(command, "-h")).toEqual(help);
  }
});

test("--version is one line", async () => {
  const { code, out } = await new Desk().run("--version");
  expect([code, out]).toEqual([0, `tocsin ${manifest().version}\n`]);
});

function manifest(): { readonly version: string } {
  return JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
}

test("wrong words are named, with the near one: exit 2, nothing on standard output", async () => {
  const desk = new Desk();
  const says = async (words: string, ...argv: string[]): Promise<void> => {
    const { code, out, err } = await desk.run(...argv);
    expect([argv, code, out]).toEqual([argv, 2, ""]);
    expect(err).toContain(words);
    expect(err.trimEnd().split("\n").length).toBeLessThanOrEqual(2);
  };
  await says('there is no command "chekc"; did you mean check?', "chekc");
  await says('there is no command "zzz"', "zzz");
  await says("there is no option --wiat; did you mean --wait?", "run", "--wiat", "1s", "a.flux");
  await says("there is no option --outptu; did you mean --output?", "run", "--outptu", "a.flux");
  await says("there is no option --strct; did you mean --strict?", "check", "--strct", "a.flux");
  await says("--wait needs a value", "run", "a.flux", "--wait");
  await says("--run-id needs a value", "run", "--run-id");
  await says("--dry-run takes no value", "run", "--dry-run=yes", "-e", "1");
  await says('--wait takes a duration such as 30s, 500ms or 1h30m, not "1x"', ...e("--wait", "1x"));
  await says(
    '--timeout takes a duration such as 30s, 500ms or 1h30m, not "-1s"',
    ...e("--timeout", "-1s"),
  );
  await says('--memory takes a size such as 512MB or 2GB, not "lots"', ...e("--memory", "lots"));
  await says('--memory takes 128MB or more, not "512"', ...e("--memory", "512"));
  await says('--memory takes 128MB or more, not "127MB"', ...e("--memory", "127MB"));
  await says('--output is table, csv, json, ndjson or none, not "xml"', ...e("--output", "xml"));
  await says('--bucket takes NAME=SOURCE, not "data.lp"', ...e("--bucket", "data.lp"));
  await says('--define takes NAME=FLUX, not "x"', ...e("--define", "x"));
  await says('--define takes NAME or NAME.MEMBER, not "a.b.c"', ...e("--define", "a.b.c=1"));
  await says('--define takes NAME or NAME.MEMBER, not "1x"', ...e("--define", "1x=1"));
  await says("--run-id needs a value, not an empty one", ...e("--run-id", ""));
  await says("--run-id needs an id, not an empty one", ...e("--run-id", " "));
  for (const name of ["--data", "--secrets", "--summary", "--trace", "--metrics-file"])
    await says(`${name} needs a value, not an empty one`, ...e(name, ""));
  await says('--bucket takes NAME=SOURCE, not "b="', ...e("--bucket", "b="));
  for (const name of ["--data", "--secrets"])
    await says(`${name} needs a value, not an empty one`, "outbox", "status", name, "");
  await says("--deliver-to takes an origin such as", ...e("--deliver-to", "example"));
  await says("say which script to run", "run");
  await says("say which script to check", "check");
  await says(
    '--format is text, json, sarif or github, not "xml"',
    "check",
    "--format",
    "xml",
    "a.flux",
  );
  await says("say which script to format", "fmt");
  await says("say what to test", "test");
  await says('--output is text or json, not "xml"', "test", "--output", "xml", "a.flux");
  await says("say what to explain", "explain");
  await says("there is no diagnostic W9999", "explain", "W9999");
  await says("say which bucket to write to: --bucket NAME", "write", "data.lp");
  await says('--precision is ns, us, ms or s, not "h"', "write", "-b", "b", "--precision", "h");
  await says('there is no outbox command "lsit"; did you mean list?', "outbox", "lsit");
  await says("--data needs a value", "outbox", "list", "--data");
  await says(
    "there is no option --ouptut; did you mean --output?",
    "outbox",
    "list",
    "--ouptut",
    "json",
  );
  await says('outbox send takes no "now"', "outbox", "send", "now");
  await says('sandbox takes options only, not "8099"', "sandbox", "8099");
  await says('--port takes a number up to 65535, not "99999"', "sandbox", "--port", "99999");
  await says('--seed takes a whole number, not "x"', "sandbox", "--seed", "x");
  await says('"teapot" is not a fault. There are: status=CODE', "sandbox", "--fault", "teapot");
});

function e(...argv: string[]): string[] {
  return ["run", "-e", "x = 1", ...argv];
}

test("check --diff shows what --fix would do and writes nothing; --fix on - writes to standard output", async () => {
  const desk = new Desk();
  desk.file("a.flux", pasted);
  const { code, out } = await desk.run("check", "--diff", "a.flux");
  expect(code).toBe(1);
  expect(out).toContain('+      monitoringTool: "Night watch",\n');
  expect(out).toMatch(
    /\n       entityDisplayName[^\n]*\n       stateMessage[^\n]*\n       timestamp[^\n]*\n$/u,
  );
  expect(out).toMatch(/^--- a\.flux\n\+\+\+ a\.flux\n@@ -8,13 \+8,13 @@\n/u);
  expect(readFileSync(desk.path("a.flux"), "utf8")).toBe(pasted);
  await desk.run("check", "--fix", "a.flux");
  const piped = await desk.spawn(["check", "--fix", "-"], pasted);
  expect([piped.code, piped.err.includes("error[")]).toEqual([0, false]);
  expect(piped.out).toBe(readFileSync(desk.path("a.flux"), "utf8"));
  const left = await desk.spawn(["check", "--fix", "-"], "x = unheard_of\n");
  expect([left.code, left.out]).toEqual([1, "x = unheard_of\n"]);
  expect(left.err).toContain("unheard_of");
});

test("the mark before UTF-8 is no column, and stays; line ends stay", async () => {
  const desk = new Desk();
  desk.file("a.flux", "\ufeffz = {a: 1\r\nb: y}\r\n");
  const found = JSON.parse((await desk.run("check", "--format", "json", "a.flux")).out);
  expect(found.map((one: { line: number; column: number }) => [one.line, one.column])).toEqual([
    [1, 10],
    [2, 4],
  ]);
  await desk.run("check", "--fix", "a.flux");
  expect(readFileSync(desk.path("a.flux"), "utf8")).toBe("\ufeffz = {a: 1,\r\nb: y}\r\n");
});

test("check works on folders, and --strict makes warnings count", async () => {
  const desk = new Desk();
  desk.file("alerts/bad.flux", pasted);
  desk.file("alerts/warned.flux", 'import "array"\nrows = array.from(rows: [{a: 1}])\n');
  const all = await desk.run("check", "--format", "json", "alerts");
  const files = new Set(JSON.parse(all.out).map((one: { file: string }) => one.file));
  expect([all.code, [...files]]).toEqual([1, ["alerts/bad.flux", "alerts/warned.flux"]]);
  expect((await desk.run("check", "alerts/warned.flux")).code).toBe(0);
  expect((await desk.run("check", "--strict", "alerts/warned.flux")).code).toBe(1);
  const github = await desk.run("check", "--format", "github", "alerts");
  expect(github.out).toMatch(/^::error file=alerts\/bad\.flux,line=11,endLine=11,col=55/u);
  const sarif = JSON.parse((await desk.run("check", "--format", "sarif", "alerts")).out);
  expect(sarif.runs[0].results).toHaveLength(JSON.parse(all.out).length);
  for (const { id, shortDescription } of sarif.runs[0].tool.driver.rules)
    expect(shortDescription.text).not.toBe(id);
});

test("colour is for terminals only, and NO_COLOR is respected", async () => {
  const desk = new Desk();
  desk.file("a.flux", "x = 1 +\n");
  const bare = await desk.run("check", "a.flux");
  expect(bare.out).not.toContain("\u001b[");
  expect((await desk.onTerminal("check", "a.flux")).out).toContain("\u001b[");
  const plain = new Desk({ NO_COLOR: "1" });
  plain.file("a.flux", "x = 1 +\n");
  expect((await plain.onTerminal("check", "a.flux")).out).toBe(bare.out);
  const empty = new Desk({ NO_COLOR: "" });
  empty.file("a.flux", "x = 1 +\n");
  expect((await empty.onTerminal("check", "a.flux")).out).toContain("\u001b[");
});

test("fmt writes to standard output, --write in place, --check lists what is not formatted", async () => {
  const desk = new Desk();
  const untidy = desk.file("scripts/untidy.flux", "x=1\n// kept\n\n\ny  =   x+2\n");
  const tidy = "x = 1\n// kept\n\ny = x + 2\n";
  expect(await desk.run("fmt", untidy)).toEqual({ code: 0, out: tidy, err: "" });
  expect(await desk.run("fmt", "--check", "scripts")).toEqual({
    code: 1,
    out: "scripts/untidy.flux\n",
    err: "",
  });
  expect(await desk.run("fmt", "--write", "scripts")).toEqual({ code: 0, out: "", err: "" });
  expect(readFileSync(desk.path(untidy), "utf8")).toBe(tidy);
  expect(await desk.run("fmt", "--check", "scripts")).toEqual({ code: 0, out: "", err: "" });
  const broken = await desk.run("fmt", "--write", desk.file("scripts/z.flux", "x = (\n"));
  expect(broken.code).toBe(1);
  expect(readFileSync(desk.path("scripts/z.flux"), "utf8")).toBe("x = (\n");
});

test("a key in a line of source is hidden where the line is shown; carets stay where they were", async () => {
  const desk = new Desk();
  const url = "https://alert.victorops.com/integrations/generic/20131114/alert/KEY-9d2f/ops";
  desk.file("a.flux", `x = "${url}" + 1\n`);
  for (const command of ["check", "explain"]) {
    const { out, err } = await desk.run(command, "a.flux");
    const lines = (out + err).split("\n");
    expect(out + err).not.toContain("KEY-9d2f");
    const at = lines.findIndex((line) => line.startsWith("1 │ "));
    expect(lines[at]).toBe(`1 │ x = "${url.replace("KEY-9d2f", "********")}" + 1`);
    expect(lines.find((line) => line.includes("^"))?.indexOf("^")).toBe(lines[at].length - 1);
  }
});

test("explain shows the page of a diagnostic, from the package as from the repository", async () => {
  const desk = new Desk();
  const { code, out, err } = await desk.run("explain", "W0305", "e0201");
  expect([code, err]).toEqual([0, ""]);
  expect(out).toMatch(/^# W0305: [^]*\n# E0201: /u);
  expect((await desk.spawn(["explain", "W0305"], "")).out).toBe(
    (await desk.run("explain", "W0305")).out,
  );
});

test("explain says what a script reads, sends and needs, and sends nothing", async () => {
  const desk = new Desk();
  desk.file("a.flux", pasted);
  await desk.run("check", "--fix", "a.flux");
  const { code, out, err } = await desk.run("explain", "a.flux");
  expect([code, err]).toEqual([0, ""]);
  expect(out).toBe(`a.flux
  It reads the bucket "example-bucket" over the last 1m (line 9).
  It sends one event for each row that is left to https://alert.victorops.com/integrations/generic/00000000/alert/*** (line 14).
    What decides, in order: filter(fn: (r) => r._measurement == "health" and r.level == "crit").
    "CRITICAL"
    about the entity "\${r.host}/\${r._field}/critical"
    titled "Trouble on \${r.host}"
    saying "\${r._field} of \${r.host} is \${r._value}."
    It is recorded before it leaves, kept in order within its entity, and retried when it fails.
  It runs when somebody starts it: it has no option task.
  It needs the secrets VICTOROPS_API_KEY (missing), VICTOROPS_ROUTING_KEY (missing).
`);
  const types = await desk.run("explain", "--types", "a.flux");
  expect(types.out).toContain("address: string");
  expect((await desk.run("explain", "--ast", "a.flux")).out).toContain("(|> (call from");
  expect((await desk.run("explain", "--plan", "a.flux")).out).toContain("as it runs");
});

test("explain tells what a script writes, also where the library does it", async () => {
  const desk = new Desk();
  desk.file(
    "a.flux",
    `import "influxdata/influxdb/monitor"
rows = from(bucket: "b") |> range(start: -1m)
rows |> to(bucket: "copy")
from(bucketID: "0123456789abcdef") |> range(start: -1m) |> to(bucketID: "fedcba9876543210")
rows |> monitor.check(data: {_check_id: "1", _check_name: "c", _type: "threshold", tags: {}}, messageFn: (r) => "m", crit: (r) => r.v > 1)
`,
  );
  const { out } = await desk.run("explain", "a.flux");
  expect(out).toContain('  It writes rows to the bucket "copy" (line 3).\n');
  expect(out).toContain('  It writes rows to the bucket "_monitoring" (line 5).\n');
  expect(out).toContain('  It reads the bucket "0123456789abcdef" over the last 1m (line 4).\n');
  expect(out).toContain('  It writes rows to the bucket "fedcba9876543210" (line 4).\n');
});

test("explain tells branches, tasks, secrets that are there, and endpoints that are never used", async () => {
  const desk = new Desk({ VICTOROPS_API_KEY: "11111111-aaaa-KEY" });
  desk.file("a.flux", swings(80));
  const { out } = await desk.run("explain", "a.flux");
  expect(out).toContain(
    '    "CRITICAL" when r._value > 80.0\n    "RECOVERY" when not (r._value > 80.0)\n',
  );
  expect(out).toContain('  As a task "swings" it runs every 5m.\n');
  expect(out).toContain("  It needs the secret VICTOROPS_API_KEY (present).\n");
  expect(out).not.toContain("11111111");
  desk.file("unused.flux", swings(80).replace("rows |> map", "unused = rows |> map"));
  expect((await desk.run("explain", "unused.flux")).out).toContain(
    "is never used: nothing yields its stream, so it sends nothing.",
  );
  desk.file("quiet.flux", "1 + 1\n");
  expect((await desk.run("explain", "quiet.flux")).out).toBe(
    "quiet.flux\n  It reads no bucket.\n  It sends nothing.\n  It runs when somebody starts it: it has no option task.\n  It needs no secret.\n",
  );
});

test("explain shows what a text computes as the script writes it, not as a column that goes into it", async () => {
  const desk = new Desk();
  desk.file(
    "a.flux",
    `import "contrib/bonitoo-io/victorops"
import "math"
at = (r) => ({lat: r.x * 2.0, lon: r.y})
from(bucket: "b") |> range(start: -5m)
    |> victorops.endpoint(url: "https://alert.victorops.com/integrations/generic/20131114/alert/k/ops")(mapFn: (r) => {
        p = at(r: r)
        return {monitoringTool: "n", messageType: "CRITICAL", entityID: r.host, timestamp: r._time,
            entityDisplayName: "\${at(r: r).lat} \${p.lon}", stateMessage: "\${math.floor(x: r.x)} \${r.x + 1.0} \${string(v: r.x)} \${r.x}"}
    })()
`,
  );
  const { out } = await desk.run("explain", "a.flux");
  expect(out).toContain(
    'titled "${at(r: r).lat} ${p.lon}"\n    saying "${math.floor(x: r.x)} ${r.x + 1.0} ${r.x} ${r.x}"\n',
  );
});

test("explain names a column that a step made by its own name, also inside a conversion", async () => {
  const desk = new Desk();
  desk.file(
    "a.flux",
    `import "contrib/bonitoo-io/victorops"
import "influxdata/influxdb/monitor"
import "strings"
from(bucket: "b") |> range(start: -5m) |> monitor.deadman(t: 2026-01-01T00:00:00Z)
    |> map(fn: (r) => ({r with site: r.host}))
    |> victorops.endpoint(url: "https://alert.victorops.com/integrations/generic/20131114/alert/k/ops")(mapFn: (r) =>
        ({monitoringTool: "n", messageType: "CRITICAL", entityID: strings.trimSpace(v: r.site), timestamp: r._time,
            entityDisplayName: display(v: r.dead), stateMessage: "dead: \${string(v: r.dead)}"}))()
`,
  );
  const { out } = await desk.run("explain", "a.flux");
  expect(out).toContain(
    'about the entity r.site\n    titled r.dead\n    saying "dead: ${r.dead}"\n',
  );
});

test("write fills the embedded bucket, from a file or standard input; bad lines are named", async () => {
  const desk = new Desk();
  desk.file("good.lp", "cpu,host=a v=1 1000000000\ncpu,host=b v=2 2000000000\n");
  desk.file("bad.lp", "cpu,host=a v=3 3000000000\nno fields here\ncpu,host=a v=4 4000000000\n");
  expect(await desk.run("write", "-b", "b", "good.lp")).toEqual({ code: 0, out: "", err: "" });
  const bad = await desk.run("write", "-b", "b", "bad.lp");
  expect(bad.code).toBe(1);
  expect(bad.err).toMatch(/^line 2: /u);
  expect(bad.err).toContain("2 points written to b, 1 line refused");
  desk.file("folder/1.lp", "disk v=6 6000000000\n");
  desk.file("folder/2.lp", "nothing\n");
  desk.file("folder/notes.md", "no points");
  const several = await desk.run("write", "-b", "other", "good.lp", "folder");
  expect([several.code, several.err.split("\n")[0]]).toMatchObject([
    1,
    expect.stringMatching(/^folder\/2\.lp, line 1: /u),
  ]);
  expect(await desk.run("write", "-b", "other", "folder/1.lp")).toEqual({
    code: 0,
    out: "",
    err: "",
  });
  const piped = await desk.spawn(["write", "-b", "b", "--precision", "s"], "cpu,host=c v=5 5\n");
  expect(piped).toEqual({ code: 0, out: "", err: "" });
  const read = 'from(bucket: "b") |> range(start: 0) |> group() |> sort(columns: ["_value"])';
  const { out } = await desk.run("run", "--output", "json", "-e", read);
  expect(JSON.parse(out).map((row: { _value: number }) => row._value)).toEqual([1, 2, 3, 4, 5]);
});

test("test runs testcases and counts them; a failing one exits 1", async () => {
  const desk = new Desk();
  desk.file(
    "alerts/load_test.flux",
    `package load_test
import "array"
import "testing"

rows = array.from(rows: [{_value: 1}])

testcase same { testing.diff(got: rows, want: array.from(rows: [{_value: 1}])) }
testcase other { testing.diff(got: rows, want: array.from(rows: [{_value: 2}])) }
testcase tagged {
    option testing.tags = ["slow"]
    testing.diff(got: rows, want: rows)
}
`,
  );
  const ended = await desk.run("test", "alerts");
  expect([ended.code, ended.err]).toEqual([1, ""]);
  expect(ended.out).toContain("Found 3 tests: passed 1, failed 1, skipped 1");
  expect((await desk.run("test", "--test", "same", "alerts")).code).toBe(0);
  expect((await desk.run("test", "--skip", "other", "--tags", "slow", "alerts")).out).toContain(
    "passed 2, failed 0, skipped 1",
  );
  expect((await desk.run("test", "--skip", "other,same", "alerts")).out).toContain(
    "passed 0, failed 0",
  );
  const twice = ["--tags", "slow", "--tags", "other", "--test", "tagged"];
  expect((await desk.run("test", ...twice, "alerts")).out).toContain("passed 1, failed 0");
  const misspelt = await desk.run("test", "--test", "smae", "alerts");
  expect([misspelt.code, misspelt.out]).toEqual([2, ""]);
  expect(misspelt.err).toContain('there is no test case "smae"; did you mean same?');
});

test("a file of tests that cannot be understood fails with its place; the others run; - is standard input", async () => {
  const desk = new Desk();
  const right = 'import "testing"\ntestcase right { testing.assertEqualValues(got: 1, want: 1) }\n';
  desk.file("a_test.flux", "testcase wrong { x = }\n");
  desk.file("b_test.flux", right);
  const { code, out, err } = await desk.run("test", ".");
  expect([code, err]).toEqual([1, ""]);
  expect(out).toContain("a_test.flux: ... fail\n    error[E0");
  expect(out).toContain("a_test.flux:1:22");
  expect(out).toContain("Found 2 tests: passed 1, failed 1, skipped 0");
  const piped = await desk.spawn(["test", "-"], right);
  expect([piped.code, piped.out]).toMatchObject([
    0,
    expect.stringContaining("<stdin>: right ... success"),
  ]);
});

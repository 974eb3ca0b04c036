import { spawnSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { expect, test } from "vitest";
import { seeded } from "@tocsin/platform/host";
import { alerting } from "./alerts.ts";
import { Desk, type Ended, later, sandbox } from "./terminal.ts";

const key = { VICTOROPS_API_KEY: "key" };
const isRoot = process.getuid?.() === 0;

/** What must hold for every bad input: words for people, not many of them, and no stack trace. */
function isClear({ out, err }: Ended): void {
  const said = out + err;
  expect(said.length).toBeLessThan(100_000);
  expect(said).not.toMatch(/^ +at .*\(?.*:\d+:\d+\)?$/mu);
  expect(said).not.toMatch(/\b(?:TypeError|RangeError|ReferenceError|undefined is not)\b/u);
}

/** Text of random characters. The same seed gives the same text. */
function garbage(length: number, alphabet: string): string {
  const random = seeded(11);
  const block = Array.from(
    { length: 100_000 },
    () => alphabet[Math.floor(random.next() * alphabet.length)],
  ).join("");
  return block.repeat(Math.ceil(length / block.length)).slice(0, length);
}

test("an empty file, and one of comments only, is a script that does nothing", async () => {
  const desk = new Desk();
  for (const text of ["", "\n\n", "// nothing yet\n", "\ufeff"]) {
    desk.file("a.flux", text);
    for (const command of ["run", "check", "explain"])
      expect(await desk.run(command, "a.flux")).toMatchObject({ code: 0, err: "" });
  }
});

test("a file that is no text is refused in a line", async () => {
  const desk = new Desk();
  desk.file("a.flux", Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 0, 0, 1, 2, 3, 0xff, 0xfe));
  desk.file("latin1.flux", Buffer.from('// a\nx = "Störung"\n', "latin1"));
  desk.file("utf16.flux", Buffer.from("\ufeffx = 1\n", "utf16le"));
  for (const command of ["run", "check", "fmt", "explain"]) {
    const binary = await desk.run(command, "a.flux");
    expect([binary.code, binary.out]).toEqual([2, ""]);
    expect(binary.err).toContain("a.flux is not a text file; a script is UTF-8 text");
    const utf16 = await desk.run(command, "utf16.flux");
    expect(utf16.err).toContain("utf16.flux is UTF-16 text; save it as UTF-8");
    const latin1 = await desk.run(command, "latin1.flux");
    expect([latin1.code, latin1.out]).toEqual([2, ""]);
    expect(latin1.err).toContain("latin1.flux is not UTF-8 text (line 2); save it as UTF-8");
    isClear(binary);
  }
});

test("a file of a folder that is no text does not keep its neighbours from running", async () => {
  const desk = new Desk();
  desk.file("alerts/a.flux", `import "array"\narray.from(rows: [{a: 1}])\n`);
  desk.file("alerts/b.flux", Buffer.from('x = "Störung"\n', "latin1"));
  desk.file("alerts/c.flux", `import "array"\narray.from(rows: [{c: 2}])\n`);
  const ran = await desk.run("run", "--output", "json", "--summary", "s.json", "alerts");
  expect(ran.code).toBe(1);
  expect(ran.err).toContain("error: alerts/b.flux is not UTF-8 text (line 1); save it as UTF-8\n");
  expect(ran.out).toContain('"a"');
  expect(ran.out).toContain('"c"');
  expect(readFileSync(desk.path("s.json"), "utf8")).toContain("alerts/b.flux is not UTF-8 text");
});

const alphabets = {
  "any bytes": Array.from({ length: 255 }, (_one, i) => String.fromCharCode(i + 1)).join(""),
  "letters and operators": "abcxyz019 +-*/=<>!.,:|>()[]{}\"'$\n",
  "one long line": "abcxyz019+/",
  brackets: "([{)]}",
  quotes: '"$\\{}',
};

for (const [name, alphabet] of Object.entries(alphabets)) {
  test(`10 MB of garbage (${name}): mistakes are told, some of them, within seconds`, async () => {
    const desk = new Desk();
    desk.file("a.flux", garbage(10_000_000, alphabet));
    const checked = await desk.run("check", "a.flux");
    expect(checked.code).toBe(1);
    isClear(checked);
    const ran = await desk.run("run", "a.flux");
    expect([ran.code, ran.out]).toEqual([1, ""]);
    isClear(ran);
  });
}

test("a hundred thousand nested brackets of every kind: one mistake, at its place", async () => {
  const desk = new Desk();
  const n = 100_000;
  const nested = [
    `${"(".repeat(n)}1${")".repeat(n)}`,
    "[".repeat(n),
    "{a: ".repeat(n),
    '"${'.repeat(n),
    `${"(r) => ".repeat(n)}1`,
    `${"not ".repeat(n)}true`,
    `${"-".repeat(n)}1`,
    `1${" + 1".repeat(n)}`,
    `f${" |> f()".repeat(n)}`,
    `a${".b".repeat(n)}`,
    `a${"[0]".repeat(n)}`,
    `f${"()".repeat(n)}`,
    "if true then ".repeat(n),
    "() => {\n".repeat(n),
  ];
  for (const text of nested) {
    desk.file("a.flux", `x = ${text}\n`);
    for (const command of ["run", "check"]) {
      const ended = await desk.run(command, "a.flux");
      expect([text.slice(0, 20), ended.code]).toEqual([text.slice(0, 20), 1]);
      expect(ended.out + ended.err).toMatch(/^error\[E0100\]: .*(?:too deep|too many steps)/mu);
      isClear(ended);
    }
  }
});

test("a script of a million lines runs", async () => {
  const desk = new Desk();
  const lines = Array.from({ length: 1_000_000 }, (_one, i) => `x${i} = ${i}`);
  desk.file("a.flux", `import "array"\n${lines.join("\n")}\narray.from(rows: [{last: x999999}])\n`);
  const { code, out, err } = await desk.spawn(["run", "--output", "json", "a.flux"]);
  expect([code, err, JSON.parse(out)]).toMatchObject([0, "", [{ last: 999_999 }]]);
});

test("a mistake in a very long line is shown with the part around it", async () => {
  const desk = new Desk();
  const filler = "x".repeat(100_000);
  const script = `import "array"\narray.from(rows: [{a: "${filler}", b: 1 / 0, c: "${filler}"}])\n`;
  const ended = await desk.run("run", desk.file("a.flux", script));
  expect(ended.code).toBe(1);
  expect(ended.err.length).toBeLessThan(1000);
  expect(ended.err).toMatch(/… x+", b: 1 \/ 0, c: "x+ …/u);
});

test("an unknown bucket is named with its near name, or with the way to make it", async () => {
  const desk = new Desk();
  desk.file("data.lp", "m v=1 1\n");
  const read = 'from(bucket: "example") |> range(start: -1h)';
  const near = await desk.run("run", "--bucket", "exmaple=data.lp", "-e", read);
  expect([near.code, near.out]).toEqual([1, ""]);
  expect(near.err).toContain('could not find bucket "example"');
  expect(near.err).toContain('did you mean "exmaple"?');
  const none = await desk.run("run", "-e", read);
  expect(none.err).toContain("name it with --bucket example=SOURCE");
  const gone = await desk.run("run", "--bucket", "example=gone.lp", "-e", read);
  expect(gone.err).toMatch(/bucket "example": cannot read .*gone\.lp: no such file or folder/u);
  const folder = await desk.run("run", "--bucket", "example=home", "-e", read);
  expect(folder.code).toBe(1);
  for (const one of [near, none, gone, folder]) isClear(one);
});

test("a missing secret is named, with both ways to give it; nothing is sent", async () => {
  const desk = new Desk();
  const service = await sandbox();
  desk.file("a.flux", alerting(["CRITICAL:db"]));
  const ended = await desk.run("run", "--deliver-to", service.origin, "a.flux");
  expect(ended.code).toBe(1);
  expect(ended.err).toContain('secret key "VICTOROPS_API_KEY" not found');
  expect(ended.err).toContain("set the environment variable VICTOROPS_API_KEY");
  expect(service.requests()).toEqual([]);
  isClear(ended);
});

test("files that cannot be read are said with the reason", async () => {
  const desk = new Desk();
  mkdirSync(desk.path("empty"));
  symlinkSync("loop.flux", desk.path("loop.flux"));
  symlinkSync("gone", desk.path("dangling.flux"));
  const reasons: readonly (readonly [string, RegExp])[] = [
    ["gone.flux", /cannot read gone\.flux: no such file or folder/u],
    ["dangling.flux", /cannot read dangling\.flux: no such file or folder/u],
    ["loop.flux", /cannot read loop\.flux: .*symbolic links/u],
    ["empty", /the folder empty holds no \.flux file/u],
  ];
  for (const command of ["run", "check", "fmt", "explain"]) {
    for (const [name, words] of reasons) {
      const ended = await desk.run(command, name);
      expect([ended.code, ended.out]).toEqual([2, ""]);
      expect(ended.err).toMatch(words);
      isClear(ended);
    }
  }
});

test.skipIf(isRoot)(
  "a file without permission is said so (skipped for root, who may read all)",
  async () => {
    const desk = new Desk();
    desk.file("a.flux", "x = 1");
    chmodSync(desk.path("a.flux"), 0o000);
    const ended = await desk.run("run", "a.flux");
    expect(ended.code).toBe(2);
    expect(ended.err).toContain("cannot read a.flux: permission denied");
    desk.file("d.lp", "m f=1 1\n");
    chmodSync(desk.path("d.lp"), 0o000);
    const read = 'from(bucket: "b") |> range(start: 0)';
    const bucket = await desk.run("run", "--bucket", "b=d.lp", "-e", read);
    expect(bucket.code).toBe(1);
    expect(bucket.err).toContain(`cannot read ${desk.path("d.lp")}: permission denied`);
  },
);

test("a port in use is said, with what to do", async () => {
  const desk = new Desk();
  const taken = (await sandbox()).origin.split(":")[2];
  const ended = await desk.run("sandbox", "--port", taken);
  expect([ended.code, ended.out]).toEqual([2, ""]);
  expect(ended.err).toContain(`port ${taken} is taken by another program; choose one with --port`);
  isClear(ended);
});

test("a data folder that is a file: a clear line, whatever command meets it", async () => {
  const desk = new Desk(key);
  desk.env["TOCSIN_DATA"] = desk.path(desk.file("file", "no folder"));
  desk.file("a.flux", alerting(["CRITICAL:db"]));
  desk.file("data.lp", "m v=1 1\n");
  for (const argv of [
    ["run", "--deliver-to", "sandbox", "a.flux"],
    ["write", "--bucket", "b", "data.lp"],
    ["outbox", "list"],
    ["outbox", "status"],
    ["run", "-e", 'from(bucket: "b") |> range(start: 0)'],
  ]) {
    const ended = await desk.run(...argv);
    expect([argv[0], ended.code]).not.toEqual([argv[0], 0]);
    expect(ended.err.split("\n").length).toBeLessThan(10);
    isClear(ended);
  }
});

test("a data folder that cannot be read is not taken for one without buckets", async () => {
  const desk = new Desk();
  // No right and no user reads what this leads to.
  symlinkSync("data", desk.path("data"));
  for (const script of ['from(bucket: "b") |> range(start: 0)', "buckets()"]) {
    const ended = await desk.run("run", "-e", script);
    expect(ended.code).toBe(1);
    expect(ended.err).toContain(
      `error: the data folder ${desk.path("data")} cannot be read: ELOOP`,
    );
    expect(ended.err).not.toContain("could not find bucket");
    isClear(ended);
  }
  // Whoever watches over the queue must not read that nothing waits.
  for (const argv of [
    ["outbox", "status"],
    ["outbox", "list"],
    ["why", "db"],
  ]) {
    const ended = await desk.run(...argv);
    expect([argv, ended.code, ended.out]).toEqual([argv, 1, ""]);
    expect(ended.err).toMatch(/the outbox \S+ .*ELOOP/u);
    isClear(ended);
  }
  const looked = await desk.run("doctor");
  expect(looked.code).toBe(1);
  expect(looked.out).toMatch(/problem +store +the data folder \S+ cannot be read: ELOOP/u);
});

test("a damaged store is set aside and said; the command says what it could read", async () => {
  const desk = new Desk();
  desk.file("data.lp", "m v=1 1\n");
  expect((await desk.run("write", "--bucket", "b", "data.lp")).code).toBe(0);
  const [store] = readdirSync(desk.path("data/buckets")).filter((one) => one.endsWith(".duckdb"));
  writeFileSync(
    desk.path(`data/buckets/${store}`),
    garbage(20_000, alphabets["any bytes"]),
    "latin1",
  );
  const ended = await desk.run("run", "-e", 'from(bucket: "b") |> range(start: 0)');
  expect(ended.err === "" && ended.code === 0).toBe(false);
  expect(ended.err).toContain(desk.path("data/buckets"));
  isClear(ended);
  expect(readdirSync(desk.path("data/buckets")).length).toBeGreaterThan(0);
});

/** A folder on a disk of 2 MB; undefined where mounting is not allowed. */
function smallDisk(desk: Desk): string | undefined {
  mkdirSync(desk.path("disk"));
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", desk.path("disk")]);
  if (mounted.status !== 0) return undefined;
  later(() => void spawnSync("umount", ["-l", desk.path("disk")]));
  return desk.path("disk");
}

test("a full disk: one line that says so, at once, and what was recorded stays", async ({
  skip,
}) => {
  const desk = new Desk(key);
  const disk = smallDisk(desk);
  if (disk === undefined) return skip("mounting is not allowed here");
  desk.env["TOCSIN_DATA"] = `${disk}/data`;
  desk.file("a.flux", alerting(["CRITICAL:db"]));
  // Values that no encoding makes smaller: 3.2 MB at least.
  const random = seeded(1);
  const rows = Array.from(
    { length: 400_000 },
    (_one, i) => `m,host=h${i % 50} v=${random.next()} ${i}`,
  );
  desk.file("data.lp", rows.join("\n"));
  const written = await desk.run("write", "--bucket", "b", "data.lp");
  expect(written.code).toBe(1);
  expect(written.err).toContain("the disk is full");
  isClear(written);
  // A bucket that has none of its points is none: a script that reads it would be silent.
  expect(readdirSync(`${disk}/data/buckets`)).toEqual([]);
  writeFileSync(`${disk}/filler`, "");
  spawnSync("dd", ["if=/dev/zero", `of=${disk}/filler`, "bs=1k", "count=4000"]);
  const service = await sandbox();
  const ran = await desk.run("run", "--deliver-to", service.origin, "a.flux");
  expect(ran.code).not.toBe(0);
  expect(ran.err).toContain("the disk is full");
  isClear(ran);
});

test("an outbox on a full disk can be looked at, and copied away", async ({ skip }) => {
  const desk = new Desk(key);
  const disk = smallDisk(desk);
  if (disk === undefined) return skip("mounting is not allowed here");
  desk.env["TOCSIN_DATA"] = `${disk}/data`;
  desk.file("a.flux", alerting(["CRITICAL:db"]));
  const unreachable = ["--deliver-to", "http://127.0.0.1:9", "--wait", "0"];
  expect((await desk.run("run", ...unreachable, "a.flux")).code).toBe(3);
  let fillers = 0;
  const look = async (...argv: string[]): Promise<string> => {
    // Each time: a command that fails may leave room behind it.
    spawnSync("dd", ["if=/dev/zero", `of=${disk}/filler-${++fillers}`, "bs=1k", "count=4000"]);
    const ended = await desk.run(...argv);
    // It cannot be written: that is not well, whatever waits.
    expect([argv, ended.code]).toEqual([argv, argv[0] === "why" ? 3 : 1]);
    expect(ended.err).toContain("the disk is full");
    isClear(ended);
    return ended.out;
  };
  expect(await look("outbox", "status")).toMatch(/^1 waiting/u);
  expect(await look("outbox", "list")).toMatch(/^1 .*CRITICAL +db/mu);
  expect(await look("outbox", "show", "1")).toContain("entity    db");
  expect(await look("why", "db")).toContain("CRITICAL");
  await look("outbox", "backup", "copy.sqlite");
  expect(readFileSync(desk.path("copy.sqlite")).length).toBeGreaterThan(10_000);
  expect(await look("outbox", "send", "--wait", "0")).toBe("");
});

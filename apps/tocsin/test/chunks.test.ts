import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { collectGarbage } from "@tocsin/adapters/host-node";
import { Chunks } from "../src/chunks.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tocsin-chunks-"));
  writeFileSync(
    join(folder, "a.cjs"),
    `(function (exports, require) { exports.early = "yes"; const b = require("./b.cjs"); exports.name = () => b.name() + require("node:path").sep; })`,
  );
  writeFileSync(
    join(folder, "b.cjs"),
    `(function (exports, require) { const { early } = require("./a.cjs"); exports.name = () => "b" + early; })`,
  );
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const kept = (cache: string, kind = ""): string[] =>
  readdirSync(join(folder, cache, `${process.version}-${process.arch}`, kind)).sort();

function nameOf(caches: readonly string[], kind?: string): string {
  const require = createRequire(import.meta.url);
  const chunks = new Chunks(
    folder,
    caches.map((one) => join(folder, one)),
    { require, kind },
  );
  const { name } = chunks.load("./a.cjs") as { name: () => string };
  const said = name();
  chunks.keep();
  return said;
}

test("files that need each other run once, without kept code and with it", () => {
  expect(nameOf(["cache"])).toBe("byes/");
  expect(kept("cache")).toEqual(["a.cjs", "b.cjs"]);
  expect(nameOf(["cache"])).toBe("byes/");
});

test("code that cannot be kept in the first place is kept in the second", () => {
  writeFileSync(join(folder, "held"), "a file");
  expect(nameOf(["held", "own"])).toBe("byes/");
  expect(kept("own")).toEqual(["a.cjs", "b.cjs"]);
});

test("a process that comes to a new file keeps the others anew, with what it called of them", () => {
  const caches = [join(folder, "cache")];
  const require = createRequire(import.meta.url);
  const first = new Chunks(folder, caches, { require });
  first.load("./b.cjs");
  first.keep();
  const path = join(folder, "cache", `${process.version}-${process.arch}`, "b.cjs");
  const before = statSync(path).size;
  writeFileSync(
    join(folder, "c.cjs"),
    `(function (exports, require) { exports.name = require("./b.cjs").name(); })`,
  );
  const second = new Chunks(folder, caches, { require });
  expect(second.load("./c.cjs")).toEqual({ name: "byes" });
  second.keep();
  expect(statSync(path).size).toBeGreaterThan(before);
});

test("code of a process that collected garbage is taken by others", () => {
  collectGarbage("young");
  nameOf(["cache"]);
  const place = join(folder, "cache", `${process.version}-${process.arch}`);
  const asked = `const { readFileSync } = require("node:fs");
    const [source, cachedData] = [readFileSync("a.cjs"), readFileSync(${JSON.stringify(join(place, "a.cjs"))})];
    console.log(new (require("node:vm").Script)(String(source), { cachedData }).cachedDataRejected);`;
  const said = execFileSync(process.execPath, ["-e", asked], { cwd: folder, encoding: "utf8" });
  expect(said).toBe("false\n");
});

/** Loads `b.cjs` and a new file, lets V8 throw away what is not called, and keeps the rest. */
const forgetful = `
import { createRequire } from "node:module";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Chunks } from ${JSON.stringify(new URL("../src/chunks.ts", import.meta.url).href)};
const [folder] = process.argv.slice(2);
const chunks = new Chunks(folder, [folder + "/cache"], { require: createRequire(import.meta.url) });
chunks.load("./b.cjs");
chunks.load("./d.cjs");
for (const flag of ["--stress-flush-code", "--expose-gc"]) setFlagsFromString(flag);
const collect = runInNewContext("gc");
for (let i = 0; i < 3; i++) collect();
chunks.keep();
`;

test("a process in which V8 threw code away does not keep the rest instead of all", () => {
  const caches = [join(folder, "cache")];
  const first = new Chunks(folder, caches, { require: createRequire(import.meta.url) });
  writeFileSync(join(folder, "c.cjs"), `(function (e, require) { require("./b.cjs").name(); })`);
  writeFileSync(join(folder, "d.cjs"), "(function () {})");
  first.load("./c.cjs");
  first.keep();
  const path = join(folder, "cache", `${process.version}-${process.arch}`, "b.cjs");
  const before = statSync(path).size;
  writeFileSync(join(folder, "forgetful.mjs"), forgetful);
  execFileSync(process.execPath, [join(folder, "forgetful.mjs"), folder]);
  expect(kept("cache")).toContain("d.cjs");
  expect(statSync(path).size).toBe(before);
});

test("kept code that is damaged is not run, but made anew", () => {
  const place = join(folder, "cache", `${process.version}-${process.arch}`);
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, "a.cjs"), "nothing of V8's");
  expect(nameOf(["cache"])).toBe("byes/");
  expect(statSync(join(place, "a.cjs")).size).toBeGreaterThan(200);
});

/** A process of its own, as V8 knows what a process has compiled: loads files and calls the first one's `name`. */
const processOfKind = `
import { createRequire } from "node:module";
import { Chunks } from ${JSON.stringify(new URL("../src/chunks.ts", import.meta.url).href)};
const [folder, kind, ...files] = process.argv.slice(2);
const loading = { require: createRequire(import.meta.url), ...(kind === "" ? {} : { kind }) };
const chunks = new Chunks(folder, [folder + "/cache"], loading);
const [{ name }] = files.map((file) => chunks.load("./" + file));
console.log(name());
chunks.keep();
`;
function runOfKind(kind: string, ...files: string[]): void {
  writeFileSync(join(folder, "process.mjs"), processOfKind);
  const said = execFileSync(process.execPath, [
    join(folder, "process.mjs"),
    folder,
    kind,
    ...files,
  ]);
  expect(String(said)).toMatch(/^byes/u);
}
const sizeOf = (file: string): number =>
  statSync(join(folder, "cache", `${process.version}-${process.arch}`, file)).size;

test("a kind of run that comes again has code of its own: what it called, and nothing else", () => {
  const more =
    "exports.other = (x) => { let all = x; for (const one of [1, 2]) all += one; return all; };";
  writeFileSync(
    join(folder, "b.cjs"),
    `(function (exports, require) { const { early } = require("./a.cjs"); exports.name = () => "b" + early; ${more} })`,
  );
  writeFileSync(
    join(folder, "c.cjs"),
    `(function (exports, require) { const b = require("./b.cjs"); exports.name = () => b.name() + b.other(1); })`,
  );
  runOfKind("", "c.cjs");
  runOfKind("script-1", "a.cjs");
  expect(kept("cache", "script-1")).toEqual([]);
  runOfKind("script-1", "a.cjs");
  expect(kept("cache", "script-1")).toEqual(["a.cjs", "b.cjs"]);
  expect(sizeOf("script-1/b.cjs")).toBeLessThan(sizeOf("b.cjs"));
  runOfKind("script-1", "a.cjs");
});

test("a kind of run that comes to a new file takes the code that all have for it", () => {
  writeFileSync(join(folder, "c.cjs"), `(function (exports) { exports.name = () => "byes"; })`);
  runOfKind("", "c.cjs");
  for (const files of [["a.cjs"], ["a.cjs"], ["a.cjs", "c.cjs"]]) runOfKind("script-1", ...files);
  expect(sizeOf("script-1/c.cjs")).toBe(sizeOf("c.cjs"));
});

test("a run that failed is no example of its kind", () => {
  const require = createRequire(import.meta.url);
  const fail = (): void => {
    const chunks = new Chunks(folder, [join(folder, "cache")], { require, kind: "script-1" });
    chunks.load("./a.cjs");
    chunks.keep(false);
  };
  fail();
  expect(kept("cache")).toEqual(["a.cjs", "b.cjs"]);
  nameOf(["cache"], "script-1");
  expect(kept("cache", "script-1")).toEqual([]);
  fail();
  expect(kept("cache")).toEqual(["a.cjs", "b.cjs"]);
  for (let i = 0; i < 2; i++) nameOf(["cache"], "script-1");
  expect(kept("cache", "script-1")).toEqual(["a.cjs", "b.cjs"]);
});

test("where many kinds of runs came, those that came once make room first, the oldest of them", () => {
  for (const kind of ["script-again", "script-again", "script-old"]) nameOf(["cache"], kind);
  for (let i = 0; i < 40; i++) nameOf(["cache"], `script-${i}`);
  const kinds = kept("cache").filter((name) => name.startsWith("script-"));
  expect(kinds).toHaveLength(32);
  expect(kinds).toEqual(expect.arrayContaining(["script-39", "script-again"]));
  expect(kinds).not.toContain("script-old");
  expect(kept("cache", "script-again")).toEqual(["a.cjs", "b.cjs"]);
});

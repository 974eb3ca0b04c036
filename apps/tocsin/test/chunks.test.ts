import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Chunks } from "../src/chunks.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tocsin-chunks-"));
  writeFileSync(
    join(folder, "a.cjs"),
    `exports.early = "yes"; const b = require("./b.cjs"); exports.name = () => b.name() + require("node:path").sep;`,
  );
  writeFileSync(
    join(folder, "b.cjs"),
    `const { early } = require("./a.cjs"); exports.name = () => "b" + early;`,
  );
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const kept = (cache: string): string[] =>
  readdirSync(join(folder, cache, `${process.version}-${process.arch}`)).sort();

function nameOf(caches: readonly string[]): string {
  const require = createRequire(import.meta.url);
  const chunks = new Chunks(
    folder,
    caches.map((one) => join(folder, one)),
    require,
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

test("kept code that is damaged is not run", () => {
  const place = join(folder, "cache", `${process.version}-${process.arch}`);
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, "a.cjs"), "nothing of V8's");
  expect(nameOf(["cache"])).toBe("byes/");
});

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { Desk } from "./terminal.ts";

const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const listPath = fileURLToPath(new URL("cold-path.txt", import.meta.url));

/** Growth that needs no look at the list: of a room a quarter and a small file, of all a tenth. */
const allowedOfRoom = (bytes: number): number => bytes * 1.25 + 2000;
const allowedOfAll = (bytes: number): number => bytes * 1.1;

/** Writes down what is loaded, and which files of the bundle are made programs; some are only read, to be at hand. */
const witness = `
const fs = require("node:fs");
const Module = require("node:module");
const told = fs.openSync(process.env.LOADED, "w");
const { _load: load } = Module;
Module._load = function (name, parent, main) {
  fs.writeSync(told, (name.startsWith("node:") ? name : Module._resolveFilename(name, parent, main)) + "\\n");
  return load.call(this, name, parent, main);
};
const vm = require("node:vm");
vm.Script = class extends vm.Script {
  constructor(source, options) {
    super(source, options);
    fs.writeSync(told, options.filename + "\\n");
    if (this.cachedDataRejected !== false) fs.writeSync(told, "compiled " + options.filename + "\\n");
  }
};
`;

const script = `import "array"
array.from(rows: [{host: "a", load: 0.5}, {host: "b", load: 0.9}])
    |> filter(fn: (r) => r.load > 0.7)
`;

/** What a run loads: built-in modules, packages, and bytes of the bundle by room. */
function loadedBy(source: string): { modules: Set<string>; rooms: Map<string, number> } {
  const desk = new Desk();
  desk.file("witness.cjs", witness);
  desk.file("a.flux", source);
  // As people run it: V8 refuses code that was kept under other flags.
  execFileSync(fileURLToPath(new URL("../bin/tocsin", import.meta.url)), ["run", "a.flux"], {
    cwd: desk.folder,
    env: { ...desk.env, LOADED: "loaded", NODE_OPTIONS: "--require ./witness.cjs" },
  });
  const sources: Record<string, [path: string, length: number][]> = JSON.parse(
    readFileSync(`${dist}sources.json`, "utf8"),
  );
  const modules = new Set<string>();
  const rooms = new Map<string, number>();
  for (const place of readFileSync(desk.path("loaded"), "utf8").trimEnd().split("\n")) {
    if (!place.startsWith(dist)) modules.add(packageOf(place));
    else
      for (const [path, length] of sources[place.slice(dist.length)] ?? []) {
        if (path.includes("node_modules/")) modules.add(packageOf(path));
        else {
          const room = path.split("/").slice(0, 2).join("/");
          rooms.set(room, (rooms.get(room) ?? 0) + length);
        }
      }
  }
  return { modules, rooms };
}

function packageOf(place: string): string {
  return /.*node_modules\/((?:@[^/]+\/)?[^/]+)/u.exec(place)?.[1] ?? place;
}

test("a three-line script loads what cold-path.txt lists, and no room grows unseen", () => {
  const { modules, rooms } = loadedBy(script);
  if (process.env["BLESS"] !== undefined) {
    const lines = [...rooms].map(([room, bytes]) => `${room} ${bytes}`).sort();
    writeFileSync(listPath, `${[...[...modules].sort(), ...lines].join("\n")}\n`);
  }
  const listed = readFileSync(listPath, "utf8").trimEnd().split("\n");
  expect(
    [...modules].filter((one) => !listed.includes(one)),
    "new on the cold path",
  ).toEqual([]);
  const weights = new Map(
    listed
      .filter((line) => line.includes(" "))
      .map((line) => {
        const [room, bytes] = line.split(" ");
        return [room, Number(bytes)];
      }),
  );
  const sum = (all: Iterable<number>): number => [...all].reduce((total, one) => total + one, 0);
  const grown = [...rooms].filter(
    ([room, bytes]) => bytes > allowedOfRoom(weights.get(room) ?? -1600),
  );
  expect(grown, "grown: look at it, then BLESS=1").toEqual([]);
  expect(sum(rooms.values())).toBeLessThan(allowedOfAll(sum(weights.values())));
});

test("the cold path holds none of what is heavy", () => {
  const { modules } = loadedBy(script);
  const heavy = /zod|pino|undici|sqlite|duckdb|temporal|re2js|smol-toml|commander|opentelemetry/u;
  expect([...modules].filter((one) => heavy.test(one))).toEqual([]);
  expect(modules).toContain("node:fs");
});

test("V8 takes the code that the build has kept for the cold path", () => {
  const { modules } = loadedBy(script);
  expect([...modules].filter((one) => one.startsWith("compiled "))).toEqual([]);
});

test("what is used is loaded, so that the lists above can fail", () => {
  const { modules } = loadedBy('import "regexp"\nx = regexp.compile(v: "a+")\n');
  expect(modules).toContain("re2js");
});

import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";
import {
  filesBelow,
  floors,
  namesIn,
  pureFloors,
  rooms,
  root,
  sources,
  type TreeFile,
} from "./tree.ts";

const all = sources();
// Statements of TypeScript end with a semicolon; those of Flux in examples do not.
const importPattern =
  /(?:^|\n)(?:import|export)\b[^;"']*?from\s*"([^"]+)"|\bimport\(\s*"([^"]+)"\s*[,)]|(?:^|\n)import\s+"([^"]+)";/gu;

function importsOf(file: TreeFile): string[] {
  return [...file.text.matchAll(importPattern)].map((match) => match[1] ?? match[2] ?? match[3]);
}

function placeOf(path: string): { floor: string; room: string } {
  const [floor, room] = path.split("/");
  return { floor, room };
}

/** Complaints about one import of one file. */
function complaint(file: TreeFile, imported: string): string | undefined {
  const from = placeOf(file.path);
  if (imported.startsWith(".")) {
    const to = placeOf(normalize(join(dirname(file.path), imported)));
    return to.floor === from.floor && to.room === from.room
      ? undefined
      : "leaves its room by a relative path";
  }
  const own = /^@tocsin\/([^/]+)\/([^/]+)$/u.exec(imported);
  if (own === null) return undefined;
  const up = floors.indexOf(own[1] as (typeof floors)[number]);
  const here = floors.indexOf(from.floor as (typeof floors)[number]);
  if (up < 0 || !rooms[own[1]].includes(own[2])) return "names no room";
  if (up > here) return "points down to a later floor";
  const earlier = rooms[from.floor].indexOf(own[2]) < rooms[from.floor].indexOf(from.room);
  return up < here || earlier ? undefined : "points to its own or a later room of its floor";
}

test("imports only point to a floor above or to an earlier room", () => {
  const wrong = all.flatMap((file) =>
    importsOf(file).flatMap((imported) => {
      const why = complaint(file, imported);
      return why === undefined ? [] : [`${file.path}: "${imported}" ${why}`];
    }),
  );
  expect(wrong).toEqual([]);
});

test("every imported package is declared", () => {
  const declared = new Map<string, Set<string>>();
  const read = (folder: string): Set<string> => {
    const manifest = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
    return new Set(Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }));
  };
  const wrong = all.flatMap((file) => {
    const [floor, room] = file.path.split("/");
    const folder = floor === "apps" ? `${floor}/${room}` : floor;
    if (!declared.has(folder)) declared.set(folder, read(folder));
    return importsOf(file)
      .filter((imported) => !imported.startsWith(".") && !imported.startsWith("node:"))
      .map((imported) =>
        imported
          .split("/")
          .slice(0, imported.startsWith("@") ? 2 : 1)
          .join("/"),
      )
      .filter((name) => name !== `@tocsin/${floor}` && declared.get(folder)?.has(name) !== true)
      .map((name) => `${file.path}: ${name} is not in ${folder}/package.json`);
  });
  expect(wrong).toEqual([]);
});

test("every declared package is imported", () => {
  const folders = [...floors.filter((floor) => floor !== "apps"), "apps/tocsin"];
  const everything = filesBelow("", ".ts");
  const wrong = folders.flatMap((folder) => {
    const manifest = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
    const declared = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
    // What people install brings what the floors inside of it import.
    const within = folder === "apps/tocsin" ? "" : `${folder}/`;
    const texts = everything.filter(({ path }) => path.startsWith(within)).map(({ text }) => text);
    return declared
      .filter((name) => !name.startsWith("@types/"))
      .filter((name) => !texts.some((text) => text.includes(`"${name}`)))
      .map((name) => `${folder}/package.json: ${name}`);
  });
  expect(wrong).toEqual([]);
});

const bannedOnPureFloors: readonly (readonly [RegExp, string])[] = [
  [/\bDate\.now\b/u, "ask the clock"],
  [/\bnew Date\(/u, "ask the clock; calendars are in data/value"],
  [/\bMath\.random\b/u, "ask the host's random"],
  [/from "node:/u, "pure floors name no platform"],
];

/** The one place that asks the platform for time zones. */
const zoneRoom = "data/value/src/zone";

test("pure floors take time, chance and zones from their ports", () => {
  const wrong = all
    .filter(({ path }) => pureFloors.includes(placeOf(path).floor))
    .flatMap(({ path, text }) => {
      const code = withoutComments(text);
      const words = bannedOnPureFloors
        .filter(([word]) => word.test(code))
        .map(([word, why]) => `${path}: ${word.source}: ${why}`);
      if (/\bIntl\./u.test(code) && !path.startsWith(zoneRoom))
        words.push(`${path}: Intl is for ${zoneRoom}* only`);
      return words;
    });
  expect(wrong).toEqual([]);
});

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//gu, "").replace(/(^|[^:"'`])\/\/[^\n]*/gu, "$1");
}

test("files say what they hold: no drawers, nothing left for later", () => {
  const drawers = /\/(?:utils?|helpers?|common|types|misc)\.ts$/u;
  const later = new RegExp(
    `\\b(?:${["TO" + "DO", "FIX" + "ME", "X".repeat(3)].join("|")})\\b`,
    "u",
  );
  const wrong = [...all, ...filesBelow("tools", ".ts"), ...filesBelow("benchmarks", ".ts")].flatMap(
    ({ path, text }) => [
      ...(drawers.test(path) ? [`${path}: name the thing that is in it`] : []),
      ...(later.test(text) ? [`${path}: finish it, or write it into the docs`] : []),
    ],
  );
  expect(wrong).toEqual([]);
});

test("source files have at most 600 lines", () => {
  const long = all.filter(({ text }) => text.split("\n").length > 601).map(({ path }) => path);
  expect(long).toEqual([]);
});

test("what a room exports is documented", () => {
  const wrong = all
    .filter(({ path }) => path.endsWith("/src/index.ts") && !path.startsWith("library/stdlib"))
    .flatMap((index) =>
      [...index.text.matchAll(/export (?:type )?\{([^}]*)\} from "(\.[^"]+)"/gu)].flatMap(
        (match) => {
          const path = normalize(join(dirname(index.path), match[2]));
          const file = all.find((one) => one.path === path);
          if (file === undefined) return [`${index.path}: ${match[2]} does not exist`];
          return namesIn(match[1])
            .filter((name) => !documented(file.text, name))
            .map((name) => `${path}: ${name}`);
        },
      ),
    );
  expect(wrong).toEqual([]);
});

function documented(text: string, name: string): boolean {
  const escaped = name.replace(/\$/gu, "\\$");
  const declaration = `export (?:declare )?(?:abstract )?(?:async )?(?:function\\*?|const|class|type|interface|let) ${escaped}\\b`;
  // A run of one-line constants or types shares the comment above its first line.
  return new RegExp(
    `\\*/\\n(?:export [^\\n]*\\n(?:  [^\\n]*\\n|\\}[^\\n]*\\n)*)*?${declaration}`,
    "u",
  ).test(text);
}

test("every diagnostic code has a page, and every page a code", () => {
  const pages = existsSync(join(root, "docs/diagnostics"))
    ? filesBelow("docs/diagnostics", ".md").map(({ path }) => path.replace(/^.*\/|\.md$/gu, ""))
    : [];
  const used = new Set(
    all.flatMap(({ text }) =>
      [...withoutComments(text).matchAll(/["'`]([EW]0\d{3})["'`]|\b([EW]0\d{3}):/gu)].map(
        (match) => match[1] ?? match[2],
      ),
    ),
  );
  expect([...used].sort()).toEqual(pages.filter((page) => /^[EW]0\d{3}$/u.test(page)).sort());
});

test("rules and operators know no function of the library by its name", () => {
  const names = filesBelow("library/stdlib/src", ".ts").flatMap(({ text }) =>
    [...text.matchAll(/\n {2,4}name: "(\w+)",\n {2,4}type:/gu)].map((match) => match[1]),
  );
  const telling = new Set(names.filter((name) => /[a-z][A-Z]/u.test(name) && name.length > 8));
  const wrong = all
    .filter(({ path }) => !path.startsWith("library/stdlib") && !path.startsWith("apps/"))
    .flatMap(({ path, text }) =>
      [...withoutComments(text).matchAll(/(?:===|!==|case)\s*"(\w+)"/gu)]
        .map((match) => match[1])
        .filter((name) => telling.has(name))
        .map((name) => `${path}: "${name}"`),
    );
  expect(wrong).toEqual([]);
});

test("every package of the standard library is listed, and every file is in its folder's index", () => {
  const files = filesBelow("library/stdlib/src", ".ts").filter(
    ({ path }) => !/src\/(?:index|packages)\.ts$/u.test(path),
  );
  const listed = readFileSync(join(root, "library/stdlib/src/packages.ts"), "utf8");
  const wrong = files.flatMap(({ path, text }) => {
    if (path.endsWith("/index.ts"))
      return listed.includes(`"./${path.slice("library/stdlib/src/".length)}"`)
        ? []
        : [`${path} is not in packages.ts`];
    if (
      !/\n?export const \w+ = (?:native|scalar|transformation|flux|constant|option)\(/u.test(text)
    )
      return [];
    const index = files.find((one) => one.path === join(dirname(path), "index.ts"));
    return index?.text.includes(`"./${path.slice(path.lastIndexOf("/") + 1)}"`) === true
      ? []
      : [`${path} is not in its index`];
  });
  expect(wrong).toEqual([]);
});

import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";
import { filesBelow, rooms, root, sources } from "./tree.ts";

const pages = [
  ...["README.md", "CHANGELOG.md"].map((path) => ({
    path,
    text: readFileSync(join(root, path), "utf8"),
  })),
  ...filesBelow("docs", ".md"),
];
const pageAt = (path: string): string => pages.find((one) => one.path === path)?.text ?? "";

/** What stands in backticks, on one line. */
function quoted(text: string): string[] {
  return [...text.matchAll(/`([^`\n]+)`/gu)].map(([, inside]) => inside);
}

test("links of the docs lead somewhere", () => {
  const wrong = pages.flatMap(({ path, text }) =>
    [...text.matchAll(/\]\((?!\w+:|#)([^)#\s]+)/gu)]
      .map(([, link]) => normalize(join(dirname(path), link)))
      .filter((place) => !existsSync(join(root, place)))
      .map((place) => `${path}: ${place}`),
  );
  expect(wrong).toEqual([]);
});

test("paths that the docs name are there", () => {
  const aPath = /^(?:[a-z-]+\/)+[\w.-]+$/u;
  const folders = new Set([
    ...Object.keys(rooms),
    "benchmarks",
    "conformance",
    "docs",
    "simulation",
    "tools",
  ]);
  const wrong = [
    "ARCHITECTURE.md",
    "INVARIANTS.md",
    "compatibility.md",
    "delivery-proof.md",
  ].flatMap((page) =>
    quoted(pageAt(`docs/${page}`))
      .filter((place) => aPath.test(place) && folders.has(place.split("/")[0]))
      .filter(
        (place) =>
          !existsSync(join(root, place)) && !existsSync(join(root, place.replace("/", "/src/"))),
      )
      .filter((place) => !isRoom(place))
      .map((place) => `${page}: ${place}`),
  );
  expect(wrong).toEqual([]);
});

function isRoom(place: string): boolean {
  return rooms[place.split("/")[0]]?.includes(place.split("/")[1]) === true;
}

test("each invariant says what keeps it and what checks it, by names that are there", () => {
  const words = new Set(sources().flatMap(({ text }) => text.match(/[\w$]+/gu) ?? []));
  const wrong = pageAt("docs/INVARIANTS.md")
    .split("\n\n")
    .filter((one) => one.startsWith("**"))
    .flatMap((one) => {
      const law = one.slice(0, one.indexOf("**", 2) + 2);
      const names = quoted(one).filter(
        (name) => /^[A-Za-z]\w+(?:\.\w+)?$/u.test(name) && !existsSync(join(root, name)),
      );
      const unknown = names.filter((name) => name.split(".").some((word) => !words.has(word)));
      return [
        ...(one.includes("*Keeps it:*") ? [] : [`${law} nobody keeps it`]),
        ...(one.includes("*Checked by:*") ? [] : [`${law} nothing checks it`]),
        ...unknown.map((name) => `${law} ${name}`),
      ];
    });
  expect(wrong).toEqual([]);
});

test("the table of rooms lists those that are there", () => {
  const table = pageAt("docs/ARCHITECTURE.md").split("## From text")[0];
  let floor = "";
  const listed = [...table.matchAll(/^\| (\w*) ?\| ([\w-]+) \|/gmu)].slice(1).map((row) => {
    floor = row[1] === "" ? floor : row[1];
    return `${floor}/${row[2]}`;
  });
  const there = Object.entries(rooms).flatMap(([name, all]) =>
    all.map((room) => `${name}/${room}`),
  );
  expect(listed).toEqual(there);
  expect(there.filter((room) => !existsSync(join(root, room, "src")))).toEqual([]);
});

test("the changelog tells each version by what was added, changed and fixed", () => {
  const headings = pageAt("CHANGELOG.md").match(/^### .*$/gmu) ?? [];
  expect(headings.filter((one) => !/^### (?:Added|Changed|Fixed|Removed)$/u.test(one))).toEqual([]);
  for (const version of pageAt("CHANGELOG.md").split(/^## /mu).slice(1)) {
    const parts = version.match(/^### .*$/gmu) ?? [];
    expect(parts).toEqual([...new Set(parts)]);
  }
});

test("the changelog tells each change once", () => {
  const begins = [...pageAt("CHANGELOG.md").matchAll(/^- (.{36})/gmu)].map(([, text]) => text);
  // A merge brings back what was moved.
  expect(begins.filter((text, at) => begins.indexOf(text) !== at)).toEqual([]);
});

test("every runtime dependency is told, with its licence", () => {
  const told = pageAt("docs/ARCHITECTURE.md").split("## Runtime dependencies")[1];
  const wrong = [...Object.keys(rooms).filter((floor) => floor !== "apps"), "apps/tocsin"].flatMap(
    (folder) => {
      const manifest = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
      return Object.keys(manifest.dependencies)
        .filter((name) => !name.startsWith("@tocsin/"))
        .filter((name) => !told.includes(name) && !told.includes(`${name.split("/").at(-1)}`))
        .map((name) => `${folder}: ${name}`);
    },
  );
  expect(wrong).toEqual([]);
});

test("decisions are numbered one by one, and each is in their list", () => {
  const all = filesBelow("docs/decisions", ".md").map(({ path }) =>
    path.slice("docs/decisions/".length),
  );
  const decisions = all.filter((name) => name !== "README.md");
  expect(decisions.map((name) => name.slice(0, 4))).toEqual(
    decisions.map((_, at) => String(at + 1).padStart(4, "0")),
  );
  const list = pageAt("docs/decisions/README.md");
  expect(decisions.filter((name) => !list.includes(`(${name})`))).toEqual([]);
});

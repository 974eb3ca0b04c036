import { expect, test } from "vitest";
import { checkScript } from "@tocsin/library/runtime";
import { libraryDocs } from "@tocsin/library/stdlib";
import { filesBelow } from "../tools/tree.ts";

/** A script on a page of the documentation. */
interface Example {
  readonly name: string;
  readonly script: string;
}

/** The scripts of a page. */
function examples(path: string, text: string): Example[] {
  return [...text.matchAll(/^```flux\n([\s\S]*?)^```$/gmu)].map(([, script], at) => ({ name: `${path}, script ${at + 1}`, script }));
}

async function codesOf(script: string): Promise<string[]> {
  const { diagnostics } = await checkScript(script, "example.flux");
  return [...new Set(diagnostics.map(({ code }) => code))];
}

test("each page of a diagnostic shows a script with this mistake alone, and then only right ones", async () => {
  const wrong: string[] = [];
  for (const { path, text } of filesBelow("docs/diagnostics", ".md")) {
    const code = /[EW]\d{4}/u.exec(path)?.[0] ?? path;
    const [broken, ...mended] = examples(path, text);
    if (broken === undefined) wrong.push(`${path}: no example`);
    else {
      const codes = await codesOf(broken.script);
      // That there are too many mistakes is reported after all the others.
      if ((code === "E0133" ? codes.at(-1) : codes.join()) !== code) wrong.push(`${broken.name}: ${codes.join(", ")}`);
    }
    wrong.push(...(await saidOf(mended)));
  }
  expect(wrong).toEqual([]);
});

test("nothing is said about any other script of the pages and of the applications", async () => {
  const shown: Example[] = filesBelow(".", ".md")
    .filter(({ path }) => !path.startsWith("docs/diagnostics/"))
    .flatMap(({ path, text }) => examples(path, text));
  // Scripts in tests are odd on purpose.
  const apps = filesBelow("apps", ".flux")
    .filter(({ path }) => !path.includes("/test/"))
    .map(({ path, text }) => ({ name: path, script: text }));
  expect(await saidOf([...shown, ...apps])).toEqual([]);
});

test("nothing is said about the examples of the library's functions", async () => {
  const all = Object.entries(await libraryDocs()).flatMap(([path, { values }]) =>
    Object.entries(values).flatMap(([member, { example }]) =>
      example === undefined ? [] : [{ name: `${path}.${member}`, script: example }],
    ),
  );
  expect(all.length).toBeGreaterThan(0);
  expect(await saidOf(all)).toEqual([]);
});

async function saidOf(all: readonly Example[]): Promise<string[]> {
  const said: string[] = [];
  for (const { name, script } of all) {
    const codes = await codesOf(script);
    if (codes.length > 0) said.push(`${name}: ${codes.join(", ")}`);
  }
  return said;
}

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { standardLibrary } from "@tocsin/library/stdlib";
import { root } from "./tree.ts";

const folder = join(root, "library/stdlib/src");

/** The files that are derived from the library's definitions, by name. */
export const derived = ["signatures.json", "docs.json"] as const;

/**
 * The library as data, so that the checker and editors load no code of it: its types, which every run
 * reads, and apart from them its docs and examples.
 */
export async function signatures(): Promise<Record<(typeof derived)[number], string>> {
  const packages: Record<string, unknown> = {};
  const documented: Record<string, unknown> = {};
  for (const path of standardLibrary.paths) {
    const definition = await standardLibrary.load(path);
    if (definition === undefined) throw new Error(`package ${path} is listed but does not load`);
    const values: Record<string, unknown> = {};
    const docs: Record<string, unknown> = {};
    for (const member of [...definition.members].sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const option = member.form !== "native" && member.option === true;
      values[member.name] = {
        type: member.type.replace(/\s+/gu, " ").trim(),
        ...(option ? { option } : {}),
        ...(member.form === "native" && member.effect !== "pure" ? { effect: member.effect } : {}),
      };
      docs[member.name] = {
        docs: member.docs,
        ...(member.example === undefined ? {} : { example: member.example }),
      };
    }
    const name = definition.name ?? path.slice(path.lastIndexOf("/") + 1);
    packages[path] = { name, values };
    documented[path] = { docs: definition.docs, values: docs };
  }
  const { prelude } = standardLibrary;
  return {
    "signatures.json": `${JSON.stringify({ prelude, packages }, null, 1)}\n`,
    "docs.json": `${JSON.stringify(documented, null, 1)}\n`,
  };
}

if (process.argv[1]?.endsWith("signatures.ts") === true) {
  for (const [name, text] of Object.entries(await signatures()))
    writeFileSync(join(folder, name), text);
}

/** What a derived file holds now. */
export function stored(name: (typeof derived)[number]): string {
  return readFileSync(join(folder, name), "utf8");
}

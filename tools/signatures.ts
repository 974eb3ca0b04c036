import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { standardLibrary } from "@tocsin/library/stdlib";
import { root } from "./tree.ts";

const path = join(root, "library/stdlib/src/signatures.json");

/** The library's types and docs as data, so that the checker and editors load no code of it. */
export async function signatures(): Promise<string> {
  const packages: Record<string, unknown> = {};
  for (const path of standardLibrary.paths) {
    const definition = await standardLibrary.load(path);
    if (definition === undefined) throw new Error(`package ${path} is listed but does not load`);
    const values: Record<string, unknown> = {};
    for (const member of [...definition.members].sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const option = member.form !== "native" && member.option === true;
      values[member.name] = {
        type: member.type.replace(/\s+/gu, " ").trim(),
        ...(option ? { option } : {}),
        ...(member.form === "native" && member.effect !== "pure" ? { effect: member.effect } : {}),
        docs: member.docs,
        ...(member.example === undefined ? {} : { example: member.example }),
      };
    }
    packages[path] = {
      name: definition.name ?? path.slice(path.lastIndexOf("/") + 1),
      docs: definition.docs,
      values,
    };
  }
  return `${JSON.stringify({ prelude: standardLibrary.prelude, packages }, null, 1)}\n`;
}

if (process.argv[1]?.endsWith("signatures.ts") === true) {
  writeFileSync(path, await signatures());
}

/** What is stored now. */
export function storedSignatures(): string {
  return readFileSync(path, "utf8");
}

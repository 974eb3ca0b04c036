import { readFileSync, writeFileSync } from "node:fs";

/**
 * A golden case: a head of `key: value` lines, then sections that begin with `--- name`. Sections `data
 * BUCKET` (line protocol), `script` and `secrets` are input; `table`, `diagnostics`, `requests`, `errors`,
 * `ast`, `types` and `plan` are what is expected, and what `npm run bless` writes.
 */
export interface Golden {
  readonly path: string;
  readonly head: ReadonlyMap<string, string>;
  readonly sections: ReadonlyMap<string, string>;
}

/** The sections that are compared with Tocsin's answer. */
export const answers = ["diagnostics", "fixed", "table", "requests", "errors", "ast", "types", "plan"] as const;

export function readGolden(path: string): Golden {
  const [top, ...parts] = readFileSync(path, "utf8").split(/^--- /mu);
  const head = new Map<string, string>();
  for (const line of top.split("\n")) {
    const at = line.indexOf(":");
    if (at > 0) head.set(line.slice(0, at).trim(), line.slice(at + 1).trim());
  }
  const sections = new Map<string, string>();
  for (const part of parts) {
    const end = part.indexOf("\n");
    sections.set(part.slice(0, end).trim(), part.slice(end + 1));
  }
  return { path, head, sections };
}

/** Writes a case with the answers of `answered` as the expected ones. */
export function writeGolden(golden: Golden, answered: ReadonlyMap<string, string>): void {
  const head = [...golden.head].map(([key, value]) => `${key}: ${value}\n`).join("");
  const sections = [...golden.sections].map(([name, text]) => `--- ${name}\n${answered.get(name) ?? text}`);
  writeFileSync(golden.path, `${head}${sections.join("")}`);
}

import { readFileSync, writeFileSync } from "node:fs";

import { Oracle } from "./oracle.ts";

/*
 * Asks the oracle again for the type of every name in `signatures-0.193.json` and writes the file:
 * `node language/semantic/test/derive-signatures.ts`. Only needed when the oracle changes.
 */
const file = new URL("./signatures-0.193.json", import.meta.url);
const table = JSON.parse(readFileSync(file, "utf8")) as Record<string, Record<string, string>>;
const oracle = await Oracle.start();
for (const [path, members] of Object.entries(table)) {
  for (const key of Object.keys(members)) {
    const name = key.replace("!", "");
    const use = path === "universe" ? `m = ${name}` : `import p "${path}"\nm = p.${name}`;
    const type = (await oracle.ask(use, ["m"]))?.types.get("m");
    if (type === undefined) throw new Error(`the oracle does not know ${path}.${name}`);
    // It prints vectors as its own grammar does not read them.
    members[key] = type.replaceAll(/\bv\[/g, "vector[");
  }
}
writeFileSync(file, `${JSON.stringify(table, null, 2)}\n`);
process.exit(0);

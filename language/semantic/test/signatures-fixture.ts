import { readFileSync } from "node:fs";

import type { PackageSignatures, Signatures, ValueSignature } from "@tocsin/language/semantic";

/*
 * The types of upstream's standard library at version 0.193, as the oracle prints them: what the
 * checker is compared with. `derive-signatures.ts` writes the file; `!` marks an option.
 */
const file = new URL("./signatures-0.193.json", import.meta.url);
const table = JSON.parse(readFileSync(file, "utf8")) as Record<string, Record<string, string>>;

function packageOf(path: string): PackageSignatures {
  const values: Record<string, ValueSignature> = {};
  for (const [key, type] of Object.entries(table[path])) {
    const option = key.endsWith("!");
    values[option ? key.slice(0, -1) : key] = { type, option };
  }
  if (path === "contrib/bonitoo-io/victorops") values["event"] = values["alert"];
  return { name: path.slice(path.lastIndexOf("/") + 1), values };
}

const packages = new Map(Object.keys(table).map((path) => [path, packageOf(path)]));

/** The standard library as upstream types it, with the few names of Tocsin's own. */
export const signatures: Signatures = {
  package: (path) => packages.get(path),
  paths: () => packages.keys(),
  prelude: ["internal/boolean", "internal/location", "universe", "influxdata/influxdb"],
};

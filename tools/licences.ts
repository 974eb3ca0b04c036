import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./tree.ts";

/** The texts under which the packages of a bundle may be passed on. `paths`: its sources, below the root. */
export function licencesOf(paths: Iterable<string>): string {
  const folders = new Set<string>();
  for (const path of paths) {
    const found = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/u.exec(path);
    if (found !== null) folders.add(found[0]);
  }
  return [...folders].sort().map(licenceOf).join("\n");
}

function licenceOf(folder: string): string {
  const place = join(root, folder);
  const { name, version, license } = JSON.parse(readFileSync(join(place, "package.json"), "utf8"));
  const files = readdirSync(place).filter((one) => /^(?:licen[cs]e|notice|copying)/iu.test(one));
  const texts = files.map((one) => join(place, one)).map((one) => readFileSync(one, "utf8").trim());
  return `${[`${name} ${version} (${license})`, ...texts].join("\n\n")}\n`;
}

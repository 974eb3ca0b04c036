import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** Folder of the repository. */
export const root = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/u, "");

/** Floors from the top; imports only point upwards. */
export const floors = [
  "platform",
  "language",
  "data",
  "alerting",
  "engine",
  "library",
  "adapters",
  "apps",
] as const;

/** Rooms of each floor from the earliest; imports within a floor only point to earlier ones. */
export const rooms: Readonly<Record<string, readonly string[]>> = {
  platform: ["host"],
  language: ["syntax", "semantic"],
  data: ["value", "column", "codec"],
  alerting: ["oncall", "delivery"],
  engine: ["expression", "plan", "execute", "interpret"],
  library: ["stdlib", "lint", "runtime", "backtest"],
  adapters: ["host-node", "outbox", "buckets", "databases", "telemetry"],
  apps: ["tocsin"],
};

/** Floors on which no network, file, timer or console can be named. */
export const pureFloors: readonly string[] = [
  "platform",
  "language",
  "data",
  "alerting",
  "engine",
  "library",
];

/** A file of the tree, its path relative to the root. */
export interface TreeFile {
  readonly path: string;
  readonly text: string;
}

const passedOver = new Set(["node_modules", "dist", ".git"]);

/** All files below `folder` whose name ends in `ending`, sorted. */
export function filesBelow(folder: string, ending: string): TreeFile[] {
  const found: TreeFile[] = [];
  const visit = (path: string): void => {
    for (const name of readdirSync(path).sort()) {
      if (passedOver.has(name)) continue;
      const full = join(path, name);
      if (statSync(full).isDirectory()) visit(full);
      else if (name.endsWith(ending))
        found.push({ path: relative(root, full), text: readFileSync(full, "utf8") });
    }
  };
  visit(join(root, folder));
  return found;
}

/** Source files of the floors: what ships. */
export function sources(): TreeFile[] {
  return floors
    .flatMap((floor) => filesBelow(floor, ".ts"))
    .filter(({ path }) => path.includes("/src/"));
}

/** The names in the braces of an import or export, as the file that they come from calls them. */
export function namesIn(list: string): string[] {
  return list
    .split(",")
    .map(
      (one) =>
        one
          .trim()
          .replace(/^type /u, "")
          .split(" as ")[0],
    )
    .filter((name) => name !== "");
}

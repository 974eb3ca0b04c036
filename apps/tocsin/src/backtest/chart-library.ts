import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** uPlot's code and styles, as they go into a page. */
export interface ChartLibrary {
  readonly script: string;
  readonly style: string;
}

const code = "uPlot.iife.min.js";

/** The build puts the files beside the bundle; in the repository they are in node_modules. */
export function chartLibrary(): ChartLibrary {
  const built = join(import.meta.dirname, "..", "uplot");
  const folder = existsSync(join(built, code))
    ? built
    : dirname(createRequire(import.meta.filename).resolve(`uplot/dist/${code}`));
  const read = (name: string): string => readFileSync(join(folder, name), "utf8");
  return { script: read(code), style: read("uPlot.min.css") };
}

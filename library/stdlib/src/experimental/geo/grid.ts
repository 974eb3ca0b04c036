import { array, int, invalid, record, string } from "@tocsin/data/value";
import { type Arguments, native } from "@tocsin/engine/interpret";
import { s2 } from "s2js";
import { FINEST_LEVEL } from "./cell.ts";
import { areaOf } from "./contains.ts";
import { regionOf } from "./shape.ts";
import { earthRadius } from "./units.ts";

/** Cells at which a search for a grid ends, when the script gives no `maxSize`. */
const MOST_CELLS = 100;

/** More cells than this take too long to find, and each row would be compared with all of them. */
const BEARABLE_CELLS = 100_000;

interface Grid {
  readonly level: number;
  readonly cells: readonly s2.cellid.CellID[];
}

type Area = NonNullable<ReturnType<typeof areaOf>>;

function gridAt(area: Area, level: number): Grid {
  const options = { minLevel: level, maxLevel: level, maxCells: MOST_CELLS };
  return { level, cells: [...new s2.RegionCoverer(options).covering(area)] };
}

/** How many cells of a level an area has at least, on average. */
const fewest = (area: Area, level: number): number =>
  (area.area() / (4 * Math.PI)) * 6 * 4 ** level;

function gridOfLevel(area: Area, level: number): Grid {
  if (level > FINEST_LEVEL)
    throw invalid(`geo.getGrid: level is ${level}: the finest is ${FINEST_LEVEL}`);
  const cells = fewest(area, level);
  if (cells > BEARABLE_CELLS)
    throw invalid(
      `geo.getGrid: at level ${level} the region has ${Math.round(cells)} cells`,
      "give a lower level, or minSize and maxSize",
    );
  return gridAt(area, level);
}

/** The wanted number of cells. `atLeast`: 0 for as many as `atMost` lets be. */
interface Size {
  readonly atLeast: number;
  readonly atMost: number;
}

/** The coarsest grid of enough cells. One of fewer will do when data has no finer cells than `maxLevel`. */
function gridOfSize(area: Area, { atLeast, atMost }: Size, maxLevel: number): Grid | undefined {
  let found: Grid | undefined;
  const finest = maxLevel > 0 ? maxLevel : FINEST_LEVEL;
  for (let level = 1; level <= finest && fewest(area, level) <= BEARABLE_CELLS; level++) {
    const grid = gridAt(area, level);
    if (grid.cells.length > atMost) break;
    found = grid;
    if (atLeast > 0 && grid.cells.length >= atLeast) break;
  }
  const few = found !== undefined && found.cells.length < atLeast;
  return few && maxLevel <= 0 ? undefined : found;
}

function sizeOf(args: Arguments): Size {
  const [atLeast, atMost] = [args.count("minSize", -1), args.count("maxSize", -1)];
  if (atLeast <= 0 && atMost <= 0) throw invalid("geo.getGrid: give level, minSize or maxSize");
  if (atMost > 0 && atLeast > atMost)
    throw invalid(`${args.function}: minSize is ${atLeast}, but maxSize ${atMost}`);
  return { atLeast: Math.max(0, atLeast), atMost: atMost > 0 ? atMost : MOST_CELLS };
}

export const getGrid = native({
  name: "getGrid",
  type: `(region: T, ?minSize: int, ?maxSize: int, ?level: int, ?maxLevel: int, units: {distance: string})
    => {level: int, set: [string]} where T: Record`,
  docs:
    "S2 cells of one level that cover a region (box, circle, polygon): their level and their " +
    "tokens. Either of `level`, or of the coarsest level up to `maxLevel` with at least `minSize` " +
    "cells, and at most `maxSize` (100 when not given). Without any, the level is -1.",
  example: `import "array"
import "experimental/geo"
grid = geo.getGrid(region: {lat: 40.7, lon: -73.9, radius: 5.0}, minSize: 5, units: {distance: "km"})
array.from(rows: [{level: grid.level, cells: length(arr: grid.set), first: grid.set[0]}])`,
  call: (args) => {
    const region = regionOf(args, "region");
    const area = areaOf(region, earthRadius(args));
    if (area === undefined)
      throw invalid(
        `geo.getGrid: region should be a box, circle or polygon, but is a ${region.kind}`,
      );
    const [level, maxLevel] = [args.count("level", -1), args.count("maxLevel", -1)];
    if (maxLevel > FINEST_LEVEL)
      throw invalid(`${args.function}: maxLevel is ${maxLevel}: the finest is ${FINEST_LEVEL}`);
    const grid = level >= 0 ? gridOfLevel(area, level) : gridOfSize(area, sizeOf(args), maxLevel);
    const cells = grid?.cells ?? [];
    return record({
      level: int(grid === undefined || cells.length === 0 ? -1n : BigInt(grid.level)),
      set: array(cells.map((cell) => string(s2.cellid.toToken(cell)))),
    });
  },
});

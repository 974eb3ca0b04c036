import { definePackage } from "@tocsin/engine/interpret";
import { cells } from "./cell.ts";
import { contains, stContains } from "./contains.ts";
import { distances } from "./distance.ts";
import { filters } from "./filters.ts";
import { getGrid } from "./grid.ts";
import { rowFunctions } from "./rows.ts";
import { units } from "./units.ts";

export const packageDefinition = definePackage({
  path: "experimental/geo",
  docs:
    "Points on the earth, with latitude and longitude in degrees: which lie in a region, how far apart they " +
    "are, in which cell of the S2 library they lie. A region is a record of floats: a box `{minLat, maxLat, " +
    "minLon, maxLon}`, a circle `{lat, lon, radius}` or a polygon `{points: [{lat, lon}, …]}`. A geometry is a " +
    'point `{lat, lon}` or a line `{linestring: "lon lat, lon lat, …"}`.',
  imports: ["experimental", "influxdata/influxdb/schema"],
  members: [
    ...cells,
    contains,
    ...distances,
    ...filters,
    getGrid,
    ...rowFunctions,
    stContains,
    units,
  ],
});

import { bool, invalid } from "@tocsin/data/value";
import { flux, native } from "@tocsin/engine/interpret";
import { s2 } from "s2js";
import { regionOf, type Shape, shapeOf } from "./shape.ts";
import { earthRadius } from "./units.ts";

/** A region as S2 has it, or undefined for a shape that encloses nothing. `radius`: of the earth. */
export function areaOf(shape: Shape, radius: number): s2.Cap | s2.Rect | s2.Loop | undefined {
  switch (shape.kind) {
    case "circle":
      return s2.Cap.fromCenterAngle(shape.centre, shape.radius / radius);
    case "box":
      return shape.rect;
    case "polygon":
      return shape.loop;
    default:
      return undefined;
  }
}

export const stContains = native({
  name: "stContains",
  type: `(region: A, geometry: B, units: {distance: string}) => bool where A: Record, B: Record`,
  docs: "As `ST_Contains`, with the units given.",
  example: `import "array"
import "experimental/geo"
array.from(rows: [{near: geo.stContains(
    region: {lat: 40.7, lon: -73.9, radius: 12.5},
    geometry: {lat: 40.75, lon: -73.99},
    units: {distance: "mile"},
)}])`,
  call: (args) => {
    const region = regionOf(args, "region");
    const area = areaOf(region, earthRadius(args));
    if (area === undefined)
      throw invalid(
        `geo.stContains: region should be a box, circle or polygon, but is a ${region.kind}`,
      );
    const geometry = shapeOf(args, "geometry");
    if (geometry.kind === "point" || geometry.kind === "linestring")
      return bool(geometry.points.every((point) => area.containsPoint(point)));
    throw invalid(
      `geo.stContains: geometry should be a point or linestring, but is a ${geometry.kind}`,
    );
  },
});

export const contains = flux({
  name: "ST_Contains",
  type: `(region: A, geometry: B, ?units: {distance: string}) => bool where A: Record, B: Record`,
  docs:
    "Whether a region (box, circle, polygon) contains a point, or all points of a linestring. A " +
    "circle's radius is in `units`, which are those of `option geo.units` when not given.",
  example: `import "array"
import "experimental/geo"
array.from(rows: [{in: geo.ST_Contains(
    region: {minLat: 40.5, maxLat: 40.9, minLon: -74.1, maxLon: -73.6},
    geometry: {linestring: "-73.99 40.75, -73.87 40.77"},
)}])`,
  source: `(region, geometry, units=units) =>
    stContains(region: region, geometry: geometry, units: units)`,
});

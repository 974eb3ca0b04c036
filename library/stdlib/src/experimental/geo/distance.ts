import { float, invalid } from "@tocsin/data/value";
import { type Arguments, type Definition, flux, native } from "@tocsin/engine/interpret";
import { s1, s2 } from "s2js";
import { regionOf, ring, type Shape, shapeOf } from "./shape.ts";
import { earthRadius } from "./units.ts";

type Path = readonly s2.Point[];

/** The angle between two paths of one point or more. */
function apart(one: Path, other: Path): number {
  if (one.length === 1 && other.length === 1) return one[0].distance(other[0]);
  let least = s1.chordangle.infChordAngle();
  for (const target of targets(one)) {
    if (other.length === 1) least = target.updateMinDistanceToPoint(other[0], least).distance;
    for (let i = 1; i < other.length; i++)
      least = target.updateMinDistanceToEdge(other[i - 1], other[i], least).distance;
  }
  return s1.chordangle.angle(least);
}

function targets(path: Path): (s2.EdgeQueryPointTarget | s2.EdgeQueryEdgeTarget)[] {
  if (path.length === 1) return [new s2.EdgeQueryPointTarget(path[0])];
  return path.slice(1).map((point, i) => new s2.EdgeQueryEdgeTarget(path[i], point));
}

/** The angle from a ring, which holds nothing beyond its edges when the path is in it. */
function fromRing(loop: s2.Loop, path: Path): number {
  if (path.some((point) => loop.containsPoint(point))) return 0;
  return apart([...loop.vertices, loop.vertices[0]], path);
}

/** A box's sides to the north and south are parallels: the nearest point is on the same meridian, or on a side. */
function fromBox(rect: s2.Rect, point: s2.Point): number {
  const { lat, lng } = s2.LatLng.fromPoint(point);
  if (rect.lng.contains(lng)) return Math.max(0, lat - rect.lat.hi, rect.lat.lo - lat);
  const sides = [rect.lng.lo, rect.lng.hi].map((side) =>
    apart(
      [point],
      [rect.lat.lo, rect.lat.hi].map((end) => s2.Point.fromLatLng(new s2.LatLng(end, side))),
    ),
  );
  return Math.min(...sides);
}

/** The angle between a region and a path; 0 when they touch. `radius`: of the earth. */
function between(region: Shape, path: Path, radius: number): number {
  switch (region.kind) {
    case "circle":
      return Math.max(0, apart([region.centre], path) - region.radius / radius);
    case "polygon":
      return fromRing(region.loop, path);
    case "box":
      return path.length === 1
        ? fromBox(region.rect, path[0])
        : fromRing(ring(region.corners), path);
    default:
      return apart(region.points, path);
  }
}

function pathOf(args: Arguments): Path {
  const shape = shapeOf(args, "geometry");
  if (shape.kind === "point" || shape.kind === "linestring") return shape.points;
  throw invalid(
    `${args.function}: geometry should be a point or linestring, but is a ${shape.kind}`,
  );
}

const stDistance = native({
  name: "stDistance",
  type: `(region: A, geometry: B, units: {distance: string}) => float where A: Record, B: Record`,
  docs: "As `ST_Distance`, with the units given.",
  example: `import "array"
import "experimental/geo"
array.from(rows: [{away: geo.stDistance(
    region: {lat: 40.7, lon: -73.9},
    geometry: {lat: 40.75, lon: -73.99},
    units: {distance: "m"},
)}])`,
  call: (args) => {
    const radius = earthRadius(args);
    return float(radius * between(regionOf(args, "region"), pathOf(args), radius));
  },
});

const stLength = native({
  name: "stLength",
  type: "(geometry: A, units: {distance: string}) => float where A: Record",
  docs: "As `ST_Length`, with the units given.",
  example: `import "array"
import "experimental/geo"
array.from(rows: [{length: geo.stLength(
    geometry: {linestring: "39.7515 14.01433, 38.3527 13.9228, 36.9978 15.08433"},
    units: {distance: "mile"},
)}])`,
  call: (args) => {
    const radius = earthRadius(args);
    const path = pathOf(args);
    let angle = 0;
    for (let i = 1; i < path.length; i++) angle += path[i - 1].distance(path[i]);
    return float(radius * angle);
  },
});

/** Distances between a region (box, circle, polygon, point) and a geometry (point, linestring), and lengths. */
export const distances: readonly Definition[] = [
  stDistance,
  stLength,
  flux({
    name: "ST_Distance",
    type: `(region: A, geometry: B, ?units: {distance: string}) => float where A: Record, B: Record`,
    docs:
      "How far a point or a linestring is from a region (box, circle, polygon, point, linestring) " +
      "over the surface of the earth; 0 when it touches it.",
    example: `import "array"
import "experimental/geo"
array.from(rows: [{kilometres: geo.ST_Distance(
    region: {lat: 40.7, lon: -73.9, radius: 5.0},
    geometry: {linestring: "-73.99 40.75, -73.87 40.77"},
)}])`,
    source: `(region, geometry, units=units) =>
    stDistance(region: region, geometry: geometry, units: units)`,
  }),
  flux({
    name: "ST_DWithin",
    type: `(region: A, geometry: B, distance: C, ?units: {distance: string}) => bool
    where A: Record, B: Record, C: Comparable + Equatable`,
    docs: "Whether a point or a linestring is at most `distance` from a region.",
    example: `import "array"
import "experimental/geo"
array.from(rows: [{near: geo.ST_DWithin(
    region: {lat: 40.7, lon: -73.9},
    geometry: {lat: 40.75, lon: -73.99},
    distance: 15.0,
)}])`,
    source: `(region, geometry, distance, units=units) =>
    stDistance(region: region, geometry: geometry, units: units) <= distance`,
  }),
  flux({
    name: "ST_Intersects",
    type: `(region: A, geometry: B, ?units: {distance: string}) => bool where A: Record, B: Record`,
    docs: "Whether a point or a linestring touches a region.",
    example: `import "array"
import "experimental/geo"
array.from(rows: [{crosses: geo.ST_Intersects(
    region: {lat: 40.7, lon: -73.9, radius: 15.0},
    geometry: {linestring: "-73.99 40.75, -73.87 40.77"},
)}])`,
    source: `(region, geometry, units=units) =>
    stDistance(region: region, geometry: geometry, units: units) <= 0.0`,
  }),
  flux({
    name: "ST_Length",
    type: "(geometry: A, ?units: {distance: string}) => float where A: Record",
    docs: "The length of a linestring over the surface of the earth; of a point it is 0.",
    example: `import "array"
import "experimental/geo"
array.from(rows: [{kilometres: geo.ST_Length(
    geometry: {linestring: "39.7515 14.01433, 38.3527 13.9228, 36.9978 15.08433"},
)}])`,
    source: `(geometry, units=units) => stLength(geometry: geometry, units: units)`,
  }),
];

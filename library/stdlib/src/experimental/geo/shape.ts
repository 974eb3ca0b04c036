import { invalid, kindName, parseFloat64, type RecordValue, type Value } from "@tocsin/data/value";
import type { Arguments } from "@tocsin/engine/interpret";
import { r1, s1, s2 } from "s2js";

/** What a script says with a record: a region, or a geometry (a point or a line). */
export type Shape =
  | { readonly kind: "point"; readonly points: readonly [s2.Point] }
  | { readonly kind: "linestring"; readonly points: readonly s2.Point[] }
  | { readonly kind: "circle"; readonly centre: s2.Point; readonly radius: number }
  | { readonly kind: "box"; readonly rect: s2.Rect; readonly corners: readonly s2.Point[] }
  | { readonly kind: "polygon"; readonly loop: s2.Loop };

const kinds = [
  { kind: "point", fields: ["lat", "lon"] },
  { kind: "circle", fields: ["lat", "lon", "radius"] },
  { kind: "box", fields: ["minLat", "maxLat", "minLon", "maxLon"] },
  { kind: "polygon", fields: ["points"] },
  { kind: "linestring", fields: ["linestring"] },
] as const;

/** Regions that were read: a row function gets the same record for each row. */
const known = new WeakMap<RecordValue, Shape>();

/** The region that an argument describes. A circle's radius stays in the unit of the script. */
export function regionOf(args: Arguments, name: string): Shape {
  const region = args.record(name);
  let shape = known.get(region);
  if (shape === undefined) known.set(region, (shape = shapeOf(args, name)));
  return shape;
}

/** The shape that an argument describes. */
export function shapeOf(args: Arguments, name: string): Shape {
  const value = args.record(name);
  const where = `${args.function}: ${name}`;
  const found = kinds.find(
    ({ fields }) =>
      fields.length === value.fields.size && fields.every((field) => value.fields.has(field)),
  );
  switch (found?.kind) {
    case "point":
      return { kind: "point", points: [pointOf(value, where)] };
    case "circle":
      return { kind: "circle", centre: pointOf(value, where), radius: radiusOf(value, where) };
    case "box":
      return boxOf(value, where);
    case "polygon":
      return polygonOf(value, where);
    case "linestring":
      return lineOf(value, where);
    case undefined:
      throw invalid(
        `${where} is no shape: it has ${[...value.fields.keys()].join(", ") || "no fields"}`,
        `a shape has exactly the fields of one of these: ${kinds
          .map(({ kind, fields }) => `${kind} (${fields.join(", ")})`)
          .join("; ")}`,
      );
  }
}

/** The point of a record's `lat` and `lon`. */
export function pointOf(value: RecordValue, where: string): s2.Point {
  const latitude = latitudeOf(value, "lat", where);
  return pointAt(latitude, numberOf(value.fields.get("lon"), `${where}.lon`));
}

const pointAt = (latitude: number, longitude: number): s2.Point =>
  s2.Point.fromLatLng(s2.LatLng.fromDegrees(latitude, longitude));

function numberOf(value: Value | undefined, where: string): number {
  if (value?.kind === "float" && Number.isFinite(value.value)) return value.value;
  if (value?.kind === "null")
    throw invalid(
      `${where} is null`,
      "leave such rows out: filter(fn: (r) => exists r.lat and exists r.lon)",
    );
  const found =
    value === undefined ? "missing" : value.kind === "float" ? `${value.value}` : kindName(value);
  throw invalid(`${where} should be a finite float, but is ${found}`);
}

function latitudeOf(value: RecordValue, field: string, where: string): number {
  return checkedLatitude(
    numberOf(value.fields.get(field), `${where}.${field}`),
    `${where}.${field}`,
  );
}

function checkedLatitude(latitude: number, where: string): number {
  if (Math.abs(latitude) <= 90) return latitude;
  throw invalid(
    `${where} is ${latitude}: a latitude lies between -90 and 90`,
    "were latitude and longitude swapped?",
  );
}

function radiusOf(value: RecordValue, where: string): number {
  const radius = numberOf(value.fields.get("radius"), `${where}.radius`);
  if (radius < 0) throw invalid(`${where}.radius is negative: ${radius}`);
  return radius;
}

/** Bounds may come in either order, so that no box crosses the 180th meridian. */
function boxOf(value: RecordValue, where: string): Shape {
  const [south, north] = ordered(["minLat", "maxLat"].map((one) => latitudeOf(value, one, where)));
  const [west, east] = ordered(
    ["minLon", "maxLon"].map((field) => {
      const longitude = numberOf(value.fields.get(field), `${where}.${field}`);
      if (Math.abs(longitude) <= 180) return longitude;
      throw invalid(
        `${where}.${field} is ${longitude}: longitudes of a box lie between -180 and 180`,
        "a polygon may cross the 180th meridian",
      );
    }),
  );
  const [low, high] = [s2.LatLng.fromDegrees(south, west), s2.LatLng.fromDegrees(north, east)];
  return {
    kind: "box",
    rect: new s2.Rect(new r1.Interval(low.lat, high.lat), new s1.Interval(low.lng, high.lng)),
    corners: [
      pointAt(south, west),
      pointAt(south, east),
      pointAt(north, east),
      pointAt(north, west),
    ],
  };
}

const ordered = (bounds: number[]): number[] => bounds.toSorted((a, b) => a - b);

function polygonOf(value: RecordValue, where: string): Shape {
  const points = value.fields.get("points");
  if (points?.kind !== "array" || points.elements.length < 3)
    throw invalid(`${where}.points should be an array of at least 3 points with lat and lon`);
  const vertices = points.elements.map((point, i) => {
    if (point.kind === "record") return pointOf(point, `${where}.points[${i}]`);
    throw invalid(`${where}.points[${i}] should have lat and lon, but is ${kindName(point)}`);
  });
  return { kind: "polygon", loop: ring(vertices) };
}

/** What lies within a closed path, whichever way it goes round: the smaller part of the earth. */
export function ring(vertices: readonly s2.Point[]): s2.Loop {
  const loop = new s2.Loop([...vertices]);
  if (loop.area() >= 2 * Math.PI) loop.invert();
  return loop;
}

function lineOf(value: RecordValue, where: string): Shape {
  const text = value.fields.get("linestring");
  if (text?.kind !== "string")
    throw invalid(`${where}.linestring should be string, but is ${kindName(text as Value)}`);
  const points = text.value.split(",").map((pair) => {
    const [longitude, latitude] = pair
      .trim()
      .split(/\s+/u)
      .map((text) => parseFloat64(text));
    if (typeof longitude === "number" && typeof latitude === "number" && Number.isFinite(longitude))
      return pointAt(checkedLatitude(latitude, `${where}.linestring`), longitude);
    throw invalid(
      `${where}.linestring holds "${pair.trim()}" where a longitude and a latitude should be`,
      'for instance "39.7515 14.0143, 38.3527 13.9228"',
    );
  });
  return points.length === 1
    ? { kind: "point", points: [points[0]] }
    : { kind: "linestring", points };
}

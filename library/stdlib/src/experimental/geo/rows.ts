import { type Definition, flux } from "@tocsin/engine/interpret";

const toRows = flux({
  name: "toRows",
  type: "(<-tables: stream[A]) => stream[B] where A: Record, B: Record",
  docs: "Fields as columns, so that each row is a point with `lat` and `lon`: `schema.fieldsAsCols()`.",
  example: `import "array"
import "experimental/geo"
array.from(rows: [
    {_time: 2026-01-01T00:00:00Z, id: "a", _field: "lat", _value: 40.7},
    {_time: 2026-01-01T00:00:00Z, id: "a", _field: "lon", _value: -73.9},
])
    |> group(columns: ["id", "_field"])
    |> geo.toRows()`,
  source: "(tables=<-) => tables |> schema.fieldsAsCols()",
});

const shapeData = flux({
  name: "shapeData",
  type: `(<-tables: stream[{C with _field: string}], latField: A, lonField: B, level: int) =>
    stream[{D with lat: float, lon: float, s2_cell_id: string}] where A: Equatable, B: Equatable`,
  docs:
    "Makes points of fields: the fields that hold latitude and longitude become the columns `lat` and " +
    "`lon`, and `s2_cell_id`, the S2 cell of `level`, joins the group key.",
  example: `import "array"
import "experimental/geo"
array.from(rows: [
    {_time: 2026-01-01T00:00:00Z, id: "a", _field: "latitude", _value: 40.7},
    {_time: 2026-01-01T00:00:00Z, id: "a", _field: "longitude", _value: -73.9},
])
    |> group(columns: ["id", "_field"])
    |> geo.shapeData(latField: "latitude", lonField: "longitude", level: 10)`,
  source: `(tables=<-, latField, lonField, level) => {
    named = (field) => if field == latField then "lat" else if field == lonField then "lon" else field

    return
        tables
            |> map(fn: (r) => ({r with _field: named(field: r._field)}))
            |> toRows()
            |> map(fn: (r) => ({r with s2_cell_id: s2CellIDToken(point: {lat: r.lat, lon: r.lon}, level: level)}))
            |> experimental.group(columns: ["s2_cell_id"], mode: "extend")
}`,
});

const lineString = flux({
  name: "ST_LineString",
  type: "(<-tables: stream[{C with lat: B, lon: A}]) => stream[D] where D: Record",
  docs:
    "One row a table, with `st_linestring`: its points in the order of the rows, as the field " +
    "`linestring` of a geometry has them.",
  example: `import "array"
import "experimental/geo"
array.from(rows: [
    {id: "a", lat: 14.01433, lon: 39.7515},
    {id: "a", lat: 13.9228, lon: 38.3527},
])
    |> group(columns: ["id"])
    |> geo.ST_LineString()`,
  source: `(tables=<-) =>
    tables
        |> reduce(
            identity: {st_linestring: ""},
            fn: (r, accumulator) => ({
                st_linestring:
                    accumulator.st_linestring + (if accumulator.st_linestring == "" then "" else ", ")
                        + string(v: r.lon) + " " + string(v: r.lat),
            }),
        )`,
});

const asTracks = flux({
  name: "asTracks",
  type: `(<-tables: stream[A], ?groupBy: [string], ?orderBy: [string]) => stream[A] where A: Record`,
  docs: "One table a track: rows grouped by `groupBy` (default `id` and `tid`), in the order of `orderBy`.",
  example: `import "array"
import "experimental/geo"
array.from(rows: [
    {_time: 2026-01-01T00:01:00Z, id: "a", lat: 14.01433, lon: 39.7515},
    {_time: 2026-01-01T00:00:00Z, id: "a", lat: 13.9228, lon: 38.3527},
])
    |> geo.asTracks(groupBy: ["id"])`,
  source: `(tables=<-, groupBy=["id", "tid"], orderBy=["_time"]) =>
    tables |> group(columns: groupBy) |> sort(columns: orderBy)`,
});

const totalDistance = flux({
  name: "totalDistance",
  type: `(<-tables: stream[{B with lat: float, lon: float}], ?outputColumn: A) => stream[C] where C: Record`,
  docs:
    "The way from each point of a table to the next, all together, in the unit of `option geo.units`: " +
    "one row a table.",
  example: `import "array"
import "experimental/geo"
array.from(rows: [
    {id: "a", _time: 2026-01-01T00:00:00Z, lat: 14.01433, lon: 39.7515},
    {id: "a", _time: 2026-01-01T00:01:00Z, lat: 13.9228, lon: 38.3527},
])
    |> group(columns: ["id"])
    |> geo.totalDistance(outputColumn: "kilometres")`,
  source: `(tables=<-, outputColumn="_value") =>
    tables
        |> reduce(
            identity: {_begun: false, _lat: 0.0, _lon: 0.0, _way: 0.0},
            fn: (r, accumulator) => ({
                _begun: true,
                _lat: r.lat,
                _lon: r.lon,
                _way:
                    if accumulator._begun then
                        accumulator._way
                            + ST_Distance(
                                region: {lat: accumulator._lat, lon: accumulator._lon},
                                geometry: {lat: r.lat, lon: r.lon},
                            )
                    else
                        0.0,
            }),
        )
        |> drop(columns: ["_begun", "_lat", "_lon"])
        |> rename(columns: {_way: outputColumn})`,
});

/** Steps that make points of fields, tracks of points, and one row of a track. */
export const rowFunctions: readonly Definition[] = [
  asTracks,
  lineString,
  shapeData,
  toRows,
  totalDistance,
];

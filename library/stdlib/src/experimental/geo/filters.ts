import { type Definition, flux } from "@tocsin/engine/interpret";

const points = `array.from(rows: [
    {_time: 2026-01-01T00:00:00Z, id: "a", _field: "lat", _value: 41.01433},
    {_time: 2026-01-01T00:00:00Z, id: "a", _field: "lon", _value: -73.3527},
    {_time: 2026-01-01T00:01:00Z, id: "a", _field: "lat", _value: 39.08433},
    {_time: 2026-01-01T00:01:00Z, id: "a", _field: "lon", _value: -75.9978},
])
    |> group(columns: ["id", "_field"])
    |> geo.shapeData(latField: "lat", lonField: "lon", level: 5)`;

const example = (step: string): string => `import "array"
import "experimental/geo"
${points}
    |> geo.${step}`;

const sizes = "?minSize: int, ?maxSize: int, ?level: int, ?s2cellIDLevel: int";

const gridFilter = flux({
  name: "gridFilter",
  type: `(<-tables: stream[{B with s2_cell_id: string}], region: A, ${sizes}, ?units: {distance: string})
    => stream[{B with s2_cell_id: string}] where A: Record`,
  docs:
    "Keeps rows whose S2 cell, in the column `s2_cell_id`, may touch a region: quick, and rough at its " +
    "edges. The cells are those of `getGrid`, no finer than those of the rows, whose level is looked up " +
    "in them when `s2cellIDLevel` does not give it.",
  example: example("gridFilter(region: {lat: 40.7, lon: -73.3, radius: 20.0})"),
  source: `(tables=<-, region, minSize=24, maxSize=-1, level=-1, s2cellIDLevel=-1, units=units) => {
    own = if s2cellIDLevel == -1 then tables |> limit(n: 1) |> _detectLevel() else s2cellIDLevel
    grid = getGrid(region: region, minSize: minSize, maxSize: maxSize, level: level, maxLevel: own, units: units)
    wanted =
        if grid.level < 1 then
            die(msg: "geo.gridFilter: no grid of cells with this level or size covers the region")
        else
            grid.set

    return
        tables
            |> filter(
                fn: (r) =>
                    contains(
                        set: wanted,
                        value:
                            if grid.level == own then
                                r.s2_cell_id
                            else
                                s2CellIDToken(token: r.s2_cell_id, level: grid.level),
                    ),
            )
}`,
});

const strictFilter = flux({
  name: "strictFilter",
  type: `(<-tables: stream[{D with lat: B, lon: C}], region: A) => stream[{D with lat: B, lon: C}]
    where A: Record`,
  docs: "Keeps rows whose point, `lat` and `lon`, lies in a region (box, circle, polygon).",
  example: example("strictFilter(region: {lat: 40.7, lon: -73.3, radius: 50.0})"),
  source: `(tables=<-, region) =>
    tables |> filter(fn: (r) => ST_Contains(region: region, geometry: {lat: r.lat, lon: r.lon}))`,
});

const filterRows = flux({
  name: "filterRows",
  type: `(<-tables: stream[{D with lat: B, lon: C, s2_cell_id: string}], region: A, ${sizes}, ?strict: bool)
    => stream[{D with lat: B, lon: C, s2_cell_id: string}] where A: Record`,
  docs: "Keeps points that lie in a region: `gridFilter`, then `toRows` where the points are still fields, then `strictFilter` unless `strict` is false.",
  example: example("filterRows(region: {lat: 40.7, lon: -73.3, radius: 100.0})"),
  source: `(tables=<-, region, minSize=24, maxSize=-1, level=-1, s2cellIDLevel=-1, strict=true) => {
    labels = tables |> columns(column: "label") |> findColumn(column: "label", fn: (key) => true)
    near =
        tables
            |> gridFilter(
                region: region,
                minSize: minSize,
                maxSize: maxSize,
                level: level,
                s2cellIDLevel: s2cellIDLevel,
            )
    rows = if contains(set: labels, value: "lat") then near else near |> toRows()

    return if strict then rows |> strictFilter(region: region) else rows
}`,
});

const groupByArea = flux({
  name: "groupByArea",
  type: `(<-tables: stream[{A with lat: float, lon: float, s2_cell_id: string}], newColumn: string, level: int,
    ?s2cellIDLevel: int) => stream[B] where B: Record`,
  docs:
    "Groups points by the S2 cell of `level` around them; its token is in `newColumn`. Rows without " +
    "`s2cellIDLevel` are asked for the level of their `s2_cell_id`.",
  example: example('groupByArea(newColumn: "area", level: 4)'),
  source: `(tables=<-, newColumn, level, s2cellIDLevel=-1) => {
    own = if s2cellIDLevel == -1 then tables |> limit(n: 1) |> _detectLevel() else s2cellIDLevel
    named =
        if level == own then
            tables |> duplicate(column: "s2_cell_id", as: newColumn)
        else
            tables
                |> map(fn: (r) => ({r with _area: s2CellIDToken(point: {lat: r.lat, lon: r.lon}, level: level)}))
                |> rename(columns: {_area: newColumn})

    return named |> group(columns: [newColumn])
}`,
});

/** Which rows are in a region, and which are near each other. */
export const filters: readonly Definition[] = [filterRows, gridFilter, groupByArea, strictFilter];

import { definePackage, flux } from "@tocsin/engine/interpret";

const point = `{A with
    _measurement: string, _field: string, _time: time, _value: B, _start: time, _stop: time,
  }`;

const fromRange = flux({
  name: "fromRange",
  type: `(bucket: string, start: C, ?stop: D) => stream[${point}]`,
  docs: "Reads a bucket from `start` up to `stop` (default: now).",
  source: "(bucket, start, stop=now()) => from(bucket: bucket) |> range(start: start, stop: stop)",
});

const filterMeasurement = flux({
  name: "filterMeasurement",
  type: `(<-table: stream[{A with _measurement: B}], measurement: C) =>
    stream[{A with _measurement: B}] where B: Equatable, C: Equatable`,
  docs: "Keeps the rows of one measurement.",
  example: `import "array"
import "experimental/query"
array.from(rows: [{_measurement: "cpu", v: 1}, {_measurement: "mem", v: 2}])
    |> query.filterMeasurement(measurement: "mem")`,
  source: "(table=<-, measurement) => table |> filter(fn: (r) => r._measurement == measurement)",
});

const filterFields = flux({
  name: "filterFields",
  type: "(<-table: stream[{A with _field: B}], ?fields: [B]) => stream[{A with _field: B}] where B: Nullable",
  docs: "Keeps the rows of the named fields; all rows when none is named.",
  example: `import "array"
import "experimental/query"
array.from(rows: [{_field: "load", v: 1}, {_field: "idle", v: 2}]) |> query.filterFields(fields: ["idle"])`,
  source: `(table=<-, fields=[]) =>
    if length(arr: fields) > 0 then
        table |> filter(fn: (r) => contains(value: r._field, set: fields))
    else
        table`,
});

const inBucket = flux({
  name: "inBucket",
  type: `(
    bucket: string, measurement: E, start: C, ?stop: D, ?fields: [string],
    ?predicate: (r: ${point}) => bool,
  ) => stream[${point}] where E: Equatable`,
  docs: "Reads the named fields of one measurement of a bucket, as far as `predicate` holds.",
  source: `(bucket, measurement, start, stop=now(), fields=[], predicate=(r) => true) =>
    fromRange(bucket: bucket, start: start, stop: stop)
        |> filterMeasurement(measurement: measurement)
        |> filter(fn: predicate)
        |> filterFields(fields: fields)`,
});

export const packageDefinition = definePackage({
  path: "experimental/query",
  docs: "Short forms of the usual read of a bucket.",
  members: [filterFields, filterMeasurement, fromRange, inBucket],
});

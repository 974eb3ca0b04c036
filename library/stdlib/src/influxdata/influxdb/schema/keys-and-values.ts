import { flux, type FluxDefinition } from "@tocsin/engine/interpret";

const window = "?start: B, ?stop: C";
const predicate = `?predicate: (
      r: {D with _measurement: string, _start: time, _stop: time, _time: time, _value: F, _field: string},
    ) => bool`;
const list = "stream[A] where A: Record";

/** Lists of tags, fields and measurements. `schema` and `v1` have them all. */
export const listings: readonly FluxDefinition[] = [
  flux({
    name: "tagValues",
    type: `(bucket: string, tag: string, ${predicate}, ${window}) => ${list}`,
    docs: "The values that a tag has, each once. Looks at the last 30 days unless `start` says otherwise.",
    source: `(bucket, tag, predicate=(r) => true, start=_startDefault, stop=_stopDefault) =>
    _from(bucket: bucket)
        |> range(start: start, stop: stop)
        |> filter(fn: predicate)
        |> keep(columns: [tag])
        |> group()
        |> distinct(column: tag)`,
  }),
  flux({
    name: "tagKeys",
    type: `(bucket: string, ${predicate}, ${window}) => ${list}`,
    docs: "The tags that there are, with `_field`, `_measurement`, `_start` and `_stop`.",
    source: `(bucket, predicate=(r) => true, start=_startDefault, stop=_stopDefault) =>
    _from(bucket: bucket)
        |> range(start: start, stop: stop)
        |> filter(fn: predicate)
        |> keys()
        |> keep(columns: ["_value"])
        |> distinct()`,
  }),
  flux({
    name: "fieldKeys",
    type: `(bucket: string, ${predicate}, ${window}) => ${list}`,
    docs: "The fields that there are.",
    source: `(bucket, predicate=(r) => true, start=_startDefault, stop=_stopDefault) =>
    tagValues(bucket: bucket, tag: "_field", predicate: predicate, start: start, stop: stop)`,
  }),
  flux({
    name: "measurements",
    type: `(bucket: string, ${window}) => ${list}`,
    docs: "The measurements that there are.",
    source: `(bucket, start=_startDefault, stop=_stopDefault) =>
    tagValues(bucket: bucket, tag: "_measurement", start: start, stop: stop)`,
  }),
  flux({
    name: "measurementTagValues",
    type: `(bucket: string, measurement: D, tag: string, ${window}) => ${list}, D: Equatable`,
    docs: "The values that a tag has in one measurement.",
    source: `(bucket, measurement, tag, start=_startDefault, stop=_stopDefault) =>
    tagValues(bucket: bucket, tag: tag, predicate: (r) => r._measurement == measurement, start: start, stop: stop)`,
  }),
  flux({
    name: "measurementTagKeys",
    type: `(bucket: string, measurement: D, ${window}) => ${list}, D: Equatable`,
    docs: "The tags that one measurement has.",
    source: `(bucket, measurement, start=_startDefault, stop=_stopDefault) =>
    tagKeys(bucket: bucket, predicate: (r) => r._measurement == measurement, start: start, stop: stop)`,
  }),
  flux({
    name: "measurementFieldKeys",
    type: `(bucket: string, measurement: D, ${window}) => ${list}, D: Equatable`,
    docs: "The fields that one measurement has.",
    source: `(bucket, measurement, start=_startDefault, stop=_stopDefault) =>
    fieldKeys(bucket: bucket, predicate: (r) => r._measurement == measurement, start: start, stop: stop)`,
  }),
];

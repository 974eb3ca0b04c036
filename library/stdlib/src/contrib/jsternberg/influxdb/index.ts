import { definePackage, flux } from "@tocsin/engine/interpret";

const server = "?host: string, ?org: string, ?token: string";
const row = "_measurement: string, _field: string, _time: time, _start: time, _stop: time";

const mask = flux({
  name: "_mask",
  type: "(<-tables: stream[A], columns: [string]) => stream[B] where A: Record, B: Record",
  docs: "Takes columns out, also of the key.",
  source: "(tables=<-, columns) => tables |> drop(columns: columns)",
});

const fromType = `(bucket: string, start: A, ?stop: B, ${server}) => stream[{D with ${row}, _value: C}]`;

const from = flux({
  name: "from",
  type: fromType,
  docs: "Reads a bucket between two times: `from` and `range` of every day in one call.",
  source: `(bucket, start, stop=now(), org="", host="", token="") =>
    influxdb.from(bucket: bucket, org: org, host: host, token: token) |> range(start: start, stop: stop)`,
});

const fromAlias = flux({
  name: "_from",
  type: fromType,
  docs: "The same as `from`, for functions that have a parameter of this name.",
  source: "from",
});

const select = flux({
  name: "select",
  type: `(
    from: string, start: B, ?stop: C, m: A, ?fields: [string], ${server},
    ?where: (r: {E with ${row}, _value: D}) => bool,
  ) => stream[F] where A: Equatable, F: Record`,
  docs:
    "Rows of a measurement with its fields as columns, like a SELECT of SQL: `from` names the bucket, `m` the " +
    "measurement; `fields` are all when not given; `where` sees rows before fields become columns.",
  source: `(from, start, stop=now(), m, fields=[], org="", host="", token="", where=(r) => true) => {
    count = length(arr: fields)
    wanted =
        if count == 0 then
            (r) => true
        else if count == 1 then
            (r) => r._field == fields[0]
        else if count == 2 then
            (r) => r._field == fields[0] or r._field == fields[1]
        else
            (r) => contains(set: fields, value: r._field)

    return
        _from(bucket: from, start: start, stop: stop, org: org, host: host, token: token)
            |> filter(fn: (r) => r._measurement == m)
            |> filter(fn: where)
            |> filter(fn: wanted)
            |> schema.fieldsAsCols()
            |> _mask(columns: ["_measurement", "_start", "_stop"])
}`,
});

export const packageDefinition = definePackage({
  path: "contrib/jsternberg/influxdb",
  docs: "Reads buckets in one call.",
  imports: ["influxdata/influxdb", "influxdata/influxdb/schema"],
  members: [fromAlias, mask, from, select],
});

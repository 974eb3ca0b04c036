/** A script that both sides run. `B` stands for the bucket. */
export interface Query {
  readonly flux: string;
  /** Why the answers may differ; such a query must not be equal, or the reason is out of date. */
  readonly differs?: string;
}

const read = `from(bucket: "B") |> range(start: 2026-01-05T00:00:00Z, stop: 2026-01-12T00:00:00Z)`;
const where = (condition: string): string => `${read} |> filter(fn: (r) => ${condition})`;
const cpu = where(`r._measurement == "cpu" and r._field == "usage"`);
const check = where(`r._measurement == "check"`);
const hour = `from(bucket: "B") |> range(start: 2026-01-05T01:00:00Z, stop: 2026-01-05T02:00:00Z)`;

const unsigned = "influxd never finds an unsigned value";
const ordered = "influxd finds no string below or above another";

/** Reads, conditions, aggregates, windows and shapes on which scripts rely. */
export const queries: readonly Query[] = [
  { flux: read },
  { flux: hour },
  { flux: `from(bucket: "B") |> range(start: 2026-01-05T00:00:07Z, stop: 2026-01-05T00:00:11Z)` },
  { flux: `from(bucket: "B") |> range(start: 2025-01-01T00:00:00Z, stop: 2025-01-02T00:00:00Z)` },
  { flux: where(`r._measurement == "cpu"`) },
  { flux: where(`r._measurement == "nothing"`) },
  { flux: where(`r._measurement == "cpu" or r._measurement == "disk"`) },
  { flux: where(`r._measurement != "cpu"`) },
  { flux: where(`r._measurement =~ /^c/`) },
  { flux: where(`r._field =~ /^(usage|state)$/`) },
  { flux: where(`r.region == "eu"`) },
  { flux: where(`r.region != "eu"`) },
  { flux: where(`r.region =~ /e|^$/`) },
  { flux: where(`r.region !~ /eu/`) },
  { flux: where(`r.region == ""`) },
  { flux: where(`r.region != ""`) },
  { flux: where(`exists r.region`) },
  { flux: where(`not exists r.region`) },
  { flux: where(`r.nope =~ /.*/`) },
  { flux: where(`r.nope != "x" and r._field == "used"`) },
  { flux: where(`r.host == "db, main" or r.host == "a b"`) },
  { flux: where(`r.host == "üñî=1"`) },
  { flux: where(`r.host < "b"`) },
  { flux: where(`r.path == "/var"`) },
  { flux: where(`r._value > 90.0`) },
  { flux: where(`r._value > 90`) },
  { flux: where(`r._value == "crit"`) },
  { flux: where(`r._value != "crit"`) },
  { flux: where(`r._value =~ /^(ok|warn)$/`) },
  { flux: where(`r._value == true`) },
  { flux: where(`r._value == false or r._value == "warn"`) },
  { flux: where(`r._field == "usage" and r._value >= 50.0 and r._value < 51.0`) },
  { flux: where(`r._field == "cores" and (r._value == 7 or r.region == "us")`) },
  { flux: where(`r._field == "used" and r._value > 0`), differs: unsigned },
  { flux: where(`r._field == "state" and r._value > "d"`), differs: ordered },
  { flux: `limit = -10.5\n${where(`r._field == "value" and r._value < limit`)}` },
  { flux: `${cpu} |> first()` },
  { flux: `${cpu} |> last()` },
  { flux: `${cpu} |> min()` },
  { flux: `${cpu} |> max()` },
  { flux: `${cpu} |> count()` },
  { flux: `${cpu} |> sum()` },
  { flux: `${cpu} |> mean()` },
  { flux: `${where(`r._field == "n"`)} |> sum()` },
  { flux: `${where(`r._field == "used"`)} |> max()` },
  { flux: `${where(`r._field == "n"`)} |> mean()` },
  { flux: `${check} |> last()` },
  { flux: `${check} |> count()` },
  { flux: `${where(`r._field == "up"`)} |> first()` },
  { flux: `${cpu} |> aggregateWindow(every: 1h, fn: mean)` },
  { flux: `${cpu} |> aggregateWindow(every: 1h, fn: mean, createEmpty: false)` },
  { flux: `${cpu} |> aggregateWindow(every: 30m, offset: 7m, fn: max, createEmpty: false)` },
  { flux: `${hour} |> filter(fn: (r) => r._field == "cores") |> aggregateWindow(every: 5m, fn: sum)` },
  { flux: `${hour} |> filter(fn: (r) => r._field == "cores") |> aggregateWindow(every: 7m, fn: count)` },
  { flux: `${hour} |> filter(fn: (r) => r._field == "up") |> aggregateWindow(every: 10m, fn: last, createEmpty: false)` },
  { flux: `${cpu} |> aggregateWindow(every: 1d, fn: min, timeSrc: "_start", createEmpty: false)` },
  { flux: `${cpu} |> group() |> sort(columns: ["_time"]) |> limit(n: 20)` },
  { flux: `${cpu} |> group(columns: ["region"]) |> count()` },
  { flux: `${cpu} |> group(columns: ["host"]) |> max()` },
  { flux: `${cpu} |> map(fn: (r) => ({r with _value: r._value * 2.0}))` },
  { flux: `${check} |> pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value") |> limit(n: 5)` },
  { flux: `${cpu} |> keep(columns: ["_time", "_value", "host"]) |> limit(n: 3)` },
  { flux: `${check} |> filter(fn: (r) => r._field == "state" and r._value == "")` },
  { flux: `${cpu} |> difference() |> limit(n: 4)` },
];

/** A script that both sides run. `B` stands for the bucket. */
export interface Query {
  readonly flux: string;
  /** Why the answers of our own storage may differ. */
  readonly differs?: string;
}

const read = `from(bucket: "B") |> range(start: 2026-01-05T00:00:00Z, stop: 2026-01-12T00:00:00Z)`;
const where = (condition: string): string => `${read} |> filter(fn: (r) => ${condition})`;
const cpu = where(`r._measurement == "cpu" and r._field == "usage"`);
const each = (steps: string): string => `${cpu} |> ${steps}`;
const check = where(`r._measurement == "check"`);
const inHour = (field: string): string => `${hour} |> filter(fn: (r) => r._field == "${field}")`;
const hour = `from(bucket: "B") |> range(start: 2026-01-05T01:00:00Z, stop: 2026-01-05T02:00:00Z)`;
const pivot = `pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value")`;

const unsigned = "influxd never finds an unsigned value";
/** Only where `group` follows a read at once: after any other step it is as documented. */
const grouped = "influxd keeps _start and _stop in the group key";
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
  { flux: where(`r._value > 90.0`), differs: unsigned },
  { flux: where(`r._value > 90`), differs: unsigned },
  { flux: where(`r._measurement != "disk" and r._value > 90.0`) },
  { flux: where(`r._measurement != "disk" and r._value > 90`) },
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
  { flux: each(`first()`) },
  { flux: each(`last()`) },
  { flux: each(`min()`) },
  { flux: each(`max()`) },
  { flux: each(`count()`) },
  { flux: each(`sum()`) },
  { flux: each(`mean()`) },
  { flux: `${where(`r._field == "n"`)} |> sum()` },
  { flux: `${where(`r._field == "used"`)} |> max()` },
  { flux: `${where(`r._field == "n"`)} |> mean()` },
  { flux: `${check} |> last()` },
  { flux: `${check} |> count()` },
  { flux: `${where(`r._field == "up"`)} |> first()` },
  { flux: each(`aggregateWindow(every: 1h, fn: mean)`) },
  { flux: each(`aggregateWindow(every: 1h, fn: mean, createEmpty: false)`) },
  { flux: each(`aggregateWindow(every: 30m, offset: 7m, fn: max, createEmpty: false)`) },
  { flux: `${inHour("cores")} |> aggregateWindow(every: 5m, fn: sum)` },
  { flux: `${inHour("cores")} |> aggregateWindow(every: 7m, fn: count)` },
  { flux: `${inHour("up")} |> aggregateWindow(every: 10m, fn: last, createEmpty: false)` },
  { flux: each(`aggregateWindow(every: 1d, fn: min, timeSrc: "_start", createEmpty: false)`) },
  { flux: each(`group() |> sort(columns: ["_time"]) |> limit(n: 20)`), differs: grouped },
  { flux: each(`group(columns: ["region"]) |> count()`), differs: grouped },
  { flux: each(`group(columns: ["host"]) |> max()`), differs: grouped },
  { flux: each(`map(fn: (r) => ({r with _value: r._value * 2.0}))`) },
  { flux: `${check} |> ${pivot} |> limit(n: 5)` },
  { flux: each(`keep(columns: ["_time", "_value", "host"]) |> limit(n: 3)`) },
  { flux: `${check} |> filter(fn: (r) => r._field == "state" and r._value == "")` },
  { flux: each(`difference() |> limit(n: 4)`) },
];

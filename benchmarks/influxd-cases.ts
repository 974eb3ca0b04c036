/** A script for both sides. */
export interface InfluxdCase {
  readonly name: string;
  readonly flux: string;
  /** How many times as fast as the server it should be: as a whole process, and as a run in a warm process. */
  readonly bars: { readonly cold?: number; readonly warm?: number };
}

/** Rows that the case of text per row has at most. */
const textRows = 36_000;

/**
 * Queries on a bucket with points of 100 hosts from `start` (seconds since the epoch) on, `times` of each, ten seconds
 * apart. The first case counts all of them.
 */
export function influxdCases(bucket: string, start: number, times: number): InfluxdCase[] {
  const from = (seconds: number): string => {
    const [first, last] = [start, start + seconds].map((at) => new Date(at * 1000).toISOString());
    return `from(bucket: "${bucket}") |> range(start: ${first}, stop: ${last})`;
  };
  const all = from(Math.ceil(times) * 10);
  const cpu = `${all} |> filter(fn: (r) => r._measurement == "cpu")`;
  const disk = `${all} |> filter(fn: (r) => r._measurement == "disk")`;
  const few = `${from(textRows / 10)} |> filter(fn: (r) => r._measurement == "cpu")`;
  const ahead = { cold: 1 / 3, warm: 1 };
  const ten = { cold: 10 };
  const every = (time: string, fn: string, more = ""): string =>
    `aggregateWindow(every: ${time}, fn: ${fn}${more})`;
  const busy = `filter(fn: (r) => r._value > 50.0)`;
  const cases: readonly (readonly [name: string, flux: string, bars: InfluxdCase["bars"]])[] = [
    ["count of every field", `${all} |> count()`, ahead],
    ["last", `${cpu} |> last()`, ahead],
    ["first", `${cpu} |> first()`, ahead],
    ["mean", `${cpu} |> mean()`, ahead],
    ["max", `${cpu} |> max()`, ahead],
    ["window of an hour, mean", `${cpu} |> ${every("1h", "mean", ", createEmpty: false")}`, ahead],
    ["window of 15 minutes, max", `${cpu} |> ${every("15m", "max")}`, ahead],
    [
      "one host, window of a minute",
      `${cpu} |> filter(fn: (r) => r.host == "h7") |> ${every("1m", "mean")}`,
      {},
    ],
    ["filter by value, window", `${cpu} |> ${busy} |> ${every("1h", "count")}`, {}],
    ["filter by value, window, not pushed", `${cpu} |> ${busy} |> ${every("1h", "median")}`, {}],
    [
      "group by a tag, window, mean",
      `${cpu} |> group(columns: ["region"]) |> ${every("5m", "mean")}`,
      ten,
    ],
    [
      "group by a tag, window, max",
      // Among equal values each side may choose another host.
      `${cpu} |> group(columns: ["region"]) |> ${every("5m", "max")} |> drop(columns: ["host"])`,
      ten,
    ],
    [
      "group by host, window, last",
      `${cpu} |> group(columns: ["host"]) |> ${every("30m", "last")}`,
      ten,
    ],
    ["one group, window, mean", `${cpu} |> group() |> ${every("1h", "mean")}`, ten],
    ["one group, window, sum", `${cpu} |> group() |> ${every("1m", "sum")}`, ten],
    ["group by a tag, mean", `${cpu} |> group(columns: ["region"]) |> mean()`, {}],
    ["one group, max", `${cpu} |> group() |> max() |> keep(columns: ["_value"])`, {}],
    [
      "text for each of 36,000 rows",
      `${few} |> map(fn: (r) => ({r with text: "\${r.host} of \${r.region} is at \${r._value}%"}))`,
      ten,
    ],
    [
      "fieldsAsCols",
      `import "influxdata/influxdb/schema"\n${disk} |> schema.fieldsAsCols() |> filter(fn: (r) => r.state == "crit") |> count(column: "used")`,
      {},
    ],
  ];
  return cases.map(([name, flux, bars]) => ({ name, flux, bars }));
}

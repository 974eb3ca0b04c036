import { definePackage, flux } from "@tocsin/engine/interpret";

/** Where InfluxData keeps its sample data. */
const place = "https://influx-testdata.s3.amazonaws.com/";

interface SampleSet {
  readonly name: string;
  readonly file: string;
  readonly description: string;
  readonly size: string;
  /** Live sets are renewed every 15 minutes. */
  readonly type: "live" | "static";
}

const sets: readonly SampleSet[] = [
  {
    name: "airSensor",
    file: "air-sensor-data-annotated.csv",
    description: "Temperature, humidity and carbon monoxide in an office building, simulated.",
    size: "~600 KB",
    type: "live",
  },
  {
    name: "birdMigration",
    file: "bird-migration.csv",
    description: "Where birds flew in Africa in 2019.",
    size: "~1.2 MB",
    type: "static",
  },
  {
    name: "bitcoin",
    file: "bitcoin-historical-annotated.csv",
    description: "The price of Bitcoin in the last 30 days, from CoinDesk.",
    size: "~700 KB",
    type: "live",
  },
  {
    name: "machineProduction",
    file: "machine-production.csv",
    description: "States and metrics of four grinding machines on 2021-08-01.",
    size: "~11.9 MB",
    type: "static",
  },
  {
    name: "noaa",
    file: "noaa-ndbc-latest-observations-annotated.csv",
    description: "What the buoys of NOAA measured last.",
    size: "~1.3 MB",
    type: "live",
  },
  {
    name: "noaaWater",
    file: "noaa.csv",
    description: "Water levels at two stations of NOAA, from 2019-08-17 to 2019-09-17.",
    size: "~10.3 MB",
    type: "static",
  },
  {
    name: "usgs",
    file: "usgs-earthquake-all-week-annotated.csv",
    description: "Earthquakes of the last week, from the USGS.",
    size: "~6 MB",
    type: "live",
  },
];

const rowOf = ({ name, file, description, size, type }: SampleSet): string => {
  const fields = { name, description, url: place + file, size, type };
  const texts = Object.entries(fields).map(([key, text]) => `${key}: ${JSON.stringify(text)}`);
  return `{${texts.join(", ")}}`;
};

const list = flux({
  name: "list",
  type: "() => stream[{name: string, description: string, url: string, size: string, type: string}]",
  docs: "The sets of sample data that `data` can download.",
  example: `import "influxdata/influxdb/sample"
sample.list()`,
  source: `() => array.from(rows: [${sets.map(rowOf).join(", ")}])`,
});

const data = flux({
  name: "data",
  type: "(set: string) => stream[A] where A: Record",
  docs: "Downloads a set of sample data; `list` names them.",
  source: `(set) => {
    file =
        dict.get(
            dict: [${sets.map(({ name, file }) => `"${name}": "${file}"`).join(", ")}],
            key: set,
            default: "",
        )
    known =
        if file == "" then
            die(msg: "Invalid sample data set. Use sample.list to view available datasets.")
        else
            file

    return csv.from(csv: string(v: requests.get(url: "${place}" + known).body))
}`,
});

const alignToNow = flux({
  name: "alignToNow",
  type: "(<-tables: stream[A]) => stream[A] where A: Record",
  docs: "Moves all times by the same duration, so that the latest row is of now.",
  example: `import "influxdata/influxdb/sample"
import "sampledata"
sampledata.int() |> sample.alignToNow()`,
  source: `(tables=<-) => {
    latest =
        tables
            |> keep(columns: ["_time"])
            |> max(column: "_time")
            |> findRecord(fn: (key) => true, idx: 0)

    return tables |> timeShift(duration: duration(v: int(v: now()) - int(v: latest._time)))
}`,
});

export const packageDefinition = definePackage({
  path: "influxdata/influxdb/sample",
  docs: "Sample data of InfluxData.",
  imports: ["array", "csv", "dict", "http/requests"],
  members: [alignToNow, data, list],
});

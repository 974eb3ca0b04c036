import { definePackage, flux } from "@tocsin/engine/interpret";
import { metrics, scrape } from "./scrape.ts";

const histogramQuantile = flux({
  name: "histogramQuantile",
  type: `(
    <-tables: stream[{A with le: B, _field: C}], quantile: float, ?metricVersion: D, ?onNonmonotonic: string,
  ) => stream[E] where C: Equatable, D: Equatable, E: Record`,
  docs:
    "A quantile (0.0 to 1.0) of Prometheus histograms as scrapers and Telegraf store them. " +
    "`metricVersion` 2 has the upper bound of a bucket in the tag `le`, 1 in the field's name. " +
    "`onNonmonotonic` is `error`, `force` or `drop`.",
  source: `(tables=<-, quantile, metricVersion=2, onNonmonotonic="error") => {
    bounded =
        if metricVersion == 2 then
            tables
                |> group(mode: "except", columns: ["le", "_value"])
                |> map(fn: (r) => ({r with le: float(v: r.le)}))
        else if metricVersion == 1 then
            tables
                |> filter(fn: (r) => r._field != "sum" and r._field != "count")
                |> map(fn: (r) => ({r with le: float(v: r._field)}))
        else
            die(msg: "Invalid metricVersion. Available versions are 1 and 2.")
    buckets = if metricVersion == 1 then ["_field", "le", "_value"] else ["le", "_value"]

    return
        bounded
            |> group(mode: "except", columns: buckets)
            |> universe.histogramQuantile(quantile: quantile, onNonmonotonic: onNonmonotonic)
            |> group(mode: "except", columns: ["le", "_value", "_time"])
            |> set(key: "quantile", value: string(v: quantile))
            |> experimental.group(mode: "extend", columns: ["quantile"])
}`,
});

export const packageDefinition = definePackage({
  path: "experimental/prometheus",
  docs: "Works with metrics of Prometheus.",
  imports: ["experimental", "experimental/http", "universe"],
  members: [metrics, scrape, histogramQuantile],
});

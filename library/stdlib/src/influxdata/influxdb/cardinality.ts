import {
  columnBuilder,
  EMPTY_KEY,
  type GroupKey,
  keyOf,
  keyText,
  tableFrom,
} from "@tocsin/data/column";
import { operatorKind } from "@tocsin/engine/execute";
import { flux, transformation } from "@tocsin/engine/interpret";

/** Columns of a read's group key that do not tell series apart. */
const notOfSeries: ReadonlySet<string> = new Set(["_start", "_stop", "_field"]);

/** Counts the series that the tables of a read belong to. */
const seriesCountKind = operatorKind<Record<string, never>>(
  { name: "seriesCount", rowwise: false },
  (_, out) => {
    const series = new Set<string>();
    return {
      push: (batch) => {
        for (let table = 0; table < batch.tableEnds.length; table++)
          series.add(keyText(ofSeries(keyOf(batch, table))));
      },
      finish: () => {
        const builder = columnBuilder("int", 1);
        builder.append(BigInt(series.size));
        out.push(tableFrom(EMPTY_KEY, [{ label: "_value", column: builder.finish() }]));
      },
    };
  },
);

function ofSeries({ labels, kinds, cells }: GroupKey): GroupKey {
  const kept = [...labels.keys()].filter((i) => !notOfSeries.has(labels[i]));
  return {
    labels: kept.map((i) => labels[i]),
    kinds: kept.map((i) => kinds[i]),
    cells: kept.map((i) => cells[i]),
  };
}

export const seriesCount = transformation({
  name: "_seriesCount",
  type: "(<-tables: stream[A]) => stream[{_value: int}] where A: Record",
  docs: "How many series the tables of a bucket belong to, in one row.",
  kind: seriesCountKind,
  spec: () => ({}),
});

export const cardinality = flux({
  name: "cardinality",
  type: `(
    ?bucket: string, ?bucketID: string, ?org: string, ?orgID: string, ?host: string, ?token: string, start: A, ?stop: B,
    ?predicate: (r: {T with _measurement: string, _field: string, _value: S}) => bool,
  ) => stream[{_start: time, _stop: time, _value: int}] where A: Timeable, B: Timeable`,
  docs:
    "How many series (a measurement with its tags) have points from `start` up to `stop` " +
    "(default: now) for which `predicate` holds.",
  source: `(bucket="", bucketID="", org="", orgID="", host="", token="", start, stop=now(), predicate=(r) => true) =>
    from(bucket: if bucket == "" then bucketID else bucket, host: host, org: org, orgID: orgID, token: token)
        |> range(start: start, stop: stop)
        |> filter(fn: predicate)
        |> count()
        |> _seriesCount()`,
});

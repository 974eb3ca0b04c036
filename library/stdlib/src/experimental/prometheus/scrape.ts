import { type Batch, columnBuilder, groupKey, tableFrom } from "@tocsin/data/column";
import { compareUtf8, FluxError, invalid } from "@tocsin/data/value";
import type { SourceKind } from "@tocsin/engine/execute";
import { flux, transformation } from "@tocsin/engine/interpret";
import { type Sample, samplesOf } from "./text-format.ts";

interface Page {
  readonly status: bigint;
  readonly url: string;
  readonly text: string;
  /** Of values without a time of their own. */
  readonly time: bigint;
}

const metricsKind: SourceKind<Page> = {
  name: "prometheus.scrape",
  rowwise: false,
  source: true,
  describe: ({ text }) => `${text.length} characters`,
  open: (page) => ({
    run: async (push) => {
      // 0: the request waits.
      if (page.status !== 0n && page.status !== 200n)
        throw new FluxError(
          "unavailable",
          `prometheus.scrape: the address answered ${page.status}`,
        );
      for (const samples of series(page.text)) await push(tableOf(page, samples));
    },
  }),
};

/** The values of each series, in the order in which series come first. */
function series(text: string): Iterable<Sample[]> {
  const found = new Map<string, Sample[]>();
  for (const sample of samplesOf(text)) {
    const labels = [...sample.labels].sort(([a], [b]) => compareUtf8(a, b));
    const key = JSON.stringify([sample.field, labels]);
    const before = found.get(key);
    if (before === undefined) found.set(key, [sample]);
    else before.push(sample);
  }
  return found.values();
}

function tableOf({ url, time }: Page, samples: readonly Sample[]): Batch {
  const [{ field, labels }] = samples;
  const times = columnBuilder("time", samples.length);
  const values = columnBuilder("float", samples.length);
  const urls = columnBuilder("string", samples.length);
  for (const { milliseconds, value } of samples) {
    times.append(milliseconds === undefined ? time : nanoseconds(milliseconds));
    values.append(value);
    urls.append(url);
  }
  const cells = [["_measurement", "prometheus"], ["_field", field], ...labels].map(
    ([label, cell]) => ({ label, kind: "string" as const, cell }),
  );
  const columns = [
    { label: "_time", column: times.finish() },
    { label: "_value", column: values.finish() },
    { label: "url", column: urls.finish() },
  ];
  const order = [
    "_time",
    "_value",
    "_measurement",
    "_field",
    "url",
    ...labels.map(([name]) => name),
  ];
  return tableFrom(groupKey(cells), columns, { order: [...new Set(order)] });
}

function nanoseconds(milliseconds: bigint): bigint {
  const time = milliseconds * 1_000_000n;
  if (BigInt.asIntN(64, time) === time) return time;
  throw invalid(`prometheus.scrape: ${milliseconds} milliseconds is a time after 2262`);
}

/** What `scrape` is built on. */
export const metrics = transformation({
  name: "_metrics",
  type: "(status: int, text: string, url: string, time: time) => stream[A] where A: Record",
  docs: "Tables from a page of metrics that an address answered.",
  kind: metricsKind,
  inputs: () => [],
  spec: (args): Page => {
    return {
      status: args.int("status"),
      url: args.string("url"),
      text: args.string("text"),
      time: args.time("time"),
    };
  },
});

export const scrape = flux({
  name: "scrape",
  type: "(url: string) => stream[A] where A: Record",
  docs:
    "The metrics that `url` shows in Prometheus's text format: a table for each series, with `_measurement` " +
    '"prometheus", `_field`, the labels, `url`, and a float `_value`. `_time` is `now()` where a metric has no time of its own. ' +
    "Buckets of a histogram are in the field of its name, with their upper bound in `le`.",
  source: `(url) => {
    answer = http.get(url: url)

    return _metrics(status: answer.statusCode, text: string(v: answer.body), url: url, time: now())
}`,
});

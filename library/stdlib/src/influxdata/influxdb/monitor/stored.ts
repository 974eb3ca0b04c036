import { string } from "@tocsin/data/value";
import { constant, flux } from "@tocsin/engine/interpret";

/** The bucket that statuses and notifications are kept in. */
export const bucket = constant({
  name: "bucket",
  type: "string",
  docs: "The bucket of statuses and notifications.",
  value: string("_monitoring"),
});

const kept = "(<-tables: stream[A]) => stream[A] where A: Record";

export const write = flux({
  name: "write",
  type: kept,
  docs: "Where `check` keeps the statuses that it makes. Set it to keep them elsewhere.",
  option: true,
  source: "(tables=<-) => tables |> experimental.to(bucket: bucket)",
});

export const log = flux({
  name: "log",
  type: kept,
  docs: "Where `notify` keeps what it sent. Set it to keep that elsewhere.",
  option: true,
  source: "(tables=<-) => tables |> experimental.to(bucket: bucket)",
});

const reader = (measurement: string): string => `
    influxdb.from(bucket: bucket)
        |> range(start: start, stop: stop)
        |> filter(fn: (r) => r._measurement == "${measurement}")
        |> filter(fn: fn)
        |> schema.fieldsAsCols()`;

const predicate = `(
    r: {C with _measurement: string, _start: time, _stop: time, _time: time, _value: D, _field: string},
  ) => bool`;

export const from = flux({
  name: "from",
  type: `(start: A, ?stop: B, ?fn: ${predicate}) => stream[E] where E: Record`,
  docs: "The statuses that `check` kept, a column for each field.",
  source: `(start, stop=now(), fn=(r) => true) =>${reader("statuses")}`,
});

export const logs = flux({
  name: "logs",
  type: `(start: A, ?stop: B, fn: ${predicate}) => stream[E] where E: Record`,
  docs: "What `notify` sent, a column for each field.",
  source: `(start, stop=now(), fn) =>${reader("notifications")}`,
});

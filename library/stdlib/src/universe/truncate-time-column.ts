import { type Batch, type Column, type FlatColumn, indexOf } from "@tocsin/data/column";
import { FluxError } from "@tocsin/data/value";
import {
  inKey,
  noSuchColumn,
  operatorKind,
  replacing,
  type WindowShape,
  windowsOf,
} from "@tocsin/engine/execute";
import { flux, transformation } from "@tocsin/engine/interpret";
import { passing } from "@tocsin/engine/plan";
import { locationOf } from "./window.ts";

const truncateKind = operatorKind<{ readonly timeColumn: string; readonly shape: WindowShape }>(
  {
    name: "truncateTimeColumn",
    rowwise: true,
    reads: ({ timeColumn }, wanted) => passing(wanted, timeColumn),
    describe: ({ timeColumn }) => timeColumn,
  },
  ({ timeColumn, shape }, out) => {
    const windows = windowsOf(shape);
    const truncated = (batch: Batch): Batch =>
      truncateIn(batch, timeColumn, (t) => windows.latest(t).start);
    return replacing(out, inKey(timeColumn), truncated);
  },
);

function truncateIn(batch: Batch, label: string, startOf: (t: bigint) => bigint): Batch {
  const at = indexOf(batch.schema, label);
  if (at < 0) throw noSuchColumn(`truncateTimeColumn: column "${label}" does not exist`, batch);
  const column = batch.columns[at];
  const cut = (flat: FlatColumn): FlatColumn => {
    if (flat.form === "flat" && flat.kind === "time")
      return { ...flat, data: flat.data.map(startOf) };
    throw new FluxError(
      "failed precondition",
      `truncateTimeColumn: column "${label}" should be of type time, but is ${flat.kind}`,
    );
  };
  const made: Column =
    column.form === "table" ? { ...column, values: cut(column.values) } : cut(column);
  return { ...batch, columns: batch.columns.with(at, made) };
}

export const _truncateTimeColumn = transformation({
  name: "_truncateTimeColumn",
  type: `(
    <-tables: stream[A], unit: duration, timeColumn: string, location: {zone: string, offset: duration},
  ) => stream[A]`,
  docs: "`truncateTimeColumn` with all of its arguments.",
  kind: truncateKind,
  spec: (args) => {
    const every = args.duration("unit");
    const offset = { months: 0n, nanoseconds: 0n, negative: false };
    const location = locationOf(args.record("location"));
    return {
      timeColumn: args.string("timeColumn"),
      shape: { every, period: every, offset, location },
    };
  },
});

export const truncateTimeColumn = flux({
  name: "truncateTimeColumn",
  type: `(<-tables: stream[{A with _time: B}], unit: duration, ?timeColumn: C) =>
    stream[{A with _time: time, _time: B}] where B: Timeable`,
  docs: "Cuts all times of `timeColumn` down to a whole `unit`, such as 1m.",
  example: `import "sampledata"
sampledata.int() |> truncateTimeColumn(unit: 1m)`,
  source: `(unit, timeColumn="_time", tables=<-) =>
    tables |> _truncateTimeColumn(unit: unit, timeColumn: timeColumn, location: location)`,
});

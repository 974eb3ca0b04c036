import {
  type Batch,
  cellOf,
  type Column,
  columnBuilder,
  indexOf,
  tableStart,
} from "@tocsin/data/column";
import { FluxError, invalid } from "@tocsin/data/value";
import { missingColumn, wholeBatchKind, withColumn } from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";
import { unitOf } from "../../../universe/unit.ts";

interface DurationSpec {
  /** Nanoseconds. */
  readonly unit: bigint;
  readonly columnName: string;
  readonly timeColumn: string;
  readonly stopColumn: string;
  /** Nanoseconds since the epoch. Undefined: the stop column's last time. */
  readonly stop: bigint | undefined;
}

/** Adds to each row the time until the next one, or until the stop. */
const durationKind = wholeBatchKind<DurationSpec>(
  { name: "events.duration" },
  (spec) => (batch) => {
    const times = timesOf(batch, spec.timeColumn);
    const stops = spec.stop === undefined ? timesOf(batch, spec.stopColumn) : undefined;
    const builder = columnBuilder("int", batch.rows);
    for (let table = 0; table < batch.tableEnds.length; table++) {
      const end = batch.tableEnds[table];
      for (let row = tableStart(batch, table); row < end; row++) {
        const time = cellOf(times, row, table);
        const next =
          row + 1 < end
            ? cellOf(times, row + 1, table)
            : stops === undefined
              ? (spec.stop ?? null)
              : cellOf(stops, row, table);
        const known = typeof time === "bigint" && typeof next === "bigint";
        builder.append(known ? (next - time) / spec.unit : null);
      }
    }
    const added = { label: spec.columnName, kind: "int", key: false } as const;
    return withColumn(batch, added, builder.finish());
  },
);

function timesOf(batch: Batch, label: string): Column {
  const at = indexOf(batch.schema, label);
  if (at < 0) throw missingColumn("events.duration", label, batch.schema);
  const { kind } = batch.schema[at];
  if (kind === "time") return batch.columns[at];
  throw new FluxError(
    "failed precondition",
    `events.duration: column "${label}" must be of type time, got ${kind}`,
  );
}

export const duration = transformation({
  name: "duration",
  type: `(
    <-tables: stream[A], ?unit: duration, ?timeColumn: string, ?columnName: string, ?stopColumn: string, ?stop: time,
  ) => stream[B] where A: Record, B: Record`,
  docs:
    "How long each event lasted: whole `unit`s (default: seconds) from its row to the next one. " +
    "The last one of a table lasted until `stop`, or until the time in `stopColumn` (default " +
    "`_stop`).",
  example: `import "array"
import "contrib/tomhollingworth/events"
array.from(rows: [{_time: 2026-01-01T00:00:00Z, state: "ok"}, {_time: 2026-01-01T00:12:00Z, state: "crit"}])
    |> events.duration(unit: 1m, stop: 2026-01-01T01:00:00Z)`,
  kind: durationKind,
  spec: (args) => {
    const unit = unitOf(args);
    if (unit === 0n) throw invalid("events.duration: unit is zero", "name a unit such as 1s");
    return {
      unit,
      columnName: args.string("columnName", "duration"),
      timeColumn: args.string("timeColumn", "_time"),
      stopColumn: args.string("stopColumn", "_stop"),
      stop: args.has("stop") ? args.time("stop") : undefined,
    };
  },
});

import type { Batch, Column, FlatColumn } from "@tocsin/data/column";
import { addDuration, type Duration } from "@tocsin/data/value";
import { perBatchKind } from "../per-batch.ts";

/** By how much times move, and in which columns. */
interface TimeShiftSpec {
  readonly duration: Duration;
  readonly columns: readonly string[];
}

/** Adds a duration to all times of some columns; the key moves with them. */
export const timeShiftKind = perBatchKind<TimeShiftSpec>(
  {
    name: "timeShift",
    rowwise: true,
    reads: (_, wanted) => wanted,
    bounds: ({ duration }, before) =>
      before && {
        start: addDuration(before.start, duration),
        stop: addDuration(before.stop, duration),
      },
  },
  ({ duration, columns }) =>
    (batch): Batch => ({
      ...batch,
      columns: batch.columns.map((column, i): Column => {
        const { label, kind } = batch.schema[i];
        if (kind !== "time" || !columns.includes(label)) return column;
        if (column.form !== "table") return shifted(column, duration);
        return { ...column, values: shifted(column.values, duration) };
      }),
    }),
);

function shifted(column: FlatColumn, duration: Duration): FlatColumn {
  if (column.form !== "flat" || column.kind !== "time") return column;
  const moved = new BigInt64Array(column.data.length);
  const { months, nanoseconds, negative } = duration;
  const step = negative ? -nanoseconds : nanoseconds;
  for (let row = 0; row < moved.length; row++) {
    const t = column.data[row];
    moved[row] = months === 0n ? BigInt.asIntN(64, t + step) : addDuration(t, duration);
  }
  return { ...column, data: moved };
}

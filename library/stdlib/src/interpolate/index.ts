import {
  cellAt,
  columnBuilder,
  type FlatColumn,
  indexOf,
  type Table,
  tableFrom,
  tableKey,
} from "@tocsin/data/column";
import {
  addDuration,
  type Duration,
  FluxError,
  invalid,
  isZeroDuration,
  zeroDuration,
} from "@tocsin/data/value";
import { missingColumn, type Windows, wholeTableKind, windowsOf } from "@tocsin/engine/execute";
import { definePackage, transformation } from "@tocsin/engine/interpret";

/** A table that grows beyond is a mistake in `every`. */
const ROWS_MAX = 50_000_000;

interface LinearSpec {
  readonly every: Duration;
}

const linearKind = wholeTableKind<LinearSpec>({ name: "interpolate.linear" }, ({ every }) => {
  const windows = windowsOf({
    every,
    period: every,
    offset: zeroDuration,
    location: { zone: "UTC", offset: zeroDuration },
  });
  return (table) => interpolated(table, every, windows);
});

/** The rows of a table, and between them one on the straight line at each boundary of a window. */
function interpolated(table: Table, every: Duration, windows: Windows): Table {
  const [times, values] = columnsOf(table);
  const moments = columnBuilder("time", table.rows);
  const made = columnBuilder("float", table.rows);
  let before: { time: bigint; value: number } | undefined;
  for (let row = 0; row < table.rows; row++) {
    const now = pointAt(times, values, row);
    if (before !== undefined) {
      const slope = (now.value - before.value) / Number(now.time - before.time);
      let at = windows.latest(before.time).stop;
      for (; at < now.time; at = addDuration(at, every)) {
        moments.append(at);
        made.append(before.value + slope * Number(at - before.time));
        if (made.rows > ROWS_MAX) {
          throw new FluxError(
            "resource exhausted",
            `interpolate.linear: more than ${ROWS_MAX} rows in a table`,
            { hint: "choose a longer every" },
          );
        }
      }
    }
    moments.append(now.time);
    made.append(now.value);
    before = now;
  }
  const order = table.schema.map(({ label }) => label);
  const columns = [
    { label: "_time", column: moments.finish() },
    { label: "_value", column: made.finish() },
  ];
  return tableFrom(tableKey(table), columns, { order, rows: made.rows });
}

function pointAt(
  times: FlatColumn,
  values: FlatColumn,
  row: number,
): { time: bigint; value: number } {
  const time = cellAt(times, row);
  const value = cellAt(values, row);
  if (typeof time === "bigint" && typeof value === "number") return { time, value };
  const label = time === null ? "_time" : "_value";
  throw new FluxError("failed precondition", `null ${label} found during linear interpolation`, {
    hint: `filter(fn: (r) => exists r.${label}) leaves such rows out`,
  });
}

function columnsOf(table: Table): [times: FlatColumn, values: FlatColumn] {
  for (const { label, key } of table.schema) {
    if (key || label === "_time" || label === "_value") continue;
    throw new FluxError(
      "failed precondition",
      `interpolate.linear requires column "${label}" to be in group key`,
      { hint: "drop the column, or group by it" },
    );
  }
  const columns = ["_time", "_value"].map((label) => {
    const column = table.columns[indexOf(table.schema, label)];
    if (column === undefined || column.form === "table")
      throw missingColumn("interpolate.linear", label, table.schema);
    return column;
  });
  if (columns[1].kind !== "float") {
    throw new FluxError(
      "failed precondition",
      `cannot interpolate ${columns[1].kind} values; expected float values`,
      { hint: "use toFloat() before" },
    );
  }
  return [columns[0], columns[1]];
}

const linear = transformation({
  name: "linear",
  type: `(<-tables: stream[{T with _time: time, _value: float}], every: duration) =>
    stream[{T with _time: time, _value: float}]`,
  docs:
    "Adds rows between those that are there, at each multiple of `every`, with values on the straight line from " +
    "one to the next. Rows must be sorted by time, and all columns but `_time` and `_value` in the group key.",
  example: `import "interpolate"
import "sampledata"
sampledata.float() |> interpolate.linear(every: 2s)`,
  kind: linearKind,
  spec: (args) => {
    const every = args.duration("every");
    if (isZeroDuration(every) || every.negative)
      throw invalid("interpolate.linear: every must be a positive duration");
    return { every };
  },
});

export const packageDefinition = definePackage({
  path: "interpolate",
  docs: "Fills the time between rows.",
  members: [linear],
});

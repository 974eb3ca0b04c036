import { type Batch, columnBuilder, indexOf, isValid, tableStart } from "@tocsin/data/column";
import { FluxError, invalid } from "@tocsin/data/value";
import { flatAt, noSuchColumn, wholeBatchKind } from "@tocsin/engine/execute";
import { type Arguments, transformation } from "@tocsin/engine/interpret";
import { type NumericColumn, numericAt, type TimeColumn } from "../../universe/numeric-column.ts";
import { keyAnd } from "../../universe/table-result.ts";
import { timeColumnOf } from "../../universe/time-column.ts";
import { cuts, digitizingError, type Line } from "./simplify.ts";

/** What stays of a line. Without a measure: what is farther off than digitizing alone can cause. */
type Measure =
  | { readonly kind: "none" }
  | { readonly kind: "epsilon"; readonly epsilon: number }
  | { readonly kind: "retention"; readonly perCent: number };

interface RdpSpec {
  readonly time: string;
  readonly value: string;
  readonly measure: Measure;
}

const rdpKind = wholeBatchKind<RdpSpec>(
  { name: "rdp", describe: ({ value, measure }) => `${value}, ${inWords(measure)}` },
  ({ time, value, measure }) =>
    (batch) =>
      simplified(
        batch,
        { time: timeColumnOf(batch, "rdp", time), value: valuesOf(batch, value) },
        measure,
      ),
);

function inWords(measure: Measure): string {
  if (measure.kind === "none") return "by itself";
  return measure.kind === "epsilon" ? `epsilon ${measure.epsilon}` : `${measure.perCent} per cent`;
}

interface Columns {
  readonly time: TimeColumn;
  readonly value: NumericColumn;
}

function valuesOf(batch: Batch, label: string): NumericColumn {
  const at = indexOf(batch.schema, label);
  if (at < 0) throw noSuchColumn(`rdp: column "${label}" does not exist`, batch);
  const column = numericAt({ ...batch, columns: [flatAt(batch, at)] }, 0);
  if (column !== undefined) return column;
  throw new FluxError(
    "failed precondition",
    `rdp: column "${label}" is type ${batch.schema[at].kind} and not a number`,
  );
}

function simplified(batch: Batch, columns: Columns, measure: Measure): Batch {
  const [times, values] = [columnBuilder("time", batch.rows), columnBuilder("float", batch.rows)];
  const tableEnds = new Uint32Array(batch.tableEnds.length);
  let kept = 0;
  for (let table = 0; table < tableEnds.length; table++) {
    const rows = rowsOf(columns, tableStart(batch, table), batch.tableEnds[table]);
    const line = lineOf(columns, rows);
    for (const i of rows.length === 0 ? [] : staying(line, measure)) {
      times.append(columns.time.data[rows[i]]);
      values.append(line.y[i]);
      kept += 1;
    }
    tableEnds[table] = kept;
  }
  const made = [
    { label: "_time", column: times.finish() },
    { label: "_value", column: values.finish() },
  ];
  return keyAnd(batch, made, tableEnds);
}

/** The rows that have a time and a value. */
function rowsOf({ time, value }: Columns, from: number, to: number): number[] {
  const rows: number[] = [];
  for (let row = from; row < to; row++)
    if (isValid(time.valid, row) && isValid(value.valid, row)) rows.push(row);
  return rows;
}

/** Times count from the first one, so that no digit of theirs is lost. */
function lineOf({ time, value }: Columns, rows: readonly number[]): Line {
  const first = rows.length === 0 ? 0n : time.data[rows[0]];
  return {
    x: Float64Array.from(rows, (row) => Number(time.data[row] - first)),
    y: Float64Array.from(rows, (row) => Number(value.data[row])),
  };
}

/** The points of a line that stay. */
function staying(line: Line, measure: Measure): number[] {
  const far =
    measure.kind === "retention"
      ? cuts(line, () => true)
      : cuts(line, (from, to, distance) =>
          measure.kind === "epsilon"
            ? distance >= measure.epsilon
            : distance >= digitizingError(line, from, to),
        );
  const least = measure.kind === "retention" ? leastOf(far, measure.perCent) : Number.MIN_VALUE;
  return Array.from(far.keys()).filter((i) => far[i] >= least);
}

/** The distance of the last point that stays when `perCent` of them do, the farthest first. */
function leastOf(far: Float64Array, perCent: number): number {
  const count = Math.floor((perCent / 100) * far.length);
  if (count >= 1) return far.toSorted((a, b) => b - a)[count - 1];
  throw invalid(
    `rdp: ${perCent} per cent of a table with ${far.length} rows is less than one row`,
    "give a greater retention, or epsilon",
  );
}

function measureOf(args: Arguments): Measure {
  const epsilon = args.has("epsilon") ? args.float("epsilon") : undefined;
  const perCent = args.has("retention") ? args.float("retention") : undefined;
  if (epsilon !== undefined && !(epsilon > 0))
    throw invalid(`rdp: epsilon is ${epsilon}: it should be greater than 0`);
  if (perCent !== undefined && !(perCent > 0 && perCent < 100))
    throw invalid(`rdp: retention is ${perCent}: it should lie between 0 and 100, in per cent`);
  if (epsilon !== undefined && perCent !== undefined)
    throw invalid("rdp: give either epsilon or retention, not both");
  if (epsilon !== undefined) return { kind: "epsilon", epsilon };
  return perCent === undefined ? { kind: "none" } : { kind: "retention", perCent };
}

export const rdp = transformation({
  name: "rdp",
  type: `(<-tables: stream[A], ?valColumn: string, ?timeColumn: string, ?epsilon: float, ?retention: float)
    => stream[B] where A: Record, B: Record`,
  docs:
    "Fewer points that draw nearly the same line, by the algorithm of Ramer, Douglas and Peucker: those stay " +
    "that are `epsilon` or farther from the line through the others, or the `retention` per cent that are " +
    "farthest; with neither, what is finer than the steps of the numbers is left out. A distance counts " +
    "nanoseconds and values alike. Gives the columns `_time` and `_value`, a float, beside the key's.",
  example: `import "experimental/polyline"
import "sampledata"
sampledata.float() |> polyline.rdp(retention: 60.0)`,
  kind: rdpKind,
  spec: (args) => ({
    time: args.string("timeColumn", "_time"),
    value: args.string("valColumn", "_value"),
    measure: measureOf(args),
  }),
});

import {
  type Batch,
  type Column,
  columnBuilder,
  type ColumnSpec,
  type FlatColumn,
  indexOf,
  isValid,
  type Schema,
  tableStart,
} from "@tocsin/data/column";
import { invalid } from "@tocsin/data/value";
import { isKind, type LogicalNode, passing, type Rule, without } from "@tocsin/engine/plan";
import { missingColumn } from "../aggregate.ts";
import { boundsOf } from "../bounds.ts";
import { perBatchKind } from "../per-batch.ts";
import { selectRows } from "../whole-batch.ts";
import { fromKind } from "./from.ts";

/** Absolute bounds, nanoseconds since the epoch; `stop` is exclusive. */
export interface RangeSpec {
  readonly start: bigint;
  readonly stop: bigint;
  readonly timeColumn: string;
  readonly startColumn: string;
  readonly stopColumn: string;
}

/** Keeps the rows whose time lies in the bounds, and notes the bounds in every table's key. */
export const rangeKind = perBatchKind<RangeSpec>(
  {
    name: "range",
    rowwise: true,
    reads: ({ timeColumn, startColumn, stopColumn }, wanted) =>
      passing(without(wanted, startColumn, stopColumn), timeColumn),
    describe: (spec) => `[${spec.start}, ${spec.stop})`,
  },
  (spec, { node }) => {
    // Nested ranges intersect: the columns tell what is left of both.
    const bounds = boundsOf(node);
    const cut = bounds === undefined ? spec : { ...spec, ...bounds };
    return (batch) => rangeOf(batch, cut);
  },
);

function rangeOf(batch: Batch, spec: RangeSpec): Batch {
  const at = indexOf(batch.schema, spec.timeColumn);
  if (at < 0) throw missingColumn("range", spec.timeColumn, batch.schema);
  if (batch.schema[at].kind !== "time") {
    throw invalid(
      `range: column "${spec.timeColumn}" is not of type time, but ${batch.schema[at].kind}`,
    );
  }
  const column = batch.columns[at];
  const kept =
    column.form === "table"
      ? keptTables(batch, column.values, spec)
      : keptRows(batch, column, spec);
  return withBounds(kept, spec);
}

function keptRows(batch: Batch, column: FlatColumn, { start, stop }: RangeSpec): Batch {
  const data =
    column.form === "flat" && column.kind === "time" ? column.data : new BigInt64Array(0);
  if (column.valid === undefined && allWithin(data, start, stop)) return batch;
  const rows = new Uint32Array(batch.rows);
  const ends = new Uint32Array(batch.tableEnds.length);
  let count = 0;
  for (let table = 0; table < ends.length; table++) {
    for (let row = tableStart(batch, table); row < batch.tableEnds[table]; row++) {
      const time = data[row];
      if (time >= start && time < stop && isValid(column.valid, row)) rows[count++] = row;
    }
    ends[table] = count;
  }
  return count === batch.rows ? batch : selectRows(batch, rows, count, ends);
}

/** Compared by halves: until a loop is compiled well, each bigint would be an object. */
function allWithin(times: BigInt64Array, start: bigint, stop: bigint): boolean {
  const halves = new Int32Array(times.buffer, times.byteOffset, 2 * times.length);
  const startHigh = Number(start >> 32n);
  const startLow = Number(BigInt.asUintN(32, start));
  const stopHigh = Number(stop >> 32n);
  const stopLow = Number(BigInt.asUintN(32, stop));
  for (let i = 0; i < halves.length; i += 2) {
    const high = halves[i + 1];
    if (high > startHigh && high < stopHigh) continue;
    const low = halves[i] >>> 0;
    if (high < startHigh || (high === startHigh && low < startLow)) return false;
    if (high > stopHigh || (high === stopHigh && low >= stopLow)) return false;
  }
  return true;
}

function keptTables(batch: Batch, times: FlatColumn, spec: RangeSpec): Batch {
  const rows = new Uint32Array(batch.rows);
  const ends = new Uint32Array(batch.tableEnds.length);
  let count = 0;
  for (let table = 0; table < ends.length; table++) {
    const time = times.form === "flat" && times.kind === "time" ? times.data[table] : spec.stop;
    const inside = time >= spec.start && time < spec.stop;
    for (let row = tableStart(batch, table); inside && row < batch.tableEnds[table]; row++)
      rows[count++] = row;
    ends[table] = count;
  }
  return count === batch.rows ? batch : selectRows(batch, rows, count, ends);
}

function withBounds(batch: Batch, spec: RangeSpec): Batch {
  const schema: ColumnSpec[] = [];
  const columns: Column[] = [];
  const add = (label: string, cells: BigInt64Array): void => {
    const builder = columnBuilder("time", cells.length);
    for (const cell of cells) builder.append(cell);
    schema.push({ label, kind: "time", key: true });
    columns.push({ kind: "time", form: "table", values: builder.finish() });
  };
  const { starts, stops } = boundsOfTables(batch, spec);
  add(spec.startColumn, starts);
  add(spec.stopColumn, stops);
  batch.schema.forEach((one: Schema[number], i) => {
    if (one.label === spec.startColumn || one.label === spec.stopColumn) return;
    schema.push(one);
    columns.push(batch.columns[i]);
  });
  return { ...batch, schema, columns };
}

/**
 * Tables that have bounds in their key already, such as windows, are cut to what these and the range have in
 * common; those outside are empty, and keep theirs. Of a table with one of the two in its key, that one stays.
 * A range that shares nothing with those before it has bounds of its own.
 */
function boundsOfTables(
  batch: Batch,
  spec: RangeSpec,
): { starts: BigInt64Array; stops: BigInt64Array } {
  const tables = batch.tableEnds.length;
  const [starts, stops] = [new BigInt64Array(tables), new BigInt64Array(tables)];
  const labels = spec.start < spec.stop ? [spec.startColumn, spec.stopColumn] : [];
  const [before, after] = labels.map((label) => timesIn(batch, label));
  const both = before !== undefined && after !== undefined;
  for (let table = 0; table < tables; table++) {
    const start = before?.[table] ?? spec.start;
    const stop = after?.[table] ?? spec.stop;
    const cut = both && start < spec.stop && spec.start < stop;
    starts[table] = cut && start < spec.start ? spec.start : start;
    stops[table] = cut && stop > spec.stop ? spec.stop : stop;
  }
  return { starts, stops };
}

/** The cells of a time in the group key, one a table; undefined: it is not in it. */
function timesIn(batch: Batch, label: string): BigInt64Array | undefined {
  const at = indexOf(batch.schema, label);
  const column = at < 0 || !batch.schema[at].key ? undefined : batch.columns[at];
  if (column?.form !== "table") return undefined;
  const { values } = column;
  return values.form === "flat" && values.kind === "time" && values.valid === undefined
    ? values.data
    : undefined;
}

/** A bucket reads only the range that follows: without one it is not read at all. */
export const rangeIntoBucket: Rule = {
  name: "influxdata/influxdb.PushDownRange",
  phase: "physical",
  apply(node: LogicalNode) {
    if (!isKind(node, rangeKind)) return undefined;
    const [input] = node.inputs;
    const { start, stop, timeColumn, startColumn, stopColumn } = node.spec;
    if (!isKind(input, fromKind) || input.spec.range !== undefined) return undefined;
    if (timeColumn !== "_time" || startColumn !== "_start" || stopColumn !== "_stop")
      return undefined;
    return { ...input, id: node.id, spec: { ...input.spec, range: { start, stop } } };
  },
};

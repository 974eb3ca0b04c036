import {
  type Batch,
  type Column,
  type ColumnSpec,
  indexOf,
  isValid,
  type RowRuns,
  type Schema,
  tableStart,
  takeRuns,
} from "@tocsin/data/column";
import { formatTimeNano, invalid } from "@tocsin/data/value";
import {
  isKind,
  type LogicalNode,
  passing,
  type Rule,
  type TimeBounds,
  without,
} from "@tocsin/engine/plan";
import { missingColumn } from "../aggregate.ts";
import { boundsOf } from "../bounds.ts";
import { perBatchKind } from "../per-batch.ts";
import { rowsWithin, runsWithin } from "../rows-within.ts";
import { keepRows, selectRows } from "../whole-batch.ts";
import type { Times } from "../times.ts";
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
    bounds: common,
    describe: ({ start, stop }) => `${formatTimeNano(start)} to ${formatTimeNano(stop)}`,
  },
  (spec, { node }) => {
    // Nested ranges intersect: the bound columns say what is left of both.
    const bounds = boundsOf(node);
    const cut = bounds === undefined ? spec : { ...spec, ...bounds };
    const schemas = new BoundSchemas(cut);
    return (batch) => rangeOf(batch, cut, schemas);
  },
);

const nothing: TimeBounds = { start: 0n, stop: 0n };

/** What the range and the bounds before it have in common. */
function common({ start, stop }: TimeBounds, before: TimeBounds | undefined): TimeBounds {
  if (before === undefined) return { start, stop };
  if (stop <= before.start || before.stop <= start) return nothing;
  return {
    start: start > before.start ? start : before.start,
    stop: stop < before.stop ? stop : before.stop,
  };
}

function rangeOf(batch: Batch, spec: RangeSpec, schemas: BoundSchemas): Batch {
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
      ? keptTables(batch, column.values as Times, spec)
      : keptRows(batch, column as Times, spec);
  return withBounds(kept, spec, schemas.of(batch.schema));
}

/** Where runs have fewer rows than that, rows are copied one by one. */
const rowsOfRuns = 512;

function keptRows(batch: Batch, times: Times, bounds: RangeSpec): Batch {
  const runs = runsWithin(times, bounds, 1 + batch.rows / rowsOfRuns);
  const kept = runs === undefined ? undefined : runsOf(batch, runs);
  if (kept?.rows === batch.rows) return batch;
  // What shares the memory of a batch holds all of it.
  if (kept !== undefined && kept.rows * 2 >= batch.rows) {
    const columns = batch.columns.map((column) =>
      column.form === "table" ? column : takeRuns(column, kept),
    );
    return { ...batch, columns, rows: kept.rows, tableEnds: kept.tableEnds };
  }
  const rows = kept?.rows === 0 ? new Uint32Array(0) : rowsWithin(times, bounds);
  return rows === undefined ? batch : keepRows(batch, rows);
}

/** Runs of rows, how many these are, and where tables end among them. */
function runsOf({ tableEnds }: Batch, runs: readonly number[]): RowRuns {
  let [at, before] = [0, 0];
  const ends = tableEnds.map((end) => {
    for (; at < runs.length && runs[at + 1] <= end; at += 2) before += runs[at + 1] - runs[at];
    return before + (at < runs.length ? Math.max(0, end - runs[at]) : 0);
  });
  return { runs, rows: ends.length === 0 ? 0 : ends[ends.length - 1], tableEnds: ends };
}

function keptTables(batch: Batch, { data, valid }: Times, spec: RangeSpec): Batch {
  const rows = new Uint32Array(batch.rows);
  const ends = new Uint32Array(batch.tableEnds.length);
  let count = 0;
  for (let table = 0; table < ends.length; table++) {
    const time = data[table];
    const inside = isValid(valid, table) && time >= spec.start && time < spec.stop;
    for (let row = tableStart(batch, table); inside && row < batch.tableEnds[table]; row++)
      rows[count++] = row;
    ends[table] = count;
  }
  return count === batch.rows ? batch : selectRows(batch, rows, count, ends);
}

/** Schemas with the bounds in front. Equal schemas stay the same object, which readers compare first. */
class BoundSchemas {
  readonly #labels: readonly string[];
  #of: Schema = [];
  #made: Schema = [];

  constructor({ startColumn, stopColumn }: RangeSpec) {
    this.#labels = [startColumn, stopColumn];
  }
  of(schema: Schema): Schema {
    if (schema === this.#of) return this.#made;
    const labels = this.#labels;
    const bounds = labels.map((label): ColumnSpec => ({ label, kind: "time", key: true }));
    this.#of = schema;
    this.#made = [...bounds, ...schema.filter(({ label }) => !labels.includes(label))];
    return this.#made;
  }
}

function withBounds(batch: Batch, spec: RangeSpec, schema: Schema): Batch {
  const { starts, stops } = boundsOfTables(batch, spec);
  const columns: Column[] = [starts, stops].map((data) => ({
    kind: "time",
    form: "table",
    values: { kind: "time", form: "flat", data, valid: undefined },
  }));
  batch.schema.forEach(({ label }, i) => {
    if (label !== spec.startColumn && label !== spec.stopColumn) columns.push(batch.columns[i]);
  });
  return { ...batch, schema, columns };
}

/**
 * The bounds of each table. A table with both bounds in its key already, such as a window, gets what these and the
 * range have in common, and keeps its own where that is nothing. One with a single bound in its key keeps that one.
 * After ranges that have nothing in common all tables get the empty bounds.
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

/** The cells of a time in the group key, one for each table; undefined: the key does not have it. */
function timesIn(batch: Batch, label: string): BigInt64Array | undefined {
  const at = indexOf(batch.schema, label);
  const column = at < 0 || !batch.schema[at].key ? undefined : batch.columns[at];
  if (column?.form !== "table") return undefined;
  const { values } = column;
  return values.form === "flat" && values.kind === "time" && values.valid === undefined
    ? values.data
    : undefined;
}

/** A bucket is read only in the range that follows it; without one it is not read at all. */
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

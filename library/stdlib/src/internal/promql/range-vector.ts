import {
  cellAt,
  columnBuilder,
  expand,
  indexOf,
  type Table,
  tableFrom,
  tableKey,
} from "@tocsin/data/column";
import { FluxError } from "@tocsin/data/value";
import { missingColumn, type OperatorKind, wholeTableKind } from "@tocsin/engine/execute";

/** A row that has a time and a value. */
export interface Sample {
  /** Nanoseconds since the epoch. */
  readonly time: bigint;
  readonly value: number;
}

/** Bounds of the range of a table, from its group key. */
export interface Bounds {
  readonly start: bigint;
  readonly stop: bigint;
}

/**
 * A kind that makes one value of the samples of each table, as PromQL's functions of a range vector
 * do; a table of which nothing can be said is left out.
 */
export function rangeVectorKind<Spec>(
  name: string,
  valueOf: (samples: readonly Sample[], spec: Spec, bounds: () => Bounds) => number | undefined,
): OperatorKind<Spec> {
  return wholeTableKind<Spec>({ name }, (spec) => (table) => {
    const value = valueOf(samplesOf(table, name), spec, () => boundsOf(table, name));
    return value === undefined ? undefined : oneValue(table, "_value", value);
  });
}

/** A table with the key of `table` and one row. */
export function oneValue(table: Table, label: string, value: number): Table {
  const builder = columnBuilder("float", 1);
  builder.append(value);
  return tableFrom(tableKey(table), [{ label, column: builder.finish() }], { rows: 1 });
}

function samplesOf(table: Table, name: string): Sample[] {
  const at = indexOf(table.schema, "_value");
  if (at < 0) throw missingColumn(name, "_value", table.schema);
  const timeAt = indexOf(table.schema, "_time");
  const values = expand(table.columns[at], table.tableEnds);
  const times = timeAt < 0 ? undefined : expand(table.columns[timeAt], table.tableEnds);
  const samples: Sample[] = [];
  for (let row = 0; row < table.rows; row++) {
    const value = cellAt(values, row);
    const time = times === undefined ? 0n : cellAt(times, row);
    if (typeof value === "number" && typeof time === "bigint") samples.push({ time, value });
  }
  return samples;
}

function boundsOf(table: Table, name: string): Bounds {
  const key = tableKey(table);
  const [start, stop] = ["_start", "_stop"].map((label) => {
    const cell = key.cells[key.labels.indexOf(label)] as unknown;
    if (typeof cell === "bigint") return cell;
    throw new FluxError(
      "failed precondition",
      `${name}: the group key needs the times _start and _stop: call range() before`,
    );
  });
  return { start, stop };
}

/** Nanoseconds as seconds. */
export const seconds = (nanoseconds: bigint): number => Number(nanoseconds) / 1e9;

import { type Batch, cellAt, expand } from "@tocsin/data/column";
import {
  type FluxError,
  type FunctionValue,
  kindName,
  type RecordValue,
  type Value,
} from "@tocsin/data/value";
import type { MappedBatch, MappedColumn, RowCompiler } from "@tocsin/engine/expression";

/** What a row compiler makes of a function, as text that two compilers must agree on. */
export type Outcome = readonly string[];

const badText = (row: number, error: FluxError): string =>
  `row ${row}: ${error.code}: ${error.message} @${error.at?.start}-${error.at?.end}`;

export function predicateOutcome(rows: RowCompiler, fn: FunctionValue, batch: Batch): Outcome {
  const kept = new Uint32Array(batch.rows);
  const bad: string[] = [];
  const count = rows
    .predicate(fn)
    .select(batch, kept, (row, error) => bad.push(badText(row, error)));
  return [`kept ${kept.subarray(0, count as number).join(" ")}`, ...bad];
}

export function mapperOutcome(rows: RowCompiler, fn: FunctionValue, batch: Batch): Outcome {
  const bad: string[] = [];
  const mapped = rows.mapper(fn).map(batch, (row, error) => bad.push(badText(row, error)));
  const { columns, kept } = mapped as MappedBatch;
  const left = kept === undefined ? Array.from({ length: batch.rows }, (_, row) => row) : [...kept];
  return [...columns.flatMap((one) => columnText(one, left, batch)), ...bad];
}

/** A column of nulls only is left out: whether its type is known is not part of the agreement. */
function columnText(
  { label, column }: MappedColumn,
  rows: readonly number[],
  batch: Batch,
): string[] {
  const flat = expand(column, batch.tableEnds);
  const cells = rows.map((row) => cellAt(flat, row));
  if (cells.every((cell) => cell === null)) return [];
  const texts = cells.map((cell) => (Object.is(cell, -0) ? "-0" : JSON.stringify(String(cell))));
  return [`${label} ${column.kind} ${texts.join(" ")}`];
}

export function folderOutcome(
  rows: RowCompiler,
  fn: FunctionValue,
  { batch, identity }: { batch: Batch; identity: RecordValue },
): Outcome {
  try {
    const folded = rows.folder(fn).fold(batch, identity, identity);
    if (folded instanceof Promise) throw new Error("a pure function gave a promise");
    const whole = {
      ...batch,
      tableEnds: Uint32Array.from(batch.tableEnds, (_, table) => table + 1),
    };
    const tables = Array.from(batch.tableEnds, (_, table) => table);
    return [
      ...folded.columns.flatMap((one) => columnText(one, tables, whole)),
      [...folded.last.fields].map(([label, value]) => `${label}=${valueText(value)}`).join(" "),
    ];
  } catch (thrown) {
    const error = thrown as FluxError;
    if (error.name !== "FluxError") throw thrown;
    return [badText(-1, error)];
  }
}

/** Values of any kind, by a few rows at a time. */
export function valuesOutcome(rows: RowCompiler, fn: FunctionValue, batch: Batch): Outcome {
  const made: string[] = [];
  const goOn = rows.values(fn).begin(batch, {
    take: (row, value) => made.push(`${row}: ${value.kind} ${valueText(value)}`),
    failed: (row, thrown) => made.push(badText(row, thrown as FluxError)),
  });
  for (let end = 0; end < batch.rows;) void goOn((end = Math.min(end + 3, batch.rows)));
  return made;
}

function valueText(value: Value): string {
  if (value.kind === "array") return `[${value.elements.map(valueText).join()}]`;
  // Whether a null's type is known is not part of the agreement.
  if (value.kind === "null") return "";
  if (value.kind === "record") {
    return `{${[...value.fields].map(([label, one]) => `${label}: ${one.kind} ${valueText(one)}`).join()}}`;
  }
  if (!("value" in value)) return kindName(value);
  return Object.is(value.value, -0) ? "-0" : String(value.value);
}

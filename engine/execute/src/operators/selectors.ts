import {
  type Batch,
  type Column,
  type FlatColumn,
  halvesOf,
  indexOf,
  isValid,
  tableStart,
  topBit,
} from "@tocsin/data/column";
import { type ColumnKind, FluxError } from "@tocsin/data/value";
import { passing } from "@tocsin/engine/plan";
import { missingColumn } from "../aggregate.ts";
import type { OperatorKind } from "../operator.ts";
import { operatorKind } from "../per-batch.ts";
import { selectRows, WholeBatches } from "../whole-batch.ts";
import type { ColumnChoice } from "./aggregates.ts";

/** The row of `from .. to` that is chosen, or -1. */
type Pick = (column: FlatColumn, from: number, to: number) => number;

/** First row with a value; a table without any stays, empty. */
export const firstKind = selectorKind("first", () => pickFirst);
/** Last row with a value. */
export const lastKind = selectorKind("last", () => pickLast);
/** First row with the smallest value. */
export const minKind = selectorKind("min", (kind) => pickExtreme(kind, true));
/** First row with the largest value. */
export const maxKind = selectorKind("max", (kind) => pickExtreme(kind, false));

/**
 * Keeps one row of each table. Each batch is reduced on its own; what a table that came in several
 * batches left is reduced again.
 */
function selectorKind(
  name: string,
  pickOf: (kind: ColumnKind) => Pick | undefined,
): OperatorKind<ColumnChoice> {
  return operatorKind<ColumnChoice>(
    {
      name,
      rowwise: false,
      keepsOrder: true,
      reads: ({ column }, wanted) => passing(wanted, column),
      describe: ({ column }) => column,
    },
    ({ column }, out) => {
      const reduce = (batch: Batch): Batch => select(batch, name, column, pickOf);
      let pending = false;
      const whole = new WholeBatches();
      return {
        push(batch) {
          const reduced = reduce(batch);
          if (pending || batch.open) {
            whole.add(reduced);
            for (const one of whole.take()) if (one !== undefined) out.push(reduce(one));
          } else out.push(reduced);
          pending = batch.open;
        },
        finish: () => undefined,
      };
    },
  );
}

function select(
  batch: Batch,
  name: string,
  label: string,
  pickOf: (kind: ColumnKind) => Pick | undefined,
): Batch {
  const at = indexOf(batch.schema, label);
  if (at < 0) throw missingColumn(name, label, batch.schema);
  const column = batch.columns[at];
  const pick = pickOf(column.kind);
  if (pick === undefined) {
    // Upstream's words, which scripts may look for.
    const selector = `*universe.${name === "min" ? "Min" : "Max"}Selector`;
    throw new FluxError(
      "failed precondition",
      `${name}: invalid use of function: ${selector} has no implementation for type ${column.kind}`,
      {
        hint: `"${label}" has no numbers or times: sort by it and take the first row instead`,
      },
    );
  }
  const tables = batch.tableEnds.length;
  const rows = new Uint32Array(tables);
  const ends = new Uint32Array(tables);
  let count = 0;
  for (let table = 0; table < tables; table++) {
    const row = pickIn(column, pick, {
      table,
      from: tableStart(batch, table),
      to: batch.tableEnds[table],
    });
    if (row >= 0) rows[count++] = row;
    ends[table] = count;
  }
  return count === batch.rows ? batch : selectRows(batch, rows, count, ends);
}

function pickIn(
  column: Column,
  pick: Pick,
  { table, from, to }: { table: number; from: number; to: number },
): number {
  if (column.form !== "table") return pick(column, from, to);
  // All rows have the same value: the choice is between the first row, the last row and none.
  if (from === to || !isValid(column.values.valid, table)) return -1;
  return pick === pickLast ? to - 1 : from;
}

function pickFirst({ valid }: FlatColumn, from: number, to: number): number {
  if (valid === undefined) return from < to ? from : -1;
  for (let row = from; row < to; row++) if (isValid(valid, row)) return row;
  return -1;
}

function pickLast({ valid }: FlatColumn, from: number, to: number): number {
  if (valid === undefined) return from < to ? to - 1 : -1;
  for (let row = to - 1; row >= from; row--) if (isValid(valid, row)) return row;
  return -1;
}

function pickExtreme(kind: ColumnKind, least: boolean): Pick | undefined {
  switch (kind) {
    case "float":
      return least ? leastFloat : mostFloat;
    case "int":
    case "uint":
    case "time":
      return least ? leastWhole : mostWhole;
    default:
      return undefined;
  }
}

function leastFloat(column: FlatColumn, from: number, to: number): number {
  if (column.form !== "flat" || column.kind !== "float") return -1;
  const { data, valid } = column;
  let found = -1;
  for (let row = from; row < to; row++)
    if (isValid(valid, row) && (found < 0 || data[row] < data[found])) found = row;
  return found;
}

function mostFloat(column: FlatColumn, from: number, to: number): number {
  if (column.form !== "flat" || column.kind !== "float") return -1;
  const { data, valid } = column;
  let found = -1;
  for (let row = from; row < to; row++)
    if (isValid(valid, row) && (found < 0 || data[row] > data[found])) found = row;
  return found;
}

function leastWhole(column: FlatColumn, from: number, to: number): number {
  return wholeExtreme(column, from, to, true);
}

function mostWhole(column: FlatColumn, from: number, to: number): number {
  return wholeExtreme(column, from, to, false);
}

/** Rows of one call: a loop that is called often is compiled soon, and stays compiled. */
const rowsAtOnce = 1024;
/** Compared by halves: until a loop is optimized, each bigint would be an object. */
function wholeExtreme(column: FlatColumn, from: number, to: number, least: boolean): number {
  if (column.form !== "flat" || column.kind === "float" || column.kind === "bool") return -1;
  const { data, valid, kind } = column;
  const halves = halvesOf(data);
  // With all bits turned, the largest is the smallest.
  const turned = least ? 0 : -1;
  const high = (kind === "uint" ? topBit : 0) ^ turned;
  const work = { halves, valid, high, low: topBit ^ turned };
  let found = -1;
  for (let row = from; row < to; row += rowsAtOnce)
    found = leastOf(work, found, row, Math.min(to, row + rowsAtOnce));
  return found;
}

/** Whole numbers in halves, the lower one first, and what orders them as signed ones. */
interface Halves {
  readonly halves: Int32Array;
  readonly valid: FlatColumn["valid"];
  readonly high: number;
  readonly low: number;
}

/** The first row with the smallest of the numbers in `found` (-1: none yet) and `from .. to`. */
function leastOf(
  { halves, valid, high, low }: Halves,
  found: number,
  from: number,
  to: number,
): number {
  let leastHigh = found < 0 ? 0 : halves[2 * found + 1] ^ high;
  let leastLow = found < 0 ? 0 : halves[2 * found] ^ low;
  for (let row = from; row < to; row++) {
    if (valid !== undefined && !isValid(valid, row)) continue;
    const rowHigh = halves[2 * row + 1] ^ high;
    if (found >= 0 && rowHigh > leastHigh) continue;
    const rowLow = halves[2 * row] ^ low;
    if (found >= 0 && rowHigh === leastHigh && rowLow >= leastLow) continue;
    found = row;
    leastHigh = rowHigh;
    leastLow = rowLow;
  }
  return found;
}

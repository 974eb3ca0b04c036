import { type Batch, cellOf } from "@tocsin/data/column";
import { type ColumnKind, compareUtf8, formatTimeNano, type Raw } from "@tocsin/data/value";
import type { BadRowSink } from "@tocsin/engine/expression";
import type { OperatorContext } from "../operator.ts";

/** Reports bad rows of `batch` when they may leave the stream; otherwise throws the row's error. */
export function badRows(batch: Batch, context: OperatorContext): BadRowSink {
  return (row, error) => {
    const placed = error.placed(context.node.at);
    if (context.badRow === undefined) throw placed;
    context.badRow({ error: placed, row: rowText(batch, row), at: placed.at });
  };
}

/** What people recognise a row by: its group key and its time. */
function rowText(batch: Batch, row: number): string {
  let table = 0;
  while (batch.tableEnds[table] <= row) table += 1;
  const cellAt = (at: number): Raw => cellOf(batch.columns[at], row, table);
  const told = batch.schema.flatMap(({ label, kind, key }, at) => {
    const isTold = key ? !bounds.has(label) : label === "_time" && cellAt(at) !== null;
    return isTold ? [{ label, text: shown(kind, cellAt(at)), key }] : [];
  });
  told.sort((a, b) => Number(b.key) - Number(a.key) || compareUtf8(a.label, b.label));
  return told.map(({ label, text }) => `${label}=${text}`).join(" ");
}

/** The bounds of a range say nothing of a single row. */
const bounds: ReadonlySet<string> = new Set(["_start", "_stop"]);

const shown = (kind: ColumnKind, cell: Raw): string =>
  kind === "time" && typeof cell === "bigint" ? formatTimeNano(cell) : String(cell);

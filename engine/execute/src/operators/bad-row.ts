import { type Batch, cellOf, indexOf, keyOf } from "@tocsin/data/column";
import { formatTimeNano } from "@tocsin/data/value";
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

/** What people recognise a row by: its group key and time. */
function rowText(batch: Batch, row: number): string {
  let table = 0;
  while (batch.tableEnds[table] <= row) table += 1;
  const key = keyOf(batch, table);
  const parts = key.labels.flatMap((label, i) =>
    label === "_start" || label === "_stop" ? [] : [`${label}=${String(key.cells[i])}`],
  );
  const at = indexOf(batch.schema, "_time");
  const time = at < 0 ? null : cellOf(batch.columns[at], row, table);
  if (typeof time === "bigint") parts.push(`_time=${formatTimeNano(time)}`);
  return parts.join(" ");
}

import { type Batch, cellAt, tableStart, valueOf } from "@tocsin/data/column";
import { boxed, type RecordValue, type Value } from "@tocsin/data/value";
import type { Awaitable } from "./awaitable.ts";

/** The row `row` of a batch, which is in the table `table`, as the record that row functions take. */
export function rowValue(batch: Batch, row: number, table: number): RecordValue {
  const fields = new Map<string, Value>();
  for (let i = 0; i < batch.schema.length; i++) {
    fields.set(batch.schema[i].label, valueOf(batch.columns[i], row, table));
  }
  return { kind: "record", fields };
}

/** Makes records of rows, one after the other. Values of the group key are made once for each table. */
export class RowReader {
  readonly batch: Batch;
  readonly #key: (Value | undefined)[] = [];
  #table = -1;

  constructor(batch: Batch) {
    this.batch = batch;
  }
  record(row: number, table: number): RecordValue {
    if (table !== this.#table) this.#enter(table);
    const { schema, columns } = this.batch;
    const fields = new Map<string, Value>();
    for (let i = 0; i < schema.length; i++) {
      fields.set(schema[i].label, this.#key[i] ?? valueOf(columns[i], row, table));
    }
    return { kind: "record", fields };
  }
  #enter(table: number): void {
    this.#table = table;
    this.batch.columns.forEach((column, i) => {
      this.#key[i] =
        column.form === "table" ? boxed(column.kind, cellAt(column.values, table)) : undefined;
    });
  }
}

/** Calls `step` for each row in order. Once it has given a promise, each row waits for the one before. */
export function eachRow(
  batch: Batch,
  step: (row: number, table: number) => Awaitable<void>,
): Awaitable<void> {
  for (let table = 0; table < batch.tableEnds.length; table++) {
    for (let row = tableStart(batch, table); row < batch.tableEnds[table]; row++) {
      const result = step(row, table);
      if (result instanceof Promise) return restOfRows(batch, step, { row, table, result });
    }
  }
}

async function restOfRows(
  batch: Batch,
  step: (row: number, table: number) => Awaitable<void>,
  from: { row: number; table: number; result: Promise<void> },
): Promise<void> {
  await from.result;
  let row = from.row + 1;
  for (let table = from.table; table < batch.tableEnds.length; table++) {
    for (; row < batch.tableEnds[table]; row++) await step(row, table);
  }
}

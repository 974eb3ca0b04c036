import { type Batch, cellAt } from "@tocsin/data/column";
import { compareUtf8, type RecordValue, unboxed } from "@tocsin/data/value";
import type { MappedBatch, MappedColumn } from "./row-compiler.ts";
import { ValueColumn } from "./value-column.ts";

/** Collects the records that a map function gives, row by row, as columns. */
export class RecordColumns {
  readonly #batch: Batch;
  readonly #columns = new Map<string, ValueColumn>();
  readonly #changedKeys = new Set<string>();
  readonly #kept: number[] = [];

  constructor(batch: Batch) {
    this.#batch = batch;
  }
  /** Throws, and adds nothing, if no column can hold one of the values. */
  add(row: number, table: number, record: RecordValue): void {
    for (const [label, value] of record.fields) this.#column(label).accept(value);
    for (const [label, value] of record.fields) this.#column(label).set(row, value);
    this.#noteKeys(table, record);
    this.#kept.push(row);
  }
  finish(): MappedBatch {
    const columns: MappedColumn[] = [];
    for (const [label, values] of this.#columns) {
      const column = values.finish();
      if (column !== undefined) columns.push(this.#passing(label) ?? { label, column });
    }
    columns.sort((a, b) => compareUtf8(a.label, b.label));
    const all = this.#kept.length === this.#batch.rows;
    return { columns, kept: all ? undefined : Uint32Array.from(this.#kept) };
  }

  #column(label: string): ValueColumn {
    let column = this.#columns.get(label);
    if (column === undefined) {
      this.#columns.set(label, (column = new ValueColumn("map", label, this.#batch.rows)));
    }
    return column;
  }
  #noteKeys(table: number, record: RecordValue): void {
    this.#batch.schema.forEach(({ label, key, kind }, i) => {
      if (!key || this.#changedKeys.has(label)) return;
      const column = this.#batch.columns[i];
      const value = record.fields.get(label);
      const same =
        value !== undefined &&
        column.form === "table" &&
        (value.kind === kind || value.kind === "null") &&
        Object.is(unboxed(value), cellAt(column.values, table));
      if (!same) this.#changedKeys.add(label);
    });
  }
  #passing(label: string): MappedColumn | undefined {
    const at = this.#batch.schema.findIndex((spec) => spec.key && spec.label === label);
    if (at < 0 || this.#changedKeys.has(label)) return undefined;
    return { label, column: this.#batch.columns[at], passes: label };
  }
}

import { type Batch, cellAt, columnBuilder, type ColumnBuilder } from "@tocsin/data/column";
import {
  type ColumnKind,
  compareUtf8,
  type FluxError,
  invalid,
  isColumnKind,
  kindName,
  type RecordValue,
  unboxed,
  type Value,
} from "@tocsin/data/value";
import type { MappedBatch, MappedColumn } from "./row-compiler.ts";

/** The error for a value that no column can hold. */
export function notAColumn(label: string, kind: string): FluxError {
  const type = kind === "record" ? "object" : kind;
  return invalid(
    `map object property "${label}" is ${type} type which is not supported in a flux table`,
    "columns hold bool, int, uint, float, string and time: turn it into a string or leave it out",
  );
}

/** Columns out of the records that a map function gave, row by row. */
export class RecordColumns {
  readonly #batch: Batch;
  readonly #builders = new Map<string, ColumnBuilder>();
  readonly #changedKeys = new Set<string>();
  readonly #kept: number[] = [];
  readonly #cellKinds = new Map<string, ColumnKind>();

  constructor(batch: Batch) {
    this.#batch = batch;
  }
  /** Throws, having added nothing, when no column can hold one of the values. */
  add(row: number, table: number, record: RecordValue): void {
    this.#check(record);
    for (const [label, kind] of this.#cellKinds) this.#open(label, kind, row);
    for (const [label, builder] of this.#builders) {
      const value = record.fields.get(label);
      builder.append(value === undefined ? null : (unboxed(value) ?? null));
    }
    this.#noteKeys(table, record);
    this.#kept.push(row);
  }
  /** A bad row: its cells are there, without values. */
  skip(row: number): void {
    for (const builder of this.#builders.values()) if (builder.rows <= row) builder.append(null);
  }
  finish(): MappedBatch {
    const columns: MappedColumn[] = [];
    for (const [label, builder] of this.#builders) {
      columns.push(this.#passing(label) ?? { label, column: builder.finish() });
    }
    columns.sort((a, b) => compareUtf8(a.label, b.label));
    const all = this.#kept.length === this.#batch.rows;
    return { columns, kept: all ? undefined : Uint32Array.from(this.#kept) };
  }

  #check(record: RecordValue): void {
    this.#cellKinds.clear();
    for (const [label, value] of record.fields) {
      const kind = cellKind(label, value);
      if (kind === undefined) continue;
      const before = this.#builders.get(label)?.kind;
      if (before !== undefined && before !== kind) {
        throw invalid(
          `map object property "${label}" is ${kind} here and ${before} in earlier rows`,
        );
      }
      this.#cellKinds.set(label, kind);
    }
  }
  #open(label: string, kind: ColumnKind, row: number): void {
    if (this.#builders.has(label)) return;
    const builder = columnBuilder(kind, this.#batch.rows);
    while (builder.rows < row) builder.append(null);
    this.#builders.set(label, builder);
  }
  #noteKeys(table: number, record: RecordValue): void {
    this.#batch.schema.forEach(({ label, key, kind }, i) => {
      if (!key || this.#changedKeys.has(label)) return;
      const column = this.#batch.columns[i];
      const value = record.fields.get(label);
      const same =
        value !== undefined &&
        column.form === "table" &&
        (value.kind === kind || (value.kind === "null" && value.of === kind)) &&
        unboxed(value) === cellAt(column.values, table);
      if (!same) this.#changedKeys.add(label);
    });
  }
  #passing(label: string): MappedColumn | undefined {
    const at = this.#batch.schema.findIndex((spec) => spec.key && spec.label === label);
    if (at < 0 || this.#changedKeys.has(label)) return undefined;
    return { label, column: this.#batch.columns[at], passes: label };
  }
}

/** The kind of column that holds `value`; undefined for a null of which no type is known. */
function cellKind(label: string, value: Value): ColumnKind | undefined {
  const kind = value.kind === "null" ? value.of : value.kind;
  if (kind === undefined) return undefined;
  if (!isColumnKind(kind)) throw notAColumn(label, value.kind === "null" ? kind : kindName(value));
  return kind;
}

import { type ColumnKind, compareUtf8, type Raw } from "@tocsin/data/value";
import { cellAt } from "./cell.ts";
import type { Batch } from "./column.ts";

/** What all rows of a table have in common: columns sorted by label, and one cell for each. */
export interface GroupKey {
  readonly labels: readonly string[];
  readonly kinds: readonly ColumnKind[];
  readonly cells: readonly Raw[];
}

/** The key of tables that are not grouped. */
export const EMPTY_KEY: GroupKey = { labels: [], kinds: [], cells: [] };

/** A key from columns in any order. */
export function groupKey(
  columns: readonly { label: string; kind: ColumnKind; cell: Raw }[],
): GroupKey {
  const sorted = [...columns].sort((a, b) => compareUtf8(a.label, b.label));
  return {
    labels: sorted.map((one) => one.label),
    kinds: sorted.map((one) => one.kind),
    cells: sorted.map((one) => one.cell),
  };
}

/** The key of table `table` of a batch. */
export function keyOf(batch: Batch, table: number): GroupKey {
  const columns: { label: string; kind: ColumnKind; cell: Raw }[] = [];
  batch.schema.forEach((spec, i) => {
    const column = batch.columns[i];
    if (!spec.key || column.form !== "table") return;
    columns.push({ label: spec.label, kind: spec.kind, cell: cellAt(column.values, table) });
  });
  return groupKey(columns);
}

/** A text that two keys share exactly when they are equal; null equals null here. */
export function keyText(key: GroupKey): string {
  let text = "";
  for (let i = 0; i < key.labels.length; i++) {
    const cell = key.cells[i];
    const value = cell === null ? "" : String(cell);
    text += `${key.labels[i].length}:${key.labels[i]}${cell === null ? "-" : key.kinds[i]}${value.length}:${value}`;
  }
  return text;
}

/** The order of kinds among the cells of one label: upstream sorts tables so. */
export const kindOrder: readonly ColumnKind[] = ["string", "int", "uint", "float", "bool", "time"];

/**
 * Order of tables: label by label over both keys sorted; a key that lacks a label comes first, null
 * before any value, different types by type. Upstream sorts the tables of `group` so.
 */
export function compareKeys(a: GroupKey, b: GroupKey): number {
  const count = Math.min(a.labels.length, b.labels.length);
  for (let i = 0; i < count; i++) {
    const byLabel = compareUtf8(a.labels[i], b.labels[i]);
    // The key with the smaller label has a column that the other lacks: the one that lacks it is less.
    if (byLabel !== 0) return -byLabel;
    if (a.kinds[i] !== b.kinds[i])
      return kindOrder.indexOf(a.kinds[i]) - kindOrder.indexOf(b.kinds[i]);
    const byCell = compareCells(a.cells[i], b.cells[i]);
    if (byCell !== 0) return byCell;
  }
  return a.labels.length - b.labels.length;
}

/** Order of two cells of one kind: null first, text by its UTF-8 bytes, false before true, NaN first. */
export function compareCells(a: Raw, b: Raw): number {
  if (a === b) return 0;
  if (a === null) return -1;
  if (b === null) return 1;
  if (typeof a === "string") return compareUtf8(a, b as string);
  if (typeof a === "number") {
    if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : -1;
    if (Number.isNaN(b)) return 1;
  }
  return a < b ? -1 : a > b ? 1 : 0;
}

import { type Batch, cellOf, tableStart } from "@tocsin/data/column";
import { decodeCsvText } from "@tocsin/data/codec";
import type { Raw } from "@tocsin/data/value";

/** A table as it is compared: its columns, and its rows as cells. */
export interface PlainTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Raw[])[];
}

/** The tables of an answer in annotated CSV. Storage knows no nulls: an empty text is one there. */
export function tablesOfCsv(bytes: Uint8Array, emptyText: "null" | "text"): PlainTable[] {
  return tablesOf([...decodeCsvText(bytes, { emptyText })].map(({ batch }) => batch));
}

/** The tables of batches, in their order. */
export function tablesOf(batches: readonly Batch[]): PlainTable[] {
  const tables: { columns: string[]; rows: Raw[][] }[] = [];
  let open = false;
  for (const batch of batches) {
    const columns = batch.schema.map(
      ({ label, kind, key }) => `${label}${key ? "*" : ""}:${kind}`,
    );
    for (let table = 0; table < batch.tableEnds.length; table++) {
      if (table > 0 || !open) tables.push({ columns, rows: [] });
      const { rows } = tables[tables.length - 1];
      for (let row = tableStart(batch, table); row < batch.tableEnds[table]; row++) {
        rows.push(batch.columns.map((column) => cellOf(column, row, table)));
      }
    }
    open = batch.open;
  }
  return tables;
}

/**
 * How two answers compare. `last digits`: floats differ by less than a millionth of a millionth.
 * `column order`: the same columns in another order, which after `map` is random upstream.
 */
export type Verdict =
  | { readonly kind: "equal" | "last digits" | "column order" }
  | { readonly kind: "different"; readonly where: string };

/** Compares tables in order, rows in order, cells exactly; floats may differ in their last digits. */
export function compared(theirs: readonly PlainTable[], ours: readonly PlainTable[]): Verdict {
  const verdict = comparedAsTheyAre(theirs, ours);
  if (verdict.kind !== "different") return verdict;
  const sorted = comparedAsTheyAre(theirs.map(inOrderOfLabels), ours.map(inOrderOfLabels));
  return sorted.kind === "different" ? verdict : { kind: "column order" };
}

function inOrderOfLabels({ columns, rows }: PlainTable): PlainTable {
  const order = [...columns.keys()].sort((a, b) => (columns[a] < columns[b] ? -1 : 1));
  return {
    columns: order.map((at) => columns[at]),
    rows: rows.map((cells) => order.map((at) => cells[at])),
  };
}

function comparedAsTheyAre(theirs: readonly PlainTable[], ours: readonly PlainTable[]): Verdict {
  if (theirs.length !== ours.length) {
    return different(`${theirs.length} tables, ours ${ours.length}`);
  }
  let close = false;
  for (const [at, table] of theirs.entries()) {
    const mine = ours[at];
    const [names, own] = [table.columns.join(" "), mine.columns.join(" ")];
    if (names !== own) return different(`table ${at}: ${names}, ours ${own}`);
    if (table.rows.length !== mine.rows.length) {
      return different(`table ${at}: ${table.rows.length} rows, ours ${mine.rows.length}`);
    }
    for (const [row, cells] of table.rows.entries()) {
      for (const [i, cell] of cells.entries()) {
        const other = mine.rows[row][i];
        if (Object.is(cell, other)) continue;
        if (!nearlyEqual(cell, other)) {
          return different(`table ${at}, row ${row}: ${cells}, ours ${mine.rows[row]}`);
        }
        close = true;
      }
    }
  }
  return { kind: close ? "last digits" : "equal" };
}

function nearlyEqual(a: Raw, b: Raw): boolean {
  if (typeof a !== "number" || typeof b !== "number") return false;
  return Math.abs(a - b) <= 1e-12 * Math.max(Math.abs(a), Math.abs(b));
}

const different = (where: string): Verdict => ({ kind: "different", where });

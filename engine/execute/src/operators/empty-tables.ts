import { type Batch, gather } from "@tocsin/data/column";

/**
 * Leaves out tables without rows. It remembers whether a table that goes on was passed on: readers that were told of
 * its beginning must be told of its end, even if no row is left there; others must not hear of it at all.
 */
export class EmptyTables {
  #open = false;

  /** The batch without its empty tables; undefined if nothing is left to be told. */
  without(batch: Batch): Batch | undefined {
    const count = batch.tableEnds.length;
    if (this.#open && count === 1 && batch.open && batch.rows === 0) return undefined;
    const kept: number[] = [];
    let before = 0;
    for (let table = 0; table < count; table++) {
      const end = batch.tableEnds[table];
      if (end > before || (table === 0 && this.#open)) kept.push(table);
      before = end;
    }
    this.#open = batch.open && kept.length > 0 && kept[kept.length - 1] === count - 1;
    if (kept.length === 0) return undefined;
    return kept.length === count ? batch : { ...withTables(batch, kept), open: this.#open };
  }
}

/** The batch with only the tables `kept`; the others must have no rows. */
function withTables(batch: Batch, kept: readonly number[]): Batch {
  const rows = Uint32Array.from(kept);
  const columns = batch.columns.map((column) =>
    column.form === "table"
      ? { ...column, values: gather(column.values, rows, kept.length) }
      : column,
  );
  return { ...batch, columns, tableEnds: rows.map((table) => batch.tableEnds[table]) };
}

import { type Batch, tableStart, tablesBetween } from "@tocsin/data/column";
import { type OperatorKind, operatorKind, type Properties } from "@tocsin/engine/execute";
import { evenEnds, keyAnd, type ResultColumn } from "./table-result.ts";

/** Makes rows of tables that come piece by piece, one table after the other. */
export interface TableFold {
  /** How many rows come of each table. */
  readonly rowsEach: number;
  /** The next pieces come from this batch, in which `ends` tables end. Throws when it lacks a column. */
  begin(batch: Batch, ends: number): void;
  /** The rows `from .. to` belong to the present table, which is the batch's `table`. */
  add(from: number, to: number, table: number): void;
  /** The present table ends, and another one begins. */
  end(): void;
  /** The cells of all tables that ended in the batch. */
  made(): readonly ResultColumn[];
}

/**
 * A kind whose operator makes of each table the key's columns and some new ones. Rows are not kept:
 * of a table that goes on in the next batch there is what `make` gave.
 */
export function foldingKind<Spec>(
  properties: Omit<Properties<Spec>, "rowwise">,
  make: (spec: Spec) => TableFold,
): OperatorKind<Spec> {
  return operatorKind({ ...properties, rowwise: false }, (spec, out) => {
    const fold = make(spec);
    return {
      push(batch) {
        const tables = batch.tableEnds.length;
        const ends = batch.open ? tables - 1 : tables;
        fold.begin(batch, ends);
        for (let table = 0; table < tables; table++) {
          fold.add(tableStart(batch, table), batch.tableEnds[table], table);
          if (table < ends) fold.end();
        }
        if (ends === 0) return;
        const whole = batch.open ? tablesBetween(batch, 0, ends) : batch;
        out.push(keyAnd(whole, fold.made(), evenEnds(ends, fold.rowsEach)));
      },
      finish: () => undefined,
    };
  });
}

import { type Batch, tableStart, tablesBetween } from "@tocsin/data/column";
import { type OperatorKind, operatorKind, type Properties } from "@tocsin/engine/execute";
import { evenEnds, keyAnd, type ResultColumn } from "./table-result.ts";

/** Makes rows of tables, one after the other, which come piece by piece. */
export interface TableFold {
  /** How many rows it makes of each table. */
  readonly rowsEach: number;
  /** Begins a batch, in which `ends` tables end. Throws where a column is missing. */
  begin(batch: Batch, ends: number): void;
  /** Takes the rows `from .. to` of the batch's `table`, which is the present one. */
  add(from: number, to: number, table: number): void;
  /** Ends the present table. */
  end(): void;
  /** What was made of the tables that ended in the batch. */
  made(): readonly ResultColumn[];
}

/**
 * A kind whose operator gives the key of each table and new columns. It holds no rows: what is known of a table that
 * goes on is in the fold that `make` gives.
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

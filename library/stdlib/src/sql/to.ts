import { type Batch, bytesOf, cellOf, tableStart } from "@tocsin/data/column";
import { invalid } from "@tocsin/data/value";
import { operatorKind } from "@tocsin/engine/execute";
import { type Arguments, transformation } from "@tocsin/engine/interpret";
import type { DataSource, SqlCell, SqlRows } from "@tocsin/platform/host";
import { asSqlError, databasesOf, shown, sourceOf } from "./database.ts";

interface SqlToSpec {
  readonly source: DataSource;
  readonly table: string;
}

/** Rows go on when all of them are written: a database takes all or none. */
const sqlToKind = operatorKind<SqlToSpec>(
  {
    name: "sql.to",
    rowwise: false,
    effect: true,
    describe: ({ source, table }) => `${shown(source)}, table ${table}`,
  },
  ({ source, table }, out, { host, signal }) => {
    const held: Batch[] = [];
    let bytes = 0;
    let ended = false;
    return {
      push: (batch) => {
        held.push(batch);
        bytes += bytesOf(batch);
      },
      finish: () => void (ended = true),
      work: async () => {
        if (!ended) return;
        ended = false;
        try {
          if (held.some(({ rows }) => rows > 0))
            await databasesOf(host).insert(source, table, rowsOf(held), signal);
        } catch (error) {
          throw asSqlError("sql.to", error);
        }
        for (const batch of held.splice(0)) out.push(batch);
      },
      held: () => bytes,
    };
  },
);

/** One piece for each batch, made when the database asks for it. */
function* rowsOf(batches: readonly Batch[]): Generator<SqlRows> {
  for (const batch of batches) {
    const rows: SqlCell[][] = [];
    for (let table = 0; table < batch.tableEnds.length; table++)
      for (let row = tableStart(batch, table); row < batch.tableEnds[table]; row++)
        rows.push(batch.columns.map((column) => cellOf(column, row, table)));
    yield { columns: batch.schema, rows };
  }
}

function tableOf(args: Arguments): string {
  const table = args.string("table");
  if (table === "") throw invalid(`${args.function}: table is empty`);
  return table;
}

export const to = transformation({
  name: "to",
  type: `(<-tables: stream[A], driverName: string, dataSourceName: string, table: string, ?batchSize: int)
    => stream[A]`,
  docs:
    "Adds all rows to a table of a database, in one transaction, and passes them on. A table that is not there " +
    "is made. Names of databases are as for `sql.from`; `batchSize` is not needed here. A dry run and a backtest " +
    "write nothing.",
  kind: sqlToKind,
  spec: (args, run) => {
    args.count("batchSize", 0);
    return { source: sourceOf(args, run), table: tableOf(args) };
  },
});

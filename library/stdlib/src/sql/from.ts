import { type Batch, columnBuilder } from "@tocsin/data/column";
import type { SourceKind } from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";
import type { DataSource, SqlRows } from "@tocsin/platform/host";
import { asSqlError, databasesOf, shown, sourceOf } from "./database.ts";

interface SqlFromSpec {
  readonly source: DataSource;
  readonly query: string;
}

const sqlFromKind: SourceKind<SqlFromSpec> = {
  name: "sql.from",
  rowwise: false,
  source: true,
  describe: ({ source, query }) => `${shown(source)}, ${query.trim().replace(/\s+/gu, " ")}`,
  open: ({ source, query }, { host, signal }) => ({
    run: async (push) => {
      try {
        let held: Batch | undefined;
        for await (const piece of databasesOf(host).query(source, query, signal)) {
          if (held !== undefined) await push({ ...held, open: true });
          held = batchOf(piece);
        }
        if (held !== undefined) await push(held);
      } catch (error) {
        throw asSqlError("sql.from", error);
      }
    },
  }),
};

/** All rows of an answer are one table, without a key. */
function batchOf({ columns, rows }: SqlRows): Batch {
  return {
    schema: columns.map(({ label, kind }) => ({ label, kind, key: false })),
    columns: columns.map(({ kind }, at) => {
      const builder = columnBuilder(kind, rows.length);
      for (const row of rows) builder.append(row[at]);
      return builder.finish();
    }),
    rows: rows.length,
    tableEnds: Uint32Array.of(rows.length),
    open: false,
  };
}

export const from = transformation({
  name: "from",
  type: "(driverName: string, dataSourceName: string, query: string) => stream[A]",
  docs:
    "What a database answers to one SQL statement, as a table. `driverName` is `sqlite3`, with a path as " +
    "`dataSourceName`, or `postgres`, with a URL such as `postgres://user@host:5432/name` or words such as " +
    "`host=… dbname=…`. Keep passwords in `secrets.get`. A dry run and a backtest only read.",
  kind: sqlFromKind,
  inputs: () => [],
  spec: (args, run) => ({ source: sourceOf(args, run), query: args.string("query") }),
});

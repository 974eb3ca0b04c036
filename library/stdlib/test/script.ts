import { type Deliveries, recordingDeliveries } from "@tocsin/alerting/oncall";
import { type Batch, cellOf, keyOf, type Table, tableOf } from "@tocsin/data/column";
import { formatTimeNano, type Raw } from "@tocsin/data/value";
import { TableCollector } from "@tocsin/engine/execute";
import type { Buckets } from "@tocsin/engine/plan";
import { compileScript, type RunReport, runProgram } from "@tocsin/library/runtime";
import { standardLibrary } from "@tocsin/library/stdlib";
import { type Databases, memoryHost } from "@tocsin/platform/host";

const noBuckets: Buckets = {
  async *read() {},
  pushes: () => new Set(),
  write: async () => undefined,
  list: async () => [],
};

/** What a script gave. */
interface Ran {
  readonly report: RunReport;
  /** Whole tables of each result. */
  readonly tables: ReadonlyMap<string, readonly Table[]>;
  /** How many batches there were. */
  readonly batches: number;
}

/** Runs a script in memory. Throws when it does not parse. */
export async function run(
  source: string,
  buckets: Buckets = noBuckets,
  deliveries: Deliveries = recordingDeliveries(),
  databases?: Databases,
): Promise<Ran> {
  const { program, diagnostics } = compileScript(source, "test.flux");
  if (program === undefined) throw new Error(diagnostics.map(({ message }) => message).join("; "));
  const tables = new Map<string, Table[]>();
  const collectors = new Map<string, TableCollector>();
  let batches = 0;
  const environment = {
    host: memoryHost(databases === undefined ? {} : { databases }),
    buckets,
    deliveries,
    library: standardLibrary,
  };
  const report = await runProgram(program, environment, {
    push: (name, batch: Batch) => {
      batches += 1;
      let collector = collectors.get(name);
      if (collector === undefined) {
        const list: Table[] = [];
        tables.set(name, list);
        collector = new TableCollector((table) => list.push(tableOf(table, 0)));
        collectors.set(name, collector);
      }
      collector.add(batch);
    },
    finish: () => undefined,
  });
  return { report, tables, batches };
}

/** A table as texts: its key, then each row, columns by name. */
export function shown(table: Table): { readonly key: string; readonly rows: readonly string[] } {
  const { labels, cells } = keyOf(table, 0);
  const columns = table.schema
    .map((spec, at) => ({ ...spec, at }))
    .filter(({ key }) => !key)
    .sort((a, b) => (a.label < b.label ? -1 : 1));
  const rows = Array.from({ length: table.rows }, (_, row) =>
    columns
      .map(({ label, kind, at }) => `${label}=${cellText(cellOf(table.columns[at], row, 0), kind)}`)
      .join(" "),
  );
  return { key: labels.map((label, i) => `${label}=${String(cells[i])}`).join(" "), rows };
}

function cellText(cell: Raw, kind: string): string {
  return kind === "time" && cell !== null ? formatTimeNano(cell as bigint) : String(cell);
}

/** The messages of what went wrong. */
export const messages = ({ report }: Ran): string[] =>
  report.errors.map(({ error }) => error.message);

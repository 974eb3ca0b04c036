import { type Batch, cellOf, tableStart } from "@tocsin/data/column";
import { rowCompiler } from "@tocsin/engine/expression";
import { finished, memoryHost } from "@tocsin/platform/host";
import type { BadRow, OperatorContext, OperatorKind } from "../src/operator.ts";

/** Runs an operator on batches; gives what it pushed. With `bad`, rows that fail may leave. */
export async function run<Spec>(
  kind: OperatorKind<Spec>,
  spec: Spec,
  batches: readonly Batch[],
  options: { compile?: boolean; bad?: BadRow[] } = {},
): Promise<Batch[]> {
  const out: Batch[] = [];
  const { bad } = options;
  const context = {
    host: memoryHost(),
    rows: rowCompiler({ compile: options.compile ?? true }),
    signal: undefined,
    now: 0n,
    node: { id: 1, kind, spec, inputs: [], at: undefined },
    badRow: bad === undefined ? undefined : (one: BadRow) => void bad.push(one),
    report: () => undefined,
  } as unknown as OperatorContext;
  const operator = kind.start(spec, { push: (batch) => void out.push(batch) }, context);
  const work = async (): Promise<void> => {
    await operator.work?.(async () => undefined);
    if (operator.steps !== undefined) finished(operator.steps());
  };
  for (const batch of batches) {
    operator.push(batch, 0);
    await work();
  }
  operator.finish(0);
  await work();
  return out;
}

/** A batch a line: tables in brackets after their key, `…` behind a table that goes on. */
export function shown(batches: readonly Batch[]): string[] {
  return batches.map((batch) => {
    const tables = Array.from(batch.tableEnds, (end, table) => {
      const rows: string[] = [];
      for (let row = tableStart(batch, table); row < end; row++) {
        rows.push(cells(batch, row, table, false));
      }
      return `${cells(batch, tableStart(batch, table), table, true)} [${rows.join(" | ")}]`;
    });
    return tables.join("  ") + (batch.open ? " …" : "");
  });
}

function cells(batch: Batch, row: number, table: number, key: boolean): string {
  return batch.schema
    .flatMap((spec, i) => {
      if (spec.key !== key) return [];
      const cell = cellOf(batch.columns[i], row, table);
      return [`${spec.label}=${cell === null ? "" : String(cell)}`];
    })
    .join(" ");
}

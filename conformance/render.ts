import { type Batch, cellOf, compareKeys, keyOf, type Table, tableOf } from "@tocsin/data/column";
import { formatFloat, formatTimeNano, type Raw } from "@tocsin/data/value";

/** The tables of one result, in the order of arrival. */
interface ResultTables {
  readonly name: string;
  readonly tables: readonly Table[];
}

/** Collects whole tables of results. */
export class ResultCollector {
  readonly results = new Map<string, { table: Table[]; open: boolean }>();

  push(name: string, batch: Batch): void {
    const result = this.results.get(name) ?? { table: [], open: false };
    this.results.set(name, result);
    batch.tableEnds.forEach((_end, i) => result.table.push(tableOf(batch, i)));
  }
  tables(): ResultTables[] {
    return [...this.results].map(([name, { table }]) => ({ name, tables: table }));
  }
}

/**
 * Tables as text, for people to read and for comparing two engines. `sorted`: tables by key, columns by name. `digits`:
 * how many digits of floats are kept, because engines add in different orders.
 */
export function renderTables(results: readonly ResultTables[], options: { sorted?: boolean; digits?: number } = {}): string {
  const lines: string[] = [];
  const ordered = options.sorted === true ? [...results].sort((a, b) => (a.name < b.name ? -1 : 1)) : results;
  for (const { name, tables } of ordered) {
    lines.push(`result ${name}`);
    const listed = options.sorted === true ? [...tables].sort((a, b) => compareKeys(keyOf(a, 0), keyOf(b, 0))) : tables;
    for (const table of listed) lines.push(...tableLines(table, options));
  }
  return lines.map((line) => `${line}\n`).join("");
}

function tableLines(table: Table, options: { sorted?: boolean; digits?: number }): string[] {
  const sorted = options.sorted === true;
  const key = keyOf(table, 0);
  const keyed = key.labels.map((label, i) => `${label}=${cellText(key.cells[i], key.kinds[i])}`);
  const columns = table.schema
    .map((spec, at) => ({ spec, at }))
    .filter(({ spec }) => !spec.key)
    .sort((a, b) => (sorted ? (a.spec.label < b.spec.label ? -1 : 1) : a.at - b.at));
  const lines = [`  table ${keyed.join(" ")}`.trimEnd()];
  lines.push(`    ${columns.map(({ spec }) => `${spec.label}:${spec.kind}`).join(" | ")}`.trimEnd());
  for (let row = 0; row < table.rows; row++) {
    const cells = columns.map(({ spec, at }) => cellText(cellOf(table.columns[at], row, 0), spec.kind, options.digits));
    lines.push(`    ${cells.join(" | ")}`.trimEnd());
  }
  return lines;
}

function cellText(cell: Raw, kind: string, digits?: number): string {
  if (cell === null) return "null";
  if (kind === "time") return formatTimeNano(cell as bigint);
  if (typeof cell === "number") {
    return formatFloat(digits === undefined ? cell : Number(cell.toPrecision(digits)));
  }
  return typeof cell === "string" ? JSON.stringify(cell) : String(cell);
}

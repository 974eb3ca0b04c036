import { createHash } from "node:crypto";
import { decodeCsvText } from "@tocsin/data/codec";
import { renderTables, ResultCollector } from "../conformance/render.ts";

/** Answers of up to so many bytes are compared as tables, longer ones line by line. */
const tablesMax = 4_000_000;

/** Annotated CSV in a canonical form: equal answers give equal texts, whatever the order of tables and columns. */
export function canonical(csv: string): string {
  return csv.length > tablesMax ? canonicalLines(csv) : canonicalTables(csv);
}

function canonicalTables(csv: string): string {
  const collector = new ResultCollector();
  for (const piece of decodeCsvText(Buffer.from(csv)))
    if ("batch" in piece) collector.push("_result", piece.batch);
  return renderTables(collector.tables(), { sorted: true, digits: 12 });
}

/** A digest of all rows, sorted, with their cells by column name and without table numbers. For CSV without quotes. */
function canonicalLines(csv: string): string {
  let order: number[] = [];
  let names: string[] = [];
  const rows: string[] = [];
  let head = false;
  for (const line of csv.split("\r\n")) {
    if (line === "" || line.startsWith("#")) {
      head = true;
      continue;
    }
    const cells = line.split(",");
    if (head) {
      names = cells;
      order = cells
        .map((_, i) => i)
        .filter((i) => !["", "result", "table"].includes(names[i]))
        .sort((a, b) => (names[a] < names[b] ? -1 : 1));
      head = false;
      rows.push(order.map((i) => names[i]).join());
    } else rows.push(order.map((i) => cells[i]).join());
  }
  const digest = createHash("sha256");
  for (const row of [...new Set(rows)].sort()) digest.update(`${row}\n`);
  return `${rows.length > 0 ? "rows" : "no rows"} ${digest.digest("hex")}`;
}

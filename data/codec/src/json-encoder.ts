import { type Batch, cellOf, type Column, tableStart } from "@tocsin/data/column";
import { formatFloat, formatTimeNano, jsonFloat, jsonString } from "@tocsin/data/value";
import { ByteWriter } from "./byte-writer.ts";

/**
 * Rows as JSON objects: `result`, `table` (its number within the result), then the row's columns. Whole
 * numbers are JSON numbers with all their digits, times RFC 3339 text, no value is null; NaN and the
 * infinities, which JSON lacks, are text.
 */
export class JsonEncoder {
  readonly #form: "array" | "lines";
  readonly #out = new ByteWriter();
  #table = -1;
  #open = false;
  #any = false;

  /** `array`: one JSON array of all rows. `lines`: one object a line. */
  constructor(form: "array" | "lines") {
    this.#form = form;
  }
  batch(result: string, batch: Batch): Uint8Array {
    const labels = batch.schema.map(({ label }) => `,${jsonString(label)}:`);
    const name = jsonString(result);
    for (let table = 0; table < batch.tableEnds.length; table++) {
      if (table > 0 || !this.#open) this.#table += 1;
      const head = `{"result":${name},"table":${this.#table}`;
      for (let row = tableStart(batch, table); row < batch.tableEnds[table]; row++) {
        let text = this.#before() + head;
        batch.columns.forEach((column, i) => {
          text += labels[i] + cellJson(column, row, table);
        });
        this.#out.text(this.#form === "lines" ? `${text}}\n` : `${text}}`);
      }
    }
    this.#open = batch.open;
    return this.#out.take();
  }
  endResult(): Uint8Array {
    this.#table = -1;
    this.#open = false;
    return this.#out.take();
  }
  end(): Uint8Array {
    if (this.#form === "array") this.#out.text(this.#any ? "\n]\n" : "[]\n");
    return this.#out.take();
  }

  #before(): string {
    if (this.#form === "lines") return "";
    const first = !this.#any;
    this.#any = true;
    return first ? "[\n" : ",\n";
  }
}

function cellJson(column: Column, row: number, table: number): string {
  const cell = cellOf(column, row, table);
  if (cell === null) return "null";
  if (typeof cell === "string") return jsonString(cell);
  if (typeof cell === "number") {
    return Number.isFinite(cell) ? jsonFloat(cell) : `"${formatFloat(cell)}"`;
  }
  if (column.kind === "time") return `"${formatTimeNano(cell as bigint)}"`;
  return String(cell);
}

import { type Batch, cellOf, tableStart } from "@tocsin/data/column";
import { codePointCount, compareUtf8, formatFloat, formatTimeNano } from "@tocsin/data/value";
import { ByteWriter } from "./byte-writer.ts";

/** Columns of a table as they are shown: those of the key first, and how wide each is. */
interface Layout {
  readonly columns: readonly number[];
  readonly widths: readonly number[];
}

/** Tables for people to read, in a form that users of upstream's command line know. */
export class TableTextEncoder {
  readonly #out = new ByteWriter();
  #begun = false;
  /** Layout of a table that goes on in the next batch. */
  #open: Layout | undefined;

  batch(result: string, batch: Batch): Uint8Array {
    this.#begin(result);
    for (let table = 0; table < batch.tableEnds.length; table++) {
      const cells = textsOf(batch, table);
      let layout = table === 0 ? this.#open : undefined;
      if (layout === undefined) {
        layout = layoutOf(batch, cells);
        this.#head(batch, layout);
      }
      for (const row of cells) this.#line(batch, layout, row);
      const goesOn = batch.open && table === batch.tableEnds.length - 1;
      this.#open = goesOn ? layout : undefined;
    }
    return this.#out.take();
  }
  endResult(result: string): Uint8Array {
    this.#begin(result);
    this.#begun = false;
    this.#open = undefined;
    return this.#out.take();
  }
  end(): Uint8Array {
    return this.#out.take();
  }

  #begin(result: string): void {
    if (!this.#begun) this.#out.text(`Result: ${result}\n`);
    this.#begun = true;
  }
  #head(batch: Batch, layout: Layout): void {
    const keys = layout.columns
      .filter((at) => batch.schema[at].key)
      .map((at) => batch.schema[at].label);
    this.#out.text(`Table: keys: [${keys.join(", ")}]\n`);
    this.#line(batch, layout, batch.schema.map(heading));
    const rules = layout.widths.map((width) => "-".repeat(width));
    this.#out.text(`${rules.join("  ")}\n`);
  }
  #line(batch: Batch, { columns, widths }: Layout, cells: readonly string[]): void {
    const padded = columns.map((at, i) => {
      const room = " ".repeat(Math.max(0, widths[i] - codePointCount(cells[at])));
      return toTheRight(batch.schema[at].kind) ? room + cells[at] : cells[at] + room;
    });
    this.#out.text(`${padded.join("  ").trimEnd()}\n`);
  }
}

const heading = ({ label, kind }: Batch["schema"][number]): string => `${label}:${kind}`;

const toTheRight = (kind: string): boolean => kind === "float" || kind === "int" || kind === "uint";

/** The cells of a table's rows, in the order of the schema. */
function textsOf(batch: Batch, table: number): string[][] {
  const rows: string[][] = [];
  for (let row = tableStart(batch, table); row < batch.tableEnds[table]; row++) {
    rows.push(batch.columns.map((column) => cellShown(column, row, table)));
  }
  return rows;
}

function cellShown(column: Batch["columns"][number], row: number, table: number): string {
  const cell = cellOf(column, row, table);
  if (cell === null) return "";
  if (typeof cell === "number") return formatFloat(cell);
  if (column.kind === "time") return formatTimeNano(cell as bigint);
  // A control character would break the columns, or the terminal.
  // oxlint-disable-next-line no-control-regex -- these are the characters meant
  return String(cell).replace(/[\u0000-\u001f\u007f-\u009f]/g, escaped);
}

const shortEscapes: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function escaped(character: string): string {
  return shortEscapes[character] ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
}

function layoutOf({ schema }: Batch, rows: readonly (readonly string[])[]): Layout {
  const all = [...schema.keys()];
  const keys = all
    .filter((at) => schema[at].key)
    .sort((a, b) => compareUtf8(schema[a].label, schema[b].label));
  const columns = [...keys, ...all.filter((at) => !schema[at].key)];
  const widths = columns.map((at) => {
    let width = codePointCount(heading(schema[at]));
    for (const row of rows) width = Math.max(width, codePointCount(row[at]));
    return width;
  });
  return { columns, widths };
}

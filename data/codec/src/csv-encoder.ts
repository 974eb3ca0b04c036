import {
  type Batch,
  type CellBytes,
  copyAll,
  sameSchema,
  type Schema,
  tableStart,
} from "@tocsin/data/column";
import type { ColumnKind } from "@tocsin/data/value";
import { utf8 } from "@tocsin/platform/host";
import { ByteWriter } from "./byte-writer.ts";
import { type CsvPrinter, CsvPrinters } from "./csv-printer.ts";
import { cellWriter, writeText } from "./csv-cell-writer.ts";

/** The rows above a header: the types, the group key, values for empty cells. */
export type CsvAnnotation = "datatype" | "group" | "default";

/** How annotated CSV is written. Defaults are upstream's. */
export interface CsvDialect {
  /** In the order in which they are written. Default: all three. */
  readonly annotations?: readonly CsvAnnotation[];
  /** Whether a header row is written. Default: true. */
  readonly header?: boolean;
  /** One ASCII character. Default: a comma. */
  readonly delimiter?: string;
  /** Writes every row cell by cell: slow, and the reference that the printer is tested against. */
  readonly byCell?: boolean;
}

const datatypes: Readonly<Record<ColumnKind, string>> = {
  bool: "boolean",
  int: "long",
  uint: "unsignedLong",
  float: "double",
  string: "string",
  time: "dateTime:RFC3339",
};

/**
 * Writes annotated CSV, byte for byte as upstream's `flux --format csv`. Results come one after the other: `batch` is
 * called for each batch of a result, then `endResult`.
 */
export class CsvEncoder {
  readonly #annotations: readonly CsvAnnotation[];
  readonly #header: boolean;
  readonly #comma: number;
  readonly #out = new ByteWriter();
  readonly #printers: CsvPrinters | undefined;
  #table = 0;
  #last: Batch | undefined;
  #lastEmpty = false;
  #open = false;
  #written = false;
  /** The lines of the latest schema, as they were written. */
  #made: { readonly schema: Schema; readonly lines: Map<string, Uint8Array> } | undefined;

  constructor(dialect: CsvDialect = {}) {
    this.#annotations = dialect.annotations ?? ["datatype", "group", "default"];
    this.#header = dialect.header ?? true;
    this.#comma = (dialect.delimiter ?? ",").charCodeAt(0);
    this.#printers = dialect.byCell === true ? undefined : new CsvPrinters();
  }
  /** The bytes of a batch, which belong to the caller until they are handed to `reuse`. */
  batch(result: string, batch: Batch): Uint8Array {
    const rows = new RowWriter(batch, this.#comma, this.#printers);
    const last = batch.tableEnds.length - 1;
    for (let table = 0; table <= last; table++) {
      const empty = batch.tableEnds[table] === tableStart(batch, table);
      const begins = table > 0 || !this.#open;
      this.#open = batch.open && table === last;
      // Whether it has rows, which decides its head, is seen in the next batch.
      if (begins && empty && this.#open) {
        this.#open = false;
        break;
      }
      if (begins) this.#begin(result, batch, table, rows);
      const leading = this.#annotations.includes("default") ? "" : result;
      if (!empty) rows.table(table, [leading, String(this.#table)], this.#out);
      if (!this.#open) this.#table += 1;
    }
    return this.#out.take();
  }
  reuse(bytes: Uint8Array): void {
    this.#out.reuse(bytes);
  }
  /** What follows the last batch of a result. */
  endResult(): Uint8Array {
    this.#table = 0;
    this.#last = undefined;
    this.#lastEmpty = this.#open = false;
    return utf8.encode("\r\n");
  }
  /** What ends the document: in annotated CSV nothing. */
  end(): Uint8Array {
    return this.#out.take();
  }
  /** An error as a table; nothing may follow it. */
  error(message: string): Uint8Array {
    if (this.#written) this.#line([]);
    for (const annotation of this.#annotations) {
      const cell = annotation === "datatype" ? "string" : annotation === "group" ? "true" : "";
      this.#line([`#${annotation}`, cell, cell]);
    }
    this.#line(["", "error", "reference"]);
    this.#line(["", message, ""]);
    return this.#out.take();
  }

  /** Writes the head of a table, unless the one before it has the same. */
  #begin(result: string, batch: Batch, table: number, rows: RowWriter): void {
    const empty = batch.tableEnds[table] === tableStart(batch, table);
    const last = this.#last;
    const changed = last === undefined || !sameSchema(last.schema, batch.schema);
    if (changed || empty || this.#lastEmpty) {
      if (last !== undefined) this.#line([]);
      this.#head(result, batch, empty ? { table, rows } : undefined);
    }
    this.#written = true;
    this.#last = batch;
    this.#lastEmpty = empty;
  }
  /** Writes annotations and header. A table without rows has its number and key as defaults. */
  #head(result: string, { schema }: Batch, empty: EmptyTable | undefined): void {
    for (const annotation of this.#annotations) {
      switch (annotation) {
        case "datatype":
          this.#ofSchema(schema, annotation, () => [
            "#datatype",
            "string",
            "long",
            ...schema.map(({ kind }) => datatypes[kind]),
          ]);
          break;
        case "group":
          this.#ofSchema(schema, annotation, () => [
            "#group",
            "false",
            "false",
            ...schema.map(({ key }) => String(key)),
          ]);
          break;
        case "default": {
          this.#cells(["#default", result, empty === undefined ? "" : String(this.#table)]);
          if (empty === undefined) for (const _ of schema) this.#out.byte(this.#comma);
          else empty.rows.defaults(empty.table, this.#out);
          this.#out.text("\r\n");
        }
      }
    }
    if (this.#header) {
      const labels = (): string[] => ["", "result", "table", ...schema.map(({ label }) => label)];
      this.#ofSchema(schema, "header", labels);
    }
  }
  /** Writes a line that all tables of a schema share; it is kept, as tables without rows repeat it. */
  #ofSchema(schema: Schema, name: string, cells: () => readonly string[]): void {
    if (this.#made?.schema !== schema) this.#made = { schema, lines: new Map() };
    const { lines } = this.#made;
    const known = lines.get(name);
    if (known !== undefined) {
      this.#out.reserve(known.length);
      this.#out.length = copyAll(known, this.#out.bytes, this.#out.length);
      return;
    }
    const from = this.#out.length;
    this.#line(cells());
    lines.set(name, this.#out.bytes.slice(from, this.#out.length));
  }
  #line(cells: readonly string[]): void {
    this.#cells(cells);
    this.#out.text("\r\n");
  }
  #cells(cells: readonly string[]): void {
    cells.forEach((cell, i) => {
      if (i > 0) this.#out.byte(this.#comma);
      const bytes = utf8.encode(cell);
      writeText(bytes, 0, bytes.length, { out: this.#out, comma: this.#comma });
    });
  }
}

/** A table without rows, and what writes its key. */
interface EmptyTable {
  readonly table: number;
  readonly rows: RowWriter;
}

type Write = CellBytes["write"];

/** What the rows of a table share: a row is `fixed[0] varying[0] fixed[1] … fixed[n]`, at most `bound` bytes. */
interface Template {
  readonly fixed: readonly Uint8Array[];
  readonly varying: readonly Write[];
  readonly bound: number;
}

/** Making a template takes as long as writing so few rows. */
const aloneRows = 2;
/** A printer does not pay for smaller tables. */
const fewRows = 32;
/**
 * Once one in this many of a batch's rows is written, their length is taken for that of the others, with some to
 * spare.
 */
const tellingPart = 8;
const spare = 1.1;
/** How often the printer may stop after fewer rows than that in a table before it is given up. */
const patience = 16;

/** Writes the rows of a batch. */
class RowWriter {
  readonly #batch: Batch;
  readonly #comma: number;
  readonly #cells: readonly (CellBytes & { readonly key: boolean })[];
  readonly #printer: CsvPrinter | undefined;
  readonly #scratch = new ByteWriter();

  constructor(batch: Batch, comma: number, printers: CsvPrinters | undefined) {
    this.#batch = batch;
    this.#comma = comma;
    this.#cells = batch.columns.map((column) =>
      column.form === "table"
        ? { key: true, ...cellWriter(column.values, comma) }
        : { key: false, ...cellWriter(column, comma) },
    );
    this.#printer = printers?.of(batch, comma);
  }
  /** Writes the key of a table, with empty cells in the other columns. */
  defaults(table: number, out: ByteWriter): void {
    for (const { key, bound, write } of this.#cells) {
      out.byte(this.#comma);
      if (!key) continue;
      out.reserve(bound);
      out.length = write(table, out.bytes, out.length);
    }
  }
  table(table: number, leading: readonly string[], out: ByteWriter): void {
    const to = this.#batch.tableEnds[table];
    let row = tableStart(this.#batch, table);
    if (to - row <= aloneRows) {
      for (; row < to; row++) this.#row(row, table, { leading, out });
      return;
    }
    this.#foresee(row, out);
    const template = this.#template(table, leading);
    if (to - row >= fewRows && this.#printer?.frame(template.fixed) === true)
      row = this.#printed(this.#printer, { row, to, template, out });
    for (; row < to; row++) writeRow(row, template, out);
  }
  /** Reserves room for the rest of the batch at once: memory that grows bit by bit is copied, and left behind. */
  #foresee(row: number, out: ByteWriter): void {
    const { rows } = this.#batch;
    if (row * tellingPart > rows) out.reserve(Math.ceil((out.length / row) * (rows - row) * spare));
  }
  /** Prints rows while the printer gets far; gives the first row that is left. */
  #printed(
    printer: CsvPrinter,
    {
      row: from,
      to,
      template,
      out,
    }: { row: number; to: number; template: Template; out: ByteWriter },
  ): number {
    let row = from;
    for (let left = patience; row < to && left > 0;) {
      const next = printer.print(row, to, out);
      if (next < to) writeRow(next, template, out);
      if (next - row < fewRows) left--;
      row = next + 1;
    }
    return row;
  }
  #row(
    row: number,
    table: number,
    { leading, out }: { readonly leading: readonly string[]; readonly out: ByteWriter },
  ): void {
    this.#lead(leading, out);
    for (const { key, bound, write } of this.#cells) {
      out.byte(this.#comma);
      out.reserve(bound);
      out.length = write(key ? table : row, out.bytes, out.length);
    }
    out.byte(carriageReturn);
    out.byte(newline);
  }
  #lead(leading: readonly string[], out: ByteWriter): void {
    for (const text of leading) {
      out.byte(this.#comma);
      // The number of the table.
      if (isDigits(text)) for (let i = 0; i < text.length; i++) out.byte(text.charCodeAt(i));
      else {
        const bytes = utf8.encode(text);
        writeText(bytes, 0, bytes.length, { out, comma: this.#comma });
      }
    }
  }
  #template(table: number, leading: readonly string[]): Template {
    const fixed: Uint8Array[] = [];
    const varying: Write[] = [];
    let bound = 0;
    const out = this.#scratch;
    const cut = (): void => {
      bound += out.length;
      fixed.push(out.take());
    };
    this.#lead(leading, out);
    for (const cell of this.#cells) {
      out.byte(this.#comma);
      if (cell.key) {
        out.reserve(cell.bound);
        out.length = cell.write(table, out.bytes, out.length);
      } else {
        cut();
        varying.push(cell.write);
        bound += cell.bound;
      }
    }
    out.text("\r\n");
    cut();
    return { fixed, varying, bound };
  }
}

const carriageReturn = 0x0d;
const newline = 0x0a;

function isDigits(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x30 || unit > 0x39) return false;
  }
  return true;
}

function writeRow(row: number, { fixed, varying, bound }: Template, out: ByteWriter): void {
  out.reserve(bound);
  const { bytes } = out;
  let at = out.length;
  for (let i = 0; i < varying.length; i++)
    at = varying[i](row, bytes, copyAll(fixed[i], bytes, at));
  out.length = copyAll(fixed[varying.length], bytes, at);
}

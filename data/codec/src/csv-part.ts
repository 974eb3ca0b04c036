import type { Batch, CodedColumn, Column, FlatColumn } from "@tocsin/data/column";
import { type ColumnKind, FluxError } from "@tocsin/data/value";
import type { FileParts } from "@tocsin/platform/host";
import { type CsvHead, leadingCells } from "./csv-annotations.ts";
import { CsvKernels } from "./csv-kernels.ts";
import { CsvRows } from "./csv-rows.ts";
import { CsvTables, type RowPlace } from "./csv-tables.ts";
import { CsvTexts } from "./csv-texts.ts";

/** Longer lines are not looked for at the end of a part. */
const lineBytesMax = 64 * 1024;

/** What all parts of a file are read with. Plain data: it can go to another thread. */
export interface PartPlan {
  readonly head: CsvHead;
  readonly emptyText: boolean;
  readonly columns: ReadonlySet<string> | undefined;
}

/** What another thread is told first; then the numbers of parts follow. */
export interface PartsTask {
  readonly path: string;
  readonly parts: number;
  /** Bytes of a part, about: it ends where a line does. */
  readonly partBytes: number;
  readonly plan: PartPlan;
}
/** What it answers. */
export interface PartAnswer {
  readonly part: number;
  readonly made: MadePart<PackedPart> | undefined;
}

/** The rows of a part. Its first table may be the one that the part before ended with. */
export interface CsvPart {
  readonly batches: readonly Batch[];
  readonly lines: number;
  readonly first: RowPlace;
  readonly last: RowPlace;
}

/** A part that was made, and the byte behind it. */
export interface MadePart<Rows = CsvPart> {
  readonly rows: Rows;
  readonly end: number;
}

/** The first part of a file, nothing where it has no end. */
export function beginning(file: FileParts, partBytes: number): Uint8Array {
  const bytes = new Uint8Array(partBytes + lineBytesMax);
  const size = file.read(0, bytes);
  return bytes.subarray(0, bytes.subarray(0, size).indexOf(newline, partBytes - 1) + 1);
}

/**
 * Reads parts of a file other than the first, each without knowing what comes before it; `texts` are the dictionaries of all
 * of them.
 */
export class PartMaker {
  readonly #file: FileParts;
  readonly #parts: number;
  readonly #partBytes: number;
  readonly #tables: CsvTables;
  readonly #rows = new CsvRows();
  #buffer = new Uint8Array(0);

  constructor(
    file: FileParts,
    { parts, partBytes, plan }: PartsTask,
    texts: Map<string, CsvTexts>,
  ) {
    const { head, emptyText, columns } = plan;
    this.#file = file;
    this.#parts = parts;
    this.#partBytes = partBytes;
    this.#tables = new CsvTables(head, { emptyText, columns, texts, kernels: new CsvKernels() });
  }
  /**
   * The rows of a part. Undefined when what came before may matter: the part does not end with a row, or
   * it has rows that are not like all others, or wrong ones, of which only somebody who has read all
   * before can say in which line they are.
   */
  make(part: number): MadePart | undefined {
    const read = this.read(part);
    const rows = read === undefined ? undefined : this.#decode(read.bytes);
    return read === undefined || rows === undefined ? undefined : { rows, end: read.end };
  }
  /**
   * The bytes of a part, from behind a line break to behind one, and where it ends; undefined when there is
   * none. They are the caller's until the next part is read.
   */
  read(part: number): { readonly bytes: Uint8Array; readonly end: number } | undefined {
    const isLast = part === this.#parts - 1;
    const partBytes = this.#partBytes;
    const from = part * partBytes - 1;
    const to = isLast ? this.#file.size : (part + 1) * partBytes + lineBytesMax;
    const size = Math.min(to, this.#file.size) - from;
    if (this.#buffer.length < size) this.#buffer = new Uint8Array(partBytes + lineBytesMax + 1);
    const buffer = this.#buffer.subarray(0, size);
    if (this.#file.read(from, buffer) < size) return undefined;
    const begin = buffer.indexOf(newline) + 1;
    const end = isLast ? size : buffer.indexOf(newline, (part + 1) * partBytes - 1 - from) + 1;
    if (begin === 0 || end <= begin) return undefined;
    return { bytes: buffer.subarray(begin, end), end: from + end };
  }

  #decode(bytes: Uint8Array): CsvPart | undefined {
    const rows = this.#rows;
    const tables = this.#tables;
    rows.follow(0);
    rows.push(bytes);
    tables.begin();
    try {
      const made = this.#batches();
      if (made !== undefined && rows.empty)
        return { ...made, lines: rows.line - 1, last: tables.place };
    } catch (error) {
      if (!(error instanceof FluxError)) throw error;
    }
    rows.drop();
    return undefined;
  }
  #batches(): Pick<CsvPart, "batches" | "first"> | undefined {
    const rows = this.#rows;
    const tables = this.#tables;
    const batches: Batch[] = [];
    if (rows.scan(tables.head.width, 1, true) !== "full") return undefined;
    tables.add(rows, leadingCells);
    const first = tables.place;
    // An empty number is that of the row before.
    if (first[0].length === 0) return undefined;
    for (;;) {
      const stop = tables.step(rows, leadingCells);
      if (stop === "other row") return undefined;
      if (tables.full || (stop === "hungry" && tables.rows > 0)) {
        const batch = tables.take(true);
        if (batch !== undefined) batches.push(batch);
      }
      if (stop === "hungry") return { batches, first };
    }
  }
}

const newline = 0x0a;

/** Texts of a column that came to its dictionary since the part before. */
interface NewTexts {
  readonly label: string;
  readonly bytes: Uint8Array;
  readonly offsets: Uint32Array;
}
/** A part as plain data, for another thread; of its dictionaries it has what is new. */
export interface PackedPart extends Omit<CsvPart, "batches"> {
  readonly batches: readonly PackedBatch[];
  readonly texts: readonly NewTexts[];
}
interface PackedBatch extends Omit<Batch, "columns"> {
  readonly columns: readonly PackedColumn[];
}
type PackedFlat = Exclude<FlatColumn, CodedColumn> | Omit<CodedColumn, "dictionary">;
type PackedColumn =
  | PackedFlat
  | { readonly kind: ColumnKind; readonly form: "table"; readonly values: PackedFlat };

/** Packs parts whose dictionaries are those of `texts`, one after the other. */
export class PartPacker {
  readonly #texts: ReadonlyMap<string, CsvTexts>;
  /** Texts of each dictionary that the other side has. */
  readonly #told = new Map<string, number>();

  constructor(texts: ReadonlyMap<string, CsvTexts>) {
    this.#texts = texts;
  }
  pack(part: CsvPart): PackedPart {
    const batches = part.batches.map((batch) => ({
      ...batch,
      columns: batch.columns.map((column) =>
        column.form === "table"
          ? { ...column, values: packedColumn(column.values) }
          : packedColumn(column),
      ),
    }));
    const texts = [...this.#texts].map(([label, one]) => this.#news(label, one));
    return { ...part, batches, texts };
  }
  #news(label: string, { dictionary }: CsvTexts): NewTexts {
    const { bytes, offsets } = dictionary.plain;
    const from = this.#told.get(label) ?? 0;
    this.#told.set(label, dictionary.size);
    const start = offsets[from];
    const end = offsets[dictionary.size];
    const moved = offsets.slice(from, dictionary.size + 1).map((offset) => offset - start);
    return { label, bytes: bytes.slice(start, end), offsets: moved };
  }
}

function packedColumn(column: FlatColumn): PackedFlat {
  if (column.form !== "coded") return column;
  const { dictionary: _, ...rest } = column;
  return rest;
}

/** Undoes `PartPacker` on the other side: codes become those of the dictionaries in `texts`. */
export class PartUnpacker {
  readonly #texts: Map<string, CsvTexts>;
  /** Our code of each code of the other side. */
  readonly #codes = new Map<string, number[]>();

  constructor(texts: Map<string, CsvTexts>) {
    this.#texts = texts;
  }
  unpack(part: PackedPart): CsvPart {
    for (const news of part.texts) this.#learn(news);
    const batches = part.batches.map((batch): Batch => ({
      ...batch,
      columns: batch.columns.map((column, i): Column => {
        const { label } = batch.schema[i];
        return column.form === "table"
          ? { ...column, values: this.#flat(column.values, label) }
          : this.#flat(column, label);
      }),
    }));
    return { ...part, batches };
  }
  #learn({ label, bytes, offsets }: NewTexts): void {
    const codes = this.#codes.get(label) ?? [];
    const known = this.#texts.get(label) ?? new CsvTexts();
    this.#codes.set(label, codes);
    this.#texts.set(label, known);
    for (let i = 0; i + 1 < offsets.length; i++)
      codes.push(known.dictionary.codeOfBytes(bytes, offsets[i], offsets[i + 1]));
  }
  #flat(column: PackedFlat, label: string): FlatColumn {
    if (column.form !== "coded") return column;
    const { codes } = column;
    const ours = this.#codes.get(label) ?? [];
    const known = this.#texts.get(label) ?? new CsvTexts();
    // A row without a value has a code that may be of no text.
    for (let row = 0; row < codes.length; row++)
      codes[row] = codes[row] < ours.length ? ours[codes[row]] : 0;
    return { ...column, dictionary: known.dictionary };
  }
}

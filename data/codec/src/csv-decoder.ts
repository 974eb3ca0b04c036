import type { Batch } from "@tocsin/data/column";
import { invalid } from "@tocsin/data/value";
import { type CsvHead, CsvHeadReader, leadingCells, rawHead } from "./csv-annotations.ts";
import { CsvKernels } from "./csv-kernels.ts";
import { CsvRows } from "./csv-rows.ts";
import { CsvTables } from "./csv-tables.ts";
import type { CsvTexts } from "./csv-texts.ts";

/** How CSV is read. */
export interface CsvOptions {
  /** `annotations` (default): annotated CSV. `raw`: a header and text, one table. */
  readonly mode?: "annotations" | "raw";
  /** What an empty cell of a string column is: no value (default), or the text of no characters. */
  readonly emptyText?: "null" | "text";
  /**
   * Only these columns and those of the group key are given; undefined: all. Cells of the others must still be of
   * their type. A table that lacks one of these columns is given whole, so that an error about the missing one can
   * name those that are there.
   */
  readonly columns?: ReadonlySet<string> | undefined;
  /** Of these, the columns whose cells are looked at: others are blank (see `blankColumn`); undefined: all. */
  readonly values?: ReadonlySet<string> | undefined;
  /** Reads every row cell by cell: slow, and the reference that the kernel is tested against. */
  readonly byCell?: boolean;
}

/** Rows of one result. The pieces of a result follow each other; a result without tables has none. */
export interface CsvPiece {
  readonly result: string;
  readonly batch: Batch;
}

/** Heads whose tables are kept: where all heads differ, memory must not grow with them. */
const knownMax = 32;

/** Annotated CSV to batches, piece by piece: the data may be cut anywhere. */
export class CsvDecoder {
  readonly #rows = new CsvRows();
  readonly #options: CsvOptions;
  readonly #heads = new CsvHeadReader();
  readonly #texts = new Map<string, CsvTexts>();
  readonly #kernels = new CsvKernels();
  /** Tables by their head, to be used again. */
  readonly #known = new Map<string, CsvTables>();
  #tables: CsvTables | undefined;
  /** The tables of the block before, until the next head shows whether they go on. */
  #ended: CsvTables | undefined;
  #ready: CsvPiece[] = [];

  constructor(options: CsvOptions = {}) {
    this.#options = options;
  }
  /** Takes bytes; gives the batches that are full. Throws a `FluxError` that names the line. */
  push(chunk: Uint8Array): readonly CsvPiece[] {
    this.#rows.push(chunk);
    this.#work();
    return this.#taken();
  }
  /** Where `push` would copy `bytes` bytes: a caller that reads them into this place spares the copy. */
  room(bytes: number): Uint8Array {
    return this.#rows.room(bytes);
  }
  /** Whether these bytes lie where `room` said. */
  isNext(chunk: Uint8Array): boolean {
    return this.#rows.isNext(chunk);
  }
  /** After the last bytes: the rest. */
  finish(): readonly CsvPiece[] {
    this.#rows.finish();
    this.#work();
    if (this.#tables === undefined) this.#heads.finish();
    else this.#close();
    return this.#taken();
  }

  #taken(): readonly CsvPiece[] {
    this.#flush();
    const ready = this.#ready;
    this.#ready = [];
    return ready;
  }
  #work(): void {
    while (this.#tables === undefined ? this.#head() : this.#block(this.#tables)) continue;
  }
  /** Reads a row of a head; false when none is there. */
  #head(): boolean {
    const line = this.#rows.line;
    const row = this.#rows.row();
    if (row === undefined) return false;
    const raw = this.#options.mode === "raw";
    const head = raw ? rawHead(row) : this.#heads.take(row, line);
    if (head !== undefined) this.#open(head);
    return true;
  }
  #open(head: CsvHead): void {
    const name = JSON.stringify(head);
    const known = this.#known.get(name);
    const tables = known ?? this.#made(head);
    if (known === undefined && this.#known.size < knownMax) this.#known.set(name, tables);
    if (this.#ended !== tables) this.#flush();
    this.#ended = undefined;
    this.#tables = tables;
  }
  #made(head: CsvHead): CsvTables {
    const { emptyText, columns, values, byCell } = this.#options;
    const options = {
      emptyText: emptyText === "text",
      texts: this.#texts,
      columns,
      values,
      kernels: byCell === true ? undefined : this.#kernels,
    };
    return new CsvTables(head, options);
  }
  /** Reads a block of rows; false when more bytes are needed. */
  #block(tables: CsvTables): boolean {
    const raw = this.#options.mode === "raw";
    const stop = tables.step(this.#rows, raw ? 0 : leadingCells);
    if (tables.full) this.#emit(tables, true);
    if (stop === "hungry") return false;
    if (stop === "other row") this.#other(tables);
    return true;
  }
  /** A row that does not belong to the block: the next head begins, or the number of cells is wrong. */
  #other(tables: CsvTables): void {
    const line = this.#rows.line;
    const row = this.#rows.row() ?? [];
    if (this.#options.mode === "raw" || row[0] === "") {
      throw invalid(
        `line ${line}: wrong number of fields: ${row.length}, but ${tables.head.width} in the header`,
      );
    }
    this.#close();
    this.#heads.take(row, line);
  }
  #close(): void {
    if (this.#tables === undefined) return;
    this.#tables.end();
    this.#ended = this.#tables;
    this.#tables = undefined;
  }
  /** Gives the rows that the block before has left. */
  #flush(): void {
    if (this.#ended !== undefined) this.#emit(this.#ended, false);
    this.#ended = undefined;
  }
  #emit(tables: CsvTables, open: boolean): void {
    const batch = tables.take(open);
    if (batch !== undefined) this.#ready.push({ result: tables.head.result, batch });
  }
}

/** All of `bytes` at once, for text that is in memory already. */
export function* decodeCsvText(bytes: Uint8Array, options: CsvOptions = {}): Generator<CsvPiece> {
  const decoder = new CsvDecoder(options);
  for (let at = 0; at < bytes.length; at += sliceBytes) {
    yield* decoder.push(bytes.subarray(at, at + sliceBytes));
  }
  yield* decoder.finish();
}

/** Large enough for the cost of a slice not to matter, small enough for the processor's cache. */
const sliceBytes = 256 * 1024;

/** Decodes bytes as they come; `read` may put each piece where the decoder has room for it. */
export async function* decodeCsv(
  read: (room: (bytes: number) => Uint8Array) => AsyncIterable<Uint8Array>,
  options: CsvOptions = {},
): AsyncGenerator<CsvPiece> {
  const decoder = new CsvDecoder(options);
  for await (const chunk of read((bytes) => decoder.room(bytes))) {
    const most = decoder.isNext(chunk) ? chunk.length : sliceBytes;
    for (let at = 0; at < chunk.length; at += most) {
      yield* decoder.push(chunk.subarray(at, at + most));
    }
  }
  yield* decoder.finish();
}

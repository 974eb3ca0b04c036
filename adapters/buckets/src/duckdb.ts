import type * as Bindings from "@duckdb/node-bindings";
import { FluxError } from "@tocsin/data/value";
import type { Signal } from "@tocsin/platform/host";
import type { Api } from "./engine.ts";

/** Rows of a chunk at most. */
export const chunkRows = 2048;

/** How often a statement that should end is told so: one that has not quite begun does not hear it. */
const interruptMilliseconds = 20;

/** Throws when the reader has given up. */
export function refuseWhenStopped(stop: Signal | undefined): void {
  if (stop?.aborted) throw new FluxError("canceled", "reading was interrupted");
}

/** Where statements run, one after the other. */
export class Connection {
  readonly #api: Api;
  readonly #connection: Bindings.Connection;
  readonly #stop: Signal | undefined;
  readonly #useThreads: (which: "all" | "one") => Promise<unknown>;
  /** Another one to the same store, to be closed by who asks for it: statements of two run at once. */
  readonly another: () => Promise<Connection>;

  constructor(
    api: Api,
    connection: Bindings.Connection,
    of: {
      readonly another: () => Promise<Connection>;
      readonly useThreads: (which: "all" | "one") => Promise<unknown>;
      readonly stop: Signal | undefined;
    },
  ) {
    this.#api = api;
    this.#connection = connection;
    this.#stop = of.stop;
    this.#useThreads = of.useThreads;
    this.another = of.another;
  }
  /** Runs a statement in all threads to its end, or until it should stop; rejects with what DuckDB says. */
  async run(sql: string): Promise<Answer> {
    await this.#useThreads("all");
    return this.ask(sql);
  }
  /** As `run`, in one thread: rows are gone through in their order. */
  async runAlone(sql: string): Promise<Answer> {
    await this.#useThreads("one");
    return this.ask(sql);
  }
  /** As `run`, in as many threads as the statement before: for what touches few rows. */
  async ask(sql: string): Promise<Answer> {
    const stop = this.#stop;
    refuseWhenStopped(stop);
    let again: NodeJS.Timeout | undefined;
    const interrupt = (): void => {
      const tell = (): void => this.#api.interrupt(this.#connection);
      again = setInterval(tell, interruptMilliseconds);
      tell();
    };
    stop?.addEventListener("abort", interrupt);
    try {
      return new Answer(this.#api, await this.#api.query(this.#connection, sql));
    } catch (error) {
      refuseWhenStopped(stop);
      throw error;
    } finally {
      clearInterval(again);
      stop?.removeEventListener("abort", interrupt);
    }
  }
  /** Appends rows to `TABLE` or `CATALOG.TABLE`; `types` are those of all its columns. */
  append(table: string, types: readonly CellType[], columns: readonly Cells[]): void {
    const [name, catalog] = table.split(".").toReversed();
    const api = this.#api;
    const appender = api.appender_create_ext(this.#connection, catalog ?? null, null, name);
    try {
      appendChunks(api, appender, types, columns);
      api.appender_flush_sync(appender);
    } finally {
      api.appender_close_sync(appender);
    }
  }
  close(): void {
    this.#api.disconnect_sync(this.#connection);
  }
}

/** Types of columns that stores have. */
export type CellType = "BOOLEAN" | "INTEGER" | "BIGINT" | "UBIGINT" | "DOUBLE" | "VARCHAR";

/** Numbers of the C API, and bytes of a cell. */
const cellTypes = {
  BOOLEAN: { id: 1, width: 1 },
  INTEGER: { id: 4, width: 4 },
  BIGINT: { id: 5, width: 8 },
  UBIGINT: { id: 9, width: 8 },
  DOUBLE: { id: 11, width: 8 },
  VARCHAR: { id: 17, width: 16 },
} as const satisfies Record<CellType, { id: number; width: number }>;

/** The rows that a statement gave; they are all in memory. */
export class Answer {
  readonly #api: Api;
  readonly #result: Bindings.Result;

  constructor(api: Api, result: Bindings.Result) {
    this.#api = api;
    this.#result = result;
  }
  /** How many rows an INSERT or DELETE changed. */
  get changed(): number {
    return this.#api.rows_changed(this.#result);
  }
  get rows(): number {
    return this.#api.row_count(this.#result);
  }
  *chunks(): Generator<Chunk> {
    const count = this.#api.result_chunk_count(this.#result);
    for (let i = 0; i < count; i++)
      yield new Chunk(this.#api, this.#api.result_get_chunk(this.#result, i));
  }
  /** The cell in the first row and column; undefined when there is no row or it is null. */
  first(): number | bigint | string | boolean | undefined {
    for (const chunk of this.chunks()) if (chunk.rows > 0) return this.#cell(chunk);
    return undefined;
  }

  #cell(chunk: Chunk): number | bigint | string | boolean | undefined {
    const { id } = cellTypes.VARCHAR;
    switch (this.#api.column_type(this.#result, 0) as number) {
      case cellTypes.BOOLEAN.id:
        return chunk.bytes(0)[0] === 1;
      case cellTypes.INTEGER.id:
        return chunk.integers(0)[0];
      case cellTypes.BIGINT.id:
        return chunk.longs(0)[0];
      case cellTypes.DOUBLE.id:
        return chunk.doubles(0)[0];
      case id:
        return chunk.texts(0).text(0);
      default:
        throw new Error("a cell of another type was expected");
    }
  }
}

/** Rows of an answer, at most `chunkRows`. What its methods give are copies. */
export class Chunk {
  readonly rows: number;
  readonly #api: Api;
  readonly #chunk: Bindings.DataChunk;

  constructor(api: Api, chunk: Bindings.DataChunk) {
    this.#api = api;
    this.#chunk = chunk;
    this.rows = api.data_chunk_get_size(chunk);
  }
  /** The cells of column `at`, which is of type BOOLEAN: 0 or 1. */
  bytes(at: number): Uint8Array {
    return this.#data(at, 1);
  }
  integers(at: number): Int32Array {
    return new Int32Array(this.#data(at, 4).buffer);
  }
  /** The bits of any 8-byte column, as doubles: to be copied, not to be read. */
  bits(at: number): Float64Array {
    return new Float64Array(this.#data(at, 8).buffer);
  }
  longs(at: number): BigInt64Array {
    return new BigInt64Array(this.#data(at, 8).buffer);
  }
  doubles(at: number): Float64Array {
    return new Float64Array(this.#data(at, 8).buffer);
  }
  /** The cells of a column of text; used while the chunk is. */
  texts(at: number): Texts {
    return new Texts(this.#api, this.#chunk, this.#data(at, cellTypes.VARCHAR.width));
  }

  #data(at: number, width: number): Uint8Array<ArrayBuffer> {
    const vector = this.#api.data_chunk_get_vector(this.#chunk, at);
    const bytes = this.#api.vector_get_data(vector, this.rows * width);
    // The C API gives a buffer of its own; where it ever does not, this makes one.
    return bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength
      ? (bytes as Uint8Array<ArrayBuffer>)
      : bytes.slice();
  }
}

const textBytes = cellTypes.VARCHAR.width;
/** A cell has its length, four bytes of its beginning, and where it is; or its length and all of it. */
const cellWords = textBytes / 4;
/** Texts up to this length stand in the cell itself; of longer ones there is a pointer. */
const inlineBytes = 12;

interface TextRun {
  readonly from: number;
  readonly to: number;
  readonly bytes: Uint8Array;
}

/** A column of text in DuckDB's own form: 16 bytes a cell. */
class Texts {
  readonly #api: Api;
  // Owns the memory that the cells point to.
  readonly chunk: Bindings.DataChunk;
  readonly #cells: Uint8Array<ArrayBuffer>;
  readonly #words: Uint32Array;
  readonly #rows: number;
  /** Long texts from one row up to another, which lie end to end. */
  #run: TextRun = { from: 0, to: 0, bytes: new Uint8Array(0) };
  #last = "";
  #lastRow = -1;

  constructor(api: Api, chunk: Bindings.DataChunk, cells: Uint8Array<ArrayBuffer>) {
    this.#api = api;
    this.chunk = chunk;
    this.#cells = cells;
    this.#words = new Uint32Array(cells.buffer);
    this.#rows = cells.length / textBytes;
  }
  /** The text of row `row` as UTF-8. */
  utf8(row: number): Uint8Array {
    const length = this.#words[row * cellWords];
    if (length <= inlineBytes) {
      const at = row * textBytes + 4;
      return this.#cells.subarray(at, at + length);
    }
    if (row < this.#run.from || row >= this.#run.to) this.#run = this.#runFrom(row);
    const { from, bytes } = this.#run;
    const at = (this.#words[row * cellWords + 2] - this.#words[from * cellWords + 2]) >>> 0;
    return bytes.subarray(at, at + length);
  }
  text(row: number): string {
    // Names repeat from row to row.
    if (this.#lastRow < 0 || !this.#isSame(row, this.#lastRow)) this.#last = decode(this.utf8(row));
    this.#lastRow = row;
    return this.#last;
  }

  /** The text of `row` and the long ones that lie behind it: to ask for one takes as long as to copy many. */
  #runFrom(row: number): TextRun {
    const words = this.#words;
    const start = words[row * cellWords + 2];
    let length = words[row * cellWords];
    let to = row + 1;
    for (; to < this.#rows; to++) {
      const at = to * cellWords;
      if (words[at] <= inlineBytes) continue;
      // Of addresses that follow each other the upper halves are equal.
      const next = words[at + 2] === start + length && words[at + 3] === words[row * cellWords + 3];
      if (!next) break;
      length += words[at];
    }
    const pointer = row * textBytes + 8;
    const bytes = this.#api.get_data_from_pointer(this.#cells.buffer, pointer, length);
    return { from: row, to, bytes };
  }
  /** Whether two cells have the same bytes, which may be a pointer. */
  #isSame(a: number, b: number): boolean {
    const [first, second] = [a * cellWords, b * cellWords];
    for (let i = 0; i < cellWords; i++)
      if (this.#words[first + i] !== this.#words[second + i]) return false;
    return true;
  }
}

const decode = ({ buffer, byteOffset, byteLength }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString("utf8");

/** Numbers as DuckDB takes them. */
type Numbers = Int32Array | BigInt64Array | BigUint64Array | Float64Array | Uint8Array;

/** Texts as UTF-8, each of them from a place in `bytes` to another one. */
export interface TextCells {
  readonly bytes: Uint8Array;
  readonly from: Uint32Array;
  readonly to: Uint32Array;
}

/** The cells of a column. */
export type Cells = Numbers | TextCells;

/** Fills one chunk again and again. */
function appendChunks(
  api: Api,
  appender: Bindings.Appender,
  types: readonly CellType[],
  columns: readonly Cells[],
): void {
  const chunk = api.create_data_chunk(
    types.map((type) => api.create_logical_type(cellTypes[type].id as Bindings.Type)),
  );
  const all = rowsOf(columns[0]);
  const cells = new Uint8Array(columns.some(isTexts) ? chunkRows * textBytes : 0);
  for (let from = 0; from < all; from += chunkRows) {
    const rows = Math.min(all - from, chunkRows);
    api.data_chunk_reset(chunk);
    columns.forEach((column, at) => {
      const vector = api.data_chunk_get_vector(chunk, at);
      if (isTexts(column)) {
        putTexts(api, vector, column, { first: from, rows, cells });
      } else {
        const { width } = cellTypes[types[at]];
        const start = column.byteOffset + from * width;
        api.copy_data_to_vector(vector, 0, column.buffer as ArrayBuffer, start, rows * width);
      }
    });
    api.data_chunk_set_size(chunk, rows);
    api.append_data_chunk(appender, chunk);
  }
}

/** Puts texts into a vector: short ones all at once, as they stand there, long ones one by one. */
function putTexts(
  api: Api,
  vector: Bindings.Vector,
  { bytes, from, to }: TextCells,
  { first, rows, cells }: { first: number; rows: number; cells: Uint8Array<ArrayBuffer> },
): void {
  cells.fill(0, 0, rows * textBytes);
  const lengths = new Uint32Array(cells.buffer);
  for (let row = 0; row < rows; row++) {
    const start = from[first + row];
    const length = to[first + row] - start;
    if (length > inlineBytes) continue;
    lengths[(row * textBytes) / 4] = length;
    const at = row * textBytes + 4;
    for (let i = 0; i < length; i++) cells[at + i] = bytes[start + i];
  }
  api.copy_data_to_vector(vector, 0, cells.buffer, 0, rows * textBytes);
  for (let row = 0; row < rows; row++) {
    const [start, end] = [from[first + row], to[first + row]];
    if (end - start > inlineBytes)
      api.vector_assign_string_element_len(vector, row, bytes.subarray(start, end));
  }
}

const isTexts = (column: Cells): column is TextCells => "from" in column;
const rowsOf = (column: Cells): number => (isTexts(column) ? column.from : column).length;

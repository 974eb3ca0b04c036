import {
  type Batch,
  cellBytes,
  type Dictionary,
  type FlatColumn,
  isValid,
} from "@tocsin/data/column";
import {
  wasmInstance,
  type WasmInstance,
  wasmMemory,
  type WasmMemory,
} from "@tocsin/platform/host";
import { ByteWriter } from "./byte-writer.ts";
import { writeText } from "./csv-cell-writer.ts";
import { printModule } from "./csv-print-code.ts";
import {
  codesMax,
  exponents,
  fixedMax,
  outBytes,
  plainMax,
  type PrintKind,
  printKind,
  printLayout,
  type PrintLayout,
  type PrintPlace,
  printRows,
  rowBytes,
  textsMax,
} from "./csv-print-plan.ts";
import { writePowers } from "./powers-of-ten.ts";

const pageBytes = 65_536;
/** Smaller batches are not worth machine code. */
const worthRows = 512;
const printersMax = 8;
const columnsMax = 256;
/** Printers of more columns take turns in one memory: each touches much of it. */
const wideColumns = 32;

type TextColumn = Extract<FlatColumn, { kind: "string" }>;
type MadeColumn = Exclude<TextColumn, { form: "plain" }>;

const rowsOf = (column: MadeColumn): number =>
  column.form === "coded" ? column.codes.length : column.rows;

/** Memory of printers, and whose turn it is. */
class PrintMemory {
  readonly wasm: WasmMemory;
  user: CsvPrinter | undefined;

  private constructor(wasm: WasmMemory) {
    this.wasm = wasm;
  }
  /** Undefined where the platform has no machine code. */
  static make(): PrintMemory | undefined {
    const wasm = wasmMemory(1);
    return wasm === undefined ? undefined : new PrintMemory(wasm);
  }
  reserve(bytes: number): void {
    const missing = bytes - this.wasm.buffer.byteLength;
    if (missing > 0) this.wasm.grow(Math.ceil(missing / pageBytes));
  }
}

/** Texts of codes that the memory has. */
interface Known {
  readonly dictionary: Dictionary;
  readonly count: number;
}

/**
 * Prints rows as CSV with machine code that is made for the kinds of their columns. A cell that it does
 * not know (a long decimal, a number without digits) makes it stop: who uses it writes that row.
 */
export class CsvPrinter {
  readonly #layout: PrintLayout;
  readonly #instance: WasmInstance;
  readonly #memory: PrintMemory;
  #bytes = new Uint8Array(0);
  #words = new Int32Array(0);
  #columns: readonly FlatColumn[] = [];
  /** The rows whose values are in memory. */
  #first = 0;
  #end = 0;
  #known: (Known | undefined)[] = [];
  #textsEnd = 0;

  private constructor(layout: PrintLayout, memory: PrintMemory, instance: WasmInstance) {
    this.#layout = layout;
    this.#memory = memory;
    this.#instance = instance;
  }
  static of(
    kinds: readonly PrintKind[],
    comma: number,
    memory: PrintMemory,
  ): CsvPrinter | undefined {
    const layout = printLayout(kinds);
    memory.reserve(layout.size);
    const instance = wasmInstance(printModule(layout, comma), memory.wasm);
    return instance === undefined ? undefined : new CsvPrinter(layout, memory, instance);
  }
  /** What other printers left in the memory is not ours. */
  #takeTurn(): void {
    const layout = this.#layout;
    const { buffer } = this.#memory.wasm;
    // It has another buffer where it grew.
    if (this.#memory.user === this && this.#bytes.buffer === buffer) return;
    this.#memory.user = this;
    this.#bytes = new Uint8Array(buffer);
    this.#words = new Int32Array(buffer);
    this.#forget();
    writePowers(buffer, layout.powers, layout.halves);
    const gaps = new Float64Array(buffer, layout.gaps, exponents);
    for (let i = 0; i < exponents; i++) {
      gaps[i] = 2 ** (i - 73);
      this.#bytes[layout.scales + i] = Math.min(22, 16 - Math.floor((i - 20) * 0.30103));
    }
  }
  /** Begins with other rows; false when their texts are too many. */
  begin(columns: readonly FlatColumn[], comma: number): boolean {
    this.#takeTurn();
    this.#columns = columns;
    this.#first = this.#end = 0;
    const { places } = this.#layout;
    const texts = columns.map((column, i) =>
      column.form === "coded" && places[i].kind === "text" ? column.dictionary : undefined,
    );
    const others = texts.some((dictionary, i) => {
      const known = this.#known[i];
      return known !== undefined && known.dictionary !== dictionary;
    });
    if (others) this.#forget();
    const bytes = texts.reduce((sum, one) => sum + (one?.plain.offsets[one.size] ?? 0), 0);
    if (bytes > textsMax) return false;
    return texts.every(
      (dictionary, i) => dictionary === undefined || this.#learn(dictionary, i, comma),
    );
  }
  /** The bytes around the cells of the rows to come; false when they are too long. */
  frame(fixed: readonly Uint8Array[]): boolean {
    if (fixed.some(({ length }) => length > fixedMax)) return false;
    const { places, rest, restLength, limit, out } = this.#layout;
    const put = (bytes: Uint8Array, at: number, length: number): void => {
      this.#bytes.set(bytes, at);
      this.#words[length / 4] = bytes.length;
    };
    places.forEach(({ fixed: at, fixedLength }, i) => put(fixed[i], at, fixedLength));
    put(fixed[places.length], rest, restLength);
    let bound = rowBytes(places.length);
    for (const { length } of fixed) bound += length;
    this.#columns.forEach((column, i) => {
      if (column.form === "coded" && places[i].kind === "text")
        bound += 2 * column.dictionary.longest + 2;
    });
    this.#words[limit / 4] = out + outBytes - bound;
    return bound < outBytes / 2;
  }
  /** Prints rows from `from` on until `to`, or one that it leaves to others; gives that. */
  print(from: number, to: number, into: ByteWriter): number {
    let row = from;
    while (row < to) {
      this.#load(row);
      const first = this.#first;
      const last = Math.min(to, this.#end);
      const { out, to: end } = this.#layout;
      this.#words[end / 4] = out;
      const next = first + this.#instance.run(row - first, last - first);
      const length = this.#words[end / 4] - out;
      into.reserve(length);
      into.bytes.set(this.#bytes.subarray(out, out + length), into.length);
      into.length += length;
      if (next === row) break;
      row = next;
    }
    return row;
  }

  /** Puts rows into memory, `row` among them; fewer where texts are long, none where one is too long. */
  #load(row: number): void {
    if (row >= this.#first && row < this.#end) return;
    // Bits of validity are copied by the byte.
    this.#first = row & ~7;
    this.#end = this.#first + printRows;
    this.#layout.places.forEach((place, i) => {
      const column = this.#columns[i];
      this.#loadColumn(place, column, this.#first);
      if (place.kind === "plain" && column.kind === "string")
        this.#end = Math.min(this.#end, this.#loadTexts(place, column, this.#first));
    });
  }
  /** Puts texts of rows into memory; gives the first row that is left out. */
  #loadTexts({ offsets, shift, texts }: PrintPlace, column: TextColumn, from: number): number {
    const words = offsets / 4;
    if (column.form === "plain") {
      const { bytes, offsets: ends } = column;
      let to = Math.min(from + printRows, ends.length - 1);
      while (ends[to] - ends[from] > plainMax) to = from + ((to - from) >> 1);
      this.#bytes.set(bytes.subarray(ends[from], ends[to]), texts);
      new Uint32Array(this.#words.buffer, offsets, to - from + 1).set(ends.subarray(from, to + 1));
      this.#words[shift / 4] = texts - ends[from];
      return to;
    }
    const { bound, write } = cellBytes(column, "shortest");
    const { valid } = column;
    this.#words[shift / 4] = 0;
    let at = texts;
    let row = from;
    for (const to = Math.min(from + printRows, rowsOf(column)); row < to; row++) {
      if (at + bound > texts + plainMax) break;
      this.#words[words + row - from] = at;
      if (valid === undefined || isValid(valid, row)) at = write(row, this.#bytes, at);
    }
    this.#words[words + row - from] = at;
    return row;
  }
  #loadColumn({ kind, values, holes, valid }: PrintPlace, column: FlatColumn, from: number): void {
    const { buffer } = this.#bytes;
    this.#words[holes / 4] = column.valid === undefined ? 0 : 1;
    const to = from + printRows;
    if (column.valid !== undefined)
      this.#bytes.set(column.valid.subarray(from >> 3, to >> 3), valid);
    if (column.form === "coded" && kind === "text") {
      const codes = column.codes.subarray(from, to);
      new Uint32Array(buffer, values, codes.length).set(codes);
    } else if (column.form === "flat") {
      const { data } = column;
      const part = data.subarray(from, to);
      const bytes = new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
      this.#bytes.set(bytes, values);
    }
  }
  /** Puts the texts of codes that are new into memory, as they stand in CSV. */
  #learn(dictionary: Dictionary, column: number, comma: number): boolean {
    const count = this.#known[column]?.count ?? 0;
    const { size } = dictionary;
    const { offsets } = this.#layout.places[column];
    if (size > codesMax) return false;
    if (count === size && count > 0) return true;
    // Texts of one column lie end to end: new ones cannot go behind those of another column.
    if (count > 0 && this.#words[offsets / 4 + count] !== this.#textsEnd) {
      this.#known = this.#known.map((known, i) => (i === column ? undefined : known));
      return this.#learn(dictionary, column, comma);
    }
    const out = new ByteWriter();
    const { bytes, offsets: ends } = dictionary.plain;
    this.#words[offsets / 4 + count] = this.#textsEnd;
    for (let code = count; code < size; code++) {
      writeText(bytes, ends[code], ends[code + 1], { out, comma });
      this.#words[offsets / 4 + code + 1] = this.#textsEnd + out.length;
    }
    const end = this.#textsEnd + out.length;
    if (end > this.#layout.texts + textsMax) return this.#forget();
    this.#bytes.set(out.bytes.subarray(0, out.length), this.#textsEnd);
    this.#textsEnd = end;
    this.#known[column] = { dictionary, count: size };
    return true;
  }
  #forget(): false {
    this.#known = [];
    this.#textsEnd = this.#layout.texts;
    return false;
  }
}

/** The printers of an encoder: batches whose columns are of the same kinds share one. */
export class CsvPrinters {
  readonly #made = new Map<string, CsvPrinter | undefined>();
  /** Rows of columns that have no printer yet. */
  readonly #seen = new Map<string, number>();
  #wide: PrintMemory | undefined;

  /** What prints the rows of a batch; undefined where that does not pay, or cannot be. */
  of(batch: Batch, comma: number): CsvPrinter | undefined {
    if (batch.columns.length > columnsMax) return undefined;
    const columns = batch.columns.filter((column) => column.form !== "table");
    const kinds = columns.map(printKind);
    // Where the dictionaries of several columns are too much together, texts are printed row by row.
    const printer = this.#printer(kinds, columns, { comma, rows: batch.rows });
    if (printer !== undefined || !kinds.includes("text")) return printer;
    const plain = kinds.map((kind) => (kind === "text" ? "plain" : kind));
    return this.#printer(plain, columns, { comma, rows: batch.rows });
  }
  #printer(
    kinds: readonly PrintKind[],
    columns: readonly FlatColumn[],
    { comma, rows }: { readonly comma: number; readonly rows: number },
  ): CsvPrinter | undefined {
    const name = `${comma} ${kinds.join()}`;
    if (!this.#made.has(name) && this.#made.size < printersMax) {
      const seen = (this.#seen.get(name) ?? 0) + rows;
      this.#seen.set(name, seen);
      if (seen < worthRows) return undefined;
      const memory = this.#memoryFor(kinds.length);
      this.#made.set(name, memory && CsvPrinter.of(kinds, comma, memory));
    }
    const printer = this.#made.get(name);
    return printer?.begin(columns, comma) === true ? printer : undefined;
  }
  #memoryFor(columns: number): PrintMemory | undefined {
    if (columns <= wideColumns) return PrintMemory.make();
    return (this.#wide ??= PrintMemory.make());
  }
}

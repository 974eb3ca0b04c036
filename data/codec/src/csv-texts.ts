import { copyBytes, Dictionary, type FlatColumn } from "@tocsin/data/column";
import { CsvCells, type CsvColumn } from "./csv-cells.ts";
import type { CsvKernel } from "./csv-kernel.ts";
import { type ColumnPlace, knownLength, knownTexts } from "./csv-kernel-plan.ts";
import type { KnownTexts } from "./csv-known-texts.ts";

/** Values after which it shows whether most of them are new; fewer where there are many columns to decide on. */
const trialRows = 4096;
const wideTrialRows = 256;
const narrowColumns = 32;
/** Or after this many bytes of distinct texts. */
const trialBytes = 256 * 1024;
const wideTrialBytes = 8 * 1024;
const firstRows = 128;
/** How many times as many values decide where some texts have come again that the kernel can keep. */
const longTrial = 16;

/**
 * The distinct texts of one column of a stream, in whatever tables it occurs: codes can be compared from batch to
 * batch. When most values are new, a dictionary does not pay, and the column becomes plain.
 */
export class CsvTexts {
  dictionary = new Dictionary();
  plain = false;
  /** Values that were coded. */
  seen = 0;
  readonly trial: number;
  readonly #trialBytes: number;

  /** `columns`: how many the table has. */
  constructor(columns: number) {
    const wide = columns > narrowColumns;
    this.trial = wide ? wideTrialRows : trialRows;
    this.#trialBytes = wide ? wideTrialBytes : trialBytes;
  }
  /** Whether it is time to judge, `rows` rows after that was done last. */
  isDue(rows: number): boolean {
    return rows >= this.trial || (rows > 0 && this.dictionary.length >= this.#trialBytes);
  }
  /** Decides, after `values` more values have been coded. */
  judge(values: number): void {
    this.seen += values;
    const { size, longest, length } = this.dictionary;
    const tried = Math.min(this.seen, this.trial);
    if ((tried < this.trial && length < this.#trialBytes) || size * 2 <= this.seen) return;
    // Of n values out of N, n²/2N have come again; N is what the kernel has room for.
    const again = longest <= knownLength && this.seen - size >= tried ** 2 / (2 * knownTexts);
    this.plain = !again || this.seen >= longTrial * this.trial;
  }
  /** Lets go of the dictionary: only columns of batches still use its codes. */
  forget(): void {
    if (this.dictionary.size > 0) this.dictionary = new Dictionary();
  }
}

/** Texts end to end: row `i` is `bytes[offsets[i] .. offsets[i + 1]]`. */
interface PlainTexts {
  bytes: Uint8Array<ArrayBuffer>;
  offsets: Uint32Array<ArrayBuffer>;
}

/** Cells of a string column: coded first, plain when that does not pay. */
export class StringCells extends CsvCells {
  readonly #texts: CsvTexts;
  #codes = new Uint32Array(0);
  /** Bytes of the texts of the batch before. */
  #bytesBefore = 1024;
  /** The texts that the kernel at work finds by itself. */
  #known: KnownTexts | undefined;
  /** Present once the column is plain. */
  #plain: PlainTexts | undefined;
  #judged = 0;
  /** The code of the text that stands for an empty cell. */
  #fallbackCode: number | undefined;

  constructor(column: CsvColumn, texts: CsvTexts) {
    super(column);
    this.#texts = texts;
  }
  reserve(rows: number): void {
    if (!this.#texts.plain && this.#texts.isDue(this.rows - this.#judged)) this.#judge();
    if (this.#texts.plain) {
      const plain = (this.#plain ??= this.#turned());
      if (rows >= plain.offsets.length) {
        const larger = new Uint32Array(this.roomFor(rows, plain.offsets.length) + 1);
        larger.set(plain.offsets);
        plain.offsets = larger;
      }
    } else if (rows > this.#codes.length) {
      const larger = new Uint32Array(this.roomFor(rows, this.#codes.length));
      larger.set(this.#codes);
      this.#codes = larger;
    }
  }
  protected parse(bytes: Uint8Array, from: number, to: number): boolean {
    if (this.#plain === undefined) {
      this.#codes[this.rows] = this.#texts.dictionary.codeOfBytes(bytes, from, to);
      return true;
    }
    const { offsets } = this.#plain;
    const start = offsets[this.rows];
    const texts = room(this.#plain, start + to - from);
    offsets[this.rows + 1] = copyBytes(bytes, from, to, { bytes: texts, at: start });
    return true;
  }
  protected override absent(): void {
    const offsets = this.#plain?.offsets;
    if (offsets === undefined) this.#codes[this.rows] = 0;
    else offsets[this.rows + 1] = offsets[this.rows];
  }
  override expect(kernel: CsvKernel, place: ColumnPlace): void {
    // Decides whether the texts are coded before the kernel reads, not afterwards.
    this.reserve(this.rows);
    if (this.#plain !== undefined) {
      kernel.memory.forget(this.#texts);
      return kernel.copyTexts(place, this.#plain.offsets[this.rows]);
    }
    const { fallback } = this.column;
    if (fallback !== undefined) this.#fallbackCode ??= this.#texts.dictionary.code(fallback);
    this.#known = kernel.memory.knownOf(this.#texts);
    kernel.codeTexts(place, this.#known, this.#fallbackCode ?? 0);
  }
  override get bytes(): number {
    return this.#plain?.offsets[this.rows] ?? 0;
  }
  override get most(): number {
    if (this.#texts.plain) return Infinity;
    const rows = this.rows - this.#judged;
    // Texts are learnt after each call: calls double, as the texts that come often are soon known.
    return Math.min(this.#texts.trial - rows, Math.max(firstRows, this.#texts.seen + rows));
  }
  protected fill({ bytes, words }: CsvKernel, place: ColumnPlace, count: number): void {
    const values = words.subarray(place.values / 4, place.values / 4 + count);
    const plain = this.#plain;
    if (plain === undefined) return this.#codes.set(values, this.rows);
    const from = plain.offsets[this.rows];
    const to = values[count - 1];
    room(plain, to).set(bytes.subarray(place.texts, place.texts + to - from), from);
    plain.offsets.set(values, this.rows + 1);
  }
  protected override odd(kernel: CsvKernel, place: ColumnPlace, odd: number): boolean {
    const { words } = kernel;
    const [from, to] = [words[odd + 1], words[odd + 2]];
    // There is no room for its text: those of the following lines are in place already.
    const fallback = this.column.fallback ?? "";
    if (this.#plain !== undefined && from === to && fallback !== "") return false;
    const fits = super.odd(kernel, place, odd);
    if (this.#plain === undefined) this.#known?.learn(odd, this.#codes[this.rows - 1]);
    return fits;
  }
  protected override settle(): void {
    if (this.#plain === undefined) this.#judge();
  }
  protected taken(valid: Uint8Array | undefined): FlatColumn {
    const plain = this.#plain;
    this.#plain = undefined;
    this.#judged = 0;
    if (plain !== undefined) {
      const offsets = plain.offsets.subarray(0, this.rows + 1);
      const bytes = plain.bytes.subarray(0, offsets[this.rows]);
      // With some to spare: a little more must not mean twice as much.
      this.#bytesBefore = Math.ceil(bytes.length * 1.05);
      return { kind: "string", form: "plain", bytes, offsets, valid };
    }
    const { dictionary } = this.#texts;
    const codes = this.#codes.subarray(0, this.rows);
    this.#codes = new Uint32Array(0);
    if (this.#texts.plain) this.#texts.forget();
    return { kind: "string", form: "coded", codes, dictionary, valid };
  }

  #judge(): void {
    this.#texts.judge(this.valued(this.#judged));
    this.#judged = this.rows;
  }
  /** The rows so far in the plain form; rows without a value get an empty text. */
  #turned(): PlainTexts {
    const codes = this.#codes;
    const { size, plain } = this.#texts.dictionary;
    const offsets = new Uint32Array(this.roomFor(this.rows, 0) + 1);
    for (let row = 0; row < this.rows; row++) {
      const code = codes[row];
      const length = code < size ? plain.offsets[code + 1] - plain.offsets[code] : 0;
      offsets[row + 1] = offsets[row] + length;
    }
    const bytes = new Uint8Array(Math.max(this.#bytesBefore, offsets[this.rows]));
    for (let row = 0; row < this.rows; row++)
      if (codes[row] < size) this.#texts.dictionary.copy(codes[row], bytes, offsets[row]);
    this.#codes = new Uint32Array(0);
    this.#texts.forget();
    return { bytes, offsets };
  }
}

/** Cells of a string column that nobody reads: any bytes are text. */
export class UnreadTexts extends CsvCells {
  reserve(): void {}
  protected parse(): boolean {
    return true;
  }
  protected fill(): void {}
  protected taken(): FlatColumn {
    throw new Error("nobody reads these cells");
  }
}

/** The bytes of the texts, with room for `length` of them. */
function room(plain: PlainTexts, length: number): Uint8Array {
  if (length > plain.bytes.length) {
    const larger = new Uint8Array(Math.max(1024, length * 2));
    larger.set(plain.bytes);
    plain.bytes = larger;
  }
  return plain.bytes;
}

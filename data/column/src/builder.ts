import type { ColumnKind, Raw } from "@tocsin/data/value";
import { utf8 } from "@tocsin/platform/host";
import { cellAt, isValid } from "./cell.ts";
import { cellsOf, type NumberCells } from "./cells.ts";
import type { FlatColumn, Validity } from "./column.ts";
import { Dictionary } from "./dictionary.ts";

/** Validity bits that grow with the rows; made only when the first null comes. */
class ValidityBuilder {
  #bits: Uint8Array<ArrayBuffer> | undefined;

  note(row: number, present: boolean): void {
    if (present && this.#bits === undefined) return;
    if (this.#bits === undefined) {
      this.#bits = new Uint8Array(Math.max(8, (row >> 3) + 1));
      this.#bits.fill(255, 0, row >> 3);
      this.#bits[row >> 3] = (1 << (row & 7)) - 1;
    } else if (row >> 3 >= this.#bits.length) {
      const larger = new Uint8Array(Math.max((row >> 3) + 1, this.#bits.length * 2));
      larger.set(this.#bits);
      this.#bits = larger;
    }
    if (present) this.#bits[row >> 3] |= 1 << (row & 7);
  }
  finish(rows: number): Validity {
    if (this.#bits === undefined) return undefined;
    return this.#bits.length * 8 >= rows ? this.#bits : extended(this.#bits, rows);
  }
}

function extended(bits: Uint8Array<ArrayBuffer>, rows: number): Uint8Array {
  const larger = new Uint8Array((rows + 7) >> 3);
  larger.set(bits);
  return larger;
}

/** Makes a flat column cell by cell. Use `finish` once. */
export interface ColumnBuilder {
  readonly kind: ColumnKind;
  readonly rows: number;
  /** Appends a cell of this column's kind, without wrapper; null for none. */
  append(cell: Raw): void;
  /** Appends the cell at `row` of `column`, which has the same kind. */
  appendFrom(column: FlatColumn, row: number): void;
  finish(): FlatColumn;
}

class FixedBuilder implements ColumnBuilder {
  readonly kind: Exclude<ColumnKind, "string">;
  rows = 0;
  #data: NumberCells;
  readonly #valid = new ValidityBuilder();

  constructor(kind: Exclude<ColumnKind, "string">, capacity: number) {
    this.kind = kind;
    this.#data = cellsOf(kind, Math.max(capacity, 4));
  }
  append(cell: Raw): void {
    const row = this.rows++;
    if (row >= this.#data.length) this.#grow();
    if (cell !== null)
      (this.#data as { [i: number]: unknown })[row] = this.kind === "bool" ? (cell ? 1 : 0) : cell;
    this.#valid.note(row, cell !== null);
  }
  appendFrom(column: FlatColumn, row: number): void {
    this.append(cellAt(column, row));
  }
  finish(): FlatColumn {
    const data = this.#data.subarray(0, this.rows);
    return {
      kind: this.kind,
      form: "flat",
      data,
      valid: this.#valid.finish(this.rows),
    } as FlatColumn;
  }
  #grow(): void {
    const larger = cellsOf(this.kind, this.#data.length * 2);
    (larger as Float64Array).set(this.#data as Float64Array);
    this.#data = larger;
  }
}

class CodedBuilder implements ColumnBuilder {
  readonly kind = "string";
  rows = 0;
  #codes: Uint32Array<ArrayBuffer>;
  #dictionary: Dictionary | undefined;
  #foreign: Dictionary | undefined;
  #codeOf = new Map<string, number>();
  #remap = new Map<number, number>();
  readonly #valid = new ValidityBuilder();

  constructor(capacity: number) {
    this.#codes = new Uint32Array(Math.max(capacity, 4));
  }
  append(cell: Raw): void {
    if (cell === null) return this.#push(0, false);
    const text = cell as string;
    const dictionary = this.#own();
    let code = this.#codeOf.get(text);
    if (code === undefined) this.#codeOf.set(text, (code = dictionary.code(text)));
    this.#push(code, true);
  }
  appendFrom(column: FlatColumn, row: number): void {
    if (column.form !== "coded") return this.append(cellAt(column, row));
    const raw = column.codes[row];
    if (column.valid !== undefined && (column.valid[row >> 3] & (1 << (row & 7))) === 0)
      return this.#push(0, false);
    this.#dictionary ??= column.dictionary;
    if (column.dictionary === this.#dictionary) return this.#push(raw, true);
    if (this.#foreign !== column.dictionary) {
      this.#foreign = column.dictionary;
      this.#remap.clear();
    }
    let code = this.#remap.get(raw);
    if (code === undefined) {
      const bytes = column.dictionary.bytes(raw);
      code = this.#dictionary.codeOfBytes(bytes, 0, bytes.length);
      this.#remap.set(raw, code);
    }
    this.#push(code, true);
  }
  finish(): FlatColumn {
    const codes = this.#codes.subarray(0, this.rows);
    return {
      kind: "string",
      form: "coded",
      codes,
      dictionary: this.#own(),
      valid: this.#valid.finish(this.rows),
    };
  }
  #own(): Dictionary {
    return (this.#dictionary ??= new Dictionary());
  }
  #push(code: number, present: boolean): void {
    const row = this.rows++;
    if (row >= this.#codes.length) {
      const larger = new Uint32Array(this.#codes.length * 2);
      larger.set(this.#codes);
      this.#codes = larger;
    }
    this.#codes[row] = code;
    this.#valid.note(row, present);
  }
}

/** Makes a string column in the form `plain`, for values of which few repeat. */
export class PlainBuilder implements ColumnBuilder {
  readonly kind = "string";
  rows = 0;
  #bytes: Uint8Array<ArrayBuffer>;
  #offsets: Uint32Array<ArrayBuffer>;
  #length = 0;
  readonly #valid = new ValidityBuilder();

  constructor(capacity = 16) {
    this.#bytes = new Uint8Array(Math.max(64, capacity * 8));
    this.#offsets = new Uint32Array(Math.max(capacity, 4) + 1);
  }
  append(cell: Raw): void {
    if (cell !== null) {
      const text = cell as string;
      this.#reserve(text.length * 3);
      this.#length += utf8.encodeInto(text, this.#bytes.subarray(this.#length));
    }
    this.#end(cell !== null);
  }
  /** Appends the string `bytes[from .. to]`. */
  appendBytes(bytes: Uint8Array, from: number, to: number): void {
    this.#reserve(to - from);
    if (to - from < 24) for (let i = from; i < to; i++) this.#bytes[this.#length++] = bytes[i];
    else {
      this.#bytes.set(bytes.subarray(from, to), this.#length);
      this.#length += to - from;
    }
    this.#end(true);
  }
  appendFrom(column: FlatColumn, row: number): void {
    if (column.form === "plain" && isValid(column.valid, row)) {
      this.appendBytes(column.bytes, column.offsets[row], column.offsets[row + 1]);
    } else this.append(cellAt(column, row));
  }
  finish(): FlatColumn {
    return {
      kind: "string",
      form: "plain",
      bytes: this.#bytes.subarray(0, this.#length),
      offsets: this.#offsets.subarray(0, this.rows + 1),
      valid: this.#valid.finish(this.rows),
    };
  }
  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#length + bytes, this.#bytes.length * 2));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
  #end(present: boolean): void {
    const row = this.rows++;
    if (row + 1 >= this.#offsets.length) {
      const larger = new Uint32Array(this.#offsets.length * 2);
      larger.set(this.#offsets);
      this.#offsets = larger;
    }
    this.#offsets[row + 1] = this.#length;
    this.#valid.note(row, present);
  }
}

/** A builder for a column of `kind`; `capacity` rows are reserved. Strings become coded. */
export function columnBuilder(kind: ColumnKind, capacity = 16): ColumnBuilder {
  return kind === "string" ? new CodedBuilder(capacity) : new FixedBuilder(kind, capacity);
}

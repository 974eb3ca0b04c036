import { columnBuilder, type FlatColumn } from "@tocsin/data/column";
import {
  type ColumnKind,
  type FluxError,
  invalid,
  isColumnKind,
  kindName,
  type Raw,
  unboxed,
  type Value,
} from "@tocsin/data/value";

/** The error for a value that no column can hold; `owner` is `map` or `reduce`. */
export function notAColumn(owner: string, label: string, kind: string): FluxError {
  const type = kind === "record" ? "object" : kind;
  return invalid(
    `${owner} object property "${label}" is ${type} type which is not supported in a flux table`,
    "columns hold bool, int, uint, float, string and time: turn it into a string or leave it out",
  );
}

/** A column of values whose type is that of the first one that is not null. */
export class ValueColumn {
  readonly owner: string;
  readonly label: string;
  readonly #cells: Raw[];
  #kind: ColumnKind | undefined;
  /** The type that a null would have; it counts if there is nothing but nulls. */
  #hint: ColumnKind | undefined;

  constructor(owner: string, label: string, rows: number) {
    this.owner = owner;
    this.label = label;
    this.#cells = Array.from({ length: rows }, () => null);
  }
  /** Throws where `value` does not fit into this column. Changes nothing. */
  accept(value: Value): void {
    if (value.kind === "null") return;
    const kind = value.kind;
    if (!isColumnKind(kind)) throw notAColumn(this.owner, this.label, kindName(value));
    if (this.#kind !== undefined && this.#kind !== kind) {
      throw invalid(
        `${this.owner} object property "${this.label}" is ${kind} here and ${this.#kind} in earlier rows`,
        "a column has one type: convert it, for example with string(v: …) or float(v: …)",
      );
    }
  }
  /** Sets the cell of a row to a value that `accept` has let pass. */
  set(row: number, value: Value): void {
    if (value.kind === "null") {
      if (value.of !== undefined && isColumnKind(value.of)) this.#hint ??= value.of;
      return;
    }
    this.#kind ??= value.kind as ColumnKind;
    this.#cells[row] = unboxed(value) ?? null;
  }
  /** Undefined: there is nothing but nulls of unknown type. */
  finish(): FlatColumn | undefined {
    const kind = this.#kind ?? this.#hint;
    if (kind === undefined) return undefined;
    const builder = columnBuilder(kind, this.#cells.length);
    for (const cell of this.#cells) builder.append(cell);
    return builder.finish();
  }
}

/** The column of values that are all known; undefined as with `finish`. */
export function valueColumn(
  owner: string,
  label: string,
  values: readonly Value[],
): FlatColumn | undefined {
  const column = new ValueColumn(owner, label, values.length);
  values.forEach((value, row) => {
    column.accept(value);
    column.set(row, value);
  });
  return column.finish();
}

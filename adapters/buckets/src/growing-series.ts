import { type Cells, cellsOf, Dictionary, type FlatColumn } from "@tocsin/data/column";
import type { FieldKind } from "@tocsin/data/codec";
import type { Raw } from "@tocsin/data/value";
import type { FieldOfSeries } from "./predicate.ts";

/**
 * Points of a field that are added between reads, mostly in the order of time. Adding at the end costs
 * the same however many there are; what a read was given never changes afterwards.
 */
export class GrowingSeries implements FieldOfSeries {
  readonly measurement: string;
  readonly tags: FieldOfSeries["tags"];
  readonly field: string;
  readonly kind: FieldKind;
  #times = new BigInt64Array(16);
  #cells: Cells;
  readonly #dictionary = new Dictionary();
  readonly #codes = new Map<string, number>();
  #rows = 0;

  constructor(series: Pick<FieldOfSeries, "measurement" | "tags">, field: string, kind: FieldKind) {
    this.measurement = series.measurement;
    this.tags = series.tags;
    this.field = field;
    this.kind = kind;
    this.#cells = cellsOf(kind, 16);
  }
  /** Adds a point; one of the same time is replaced. */
  add(time: bigint, value: Raw): void {
    const at = this.#placeOf(time);
    const replaces = at < this.#rows && this.#times[at] === time;
    if (at < this.#rows || this.#rows === this.#times.length) this.#copy();
    if (at < this.#rows && !replaces) {
      this.#times.copyWithin(at + 1, at, this.#rows);
      this.#cells.copyWithin(at + 1, at, this.#rows);
    }
    this.#times[at] = time;
    this.#set(at, value);
    if (!replaces) this.#rows += 1;
  }
  /** All points in the order of time. */
  points(): { times: FlatColumn; values: FlatColumn } {
    const times: FlatColumn = {
      kind: "time",
      form: "flat",
      data: this.#times.subarray(0, this.#rows),
      valid: undefined,
    };
    const cells = this.#cells.subarray(0, this.#rows);
    const values =
      this.kind === "string"
        ? {
            kind: "string",
            form: "coded",
            codes: cells,
            dictionary: this.#dictionary,
            valid: undefined,
          }
        : { kind: this.kind, form: "flat", data: cells, valid: undefined };
    return { times, values: values as FlatColumn };
  }

  #placeOf(time: bigint): number {
    let at = this.#rows;
    while (at > 0 && this.#times[at - 1] >= time) at -= 1;
    return at;
  }
  #set(at: number, value: Raw): void {
    if (typeof value === "string") {
      let code = this.#codes.get(value);
      if (code === undefined) this.#codes.set(value, (code = this.#dictionary.code(value)));
      this.#cells[at] = code;
    } else if (typeof value === "boolean") this.#cells[at] = value ? 1 : 0;
    else (this.#cells as { [at: number]: unknown })[at] = value;
  }
  /** Readers keep the old memory. */
  #copy(): void {
    const length = this.#rows === this.#times.length ? this.#rows * 2 : this.#times.length;
    const times = new BigInt64Array(length);
    times.set(this.#times);
    const cells = cellsOf(this.kind, length);
    (cells as Float64Array).set(this.#cells as Float64Array);
    this.#times = times;
    this.#cells = cells;
  }
}

import {
  type Batch,
  type Column,
  columnBuilder,
  type ColumnBuilder,
  type FlatColumn,
  rowsOf,
  type Schema,
} from "@tocsin/data/column";
import { compareUtf8 } from "@tocsin/data/value";
import { joinColumns } from "./join-columns.ts";
import type { FieldOfSeries } from "./predicate.ts";

/** Rows after which a batch is given out. */
const batchRows = 65_536;

/** Points of a field of a series. Without `times` the tables have no `_time`: sums, counts and means. */
export interface SeriesRows {
  readonly times: FlatColumn | undefined;
  readonly values: FlatColumn;
}

/** Puts series into batches of many tables, in the shape in which InfluxDB's storage gives them. */
export class SeriesTables {
  readonly #start: bigint;
  readonly #stop: bigint;
  #shape = "";
  #schema: Schema = [];
  #keys: { builder: ColumnBuilder; of: (series: FieldOfSeries) => string | bigint }[] = [];
  #pieces: SeriesRows[] = [];
  #ends: number[] = [];
  #rows = 0;

  /** The range that was asked for, for `_start` and `_stop`. */
  constructor(start: bigint, stop: bigint) {
    this.#start = start;
    this.#stop = stop;
  }
  /** Adds a table; gives the batches that are finished by it. */
  add(series: FieldOfSeries, rows: SeriesRows): Batch[] {
    const done: Batch[] = [];
    const shape = shapeOf(series, rows);
    if (shape !== this.#shape || this.#rows >= batchRows) {
      done.push(...this.finish());
      this.#begin(series, rows);
      this.#shape = shape;
    }
    this.#pieces.push(rows);
    this.#rows += rowsOf(rows.values);
    this.#ends.push(this.#rows);
    for (const { builder, of } of this.#keys) builder.append(of(series));
    return done;
  }
  /** The rest. */
  finish(): Batch[] {
    if (this.#ends.length === 0) return [];
    const keys = this.#keys.map(({ builder }): Column => {
      return { kind: builder.kind, form: "table", values: builder.finish() };
    });
    const values = joinColumns(this.#pieces.map((piece) => piece.values));
    const times = this.#pieces.flatMap((piece) => piece.times ?? []);
    let key = 0;
    const columns = this.#schema.map((spec): Column => {
      if (spec.key) return keys[key++];
      return spec.label === "_time" ? joinColumns(times) : values;
    });
    const batch: Batch = {
      schema: this.#schema,
      columns,
      rows: this.#rows,
      tableEnds: Uint32Array.from(this.#ends),
      open: false,
    };
    this.#pieces = [];
    this.#ends = [];
    this.#rows = 0;
    this.#shape = "";
    return [batch];
  }

  #begin(series: FieldOfSeries, rows: SeriesRows): void {
    const texts: { label: string; of: (series: FieldOfSeries) => string }[] = [
      { label: "_field", of: (one: FieldOfSeries) => one.field },
      { label: "_measurement", of: (one: FieldOfSeries) => one.measurement },
      ...series.tags.map(([label], i) => ({ label, of: (one: FieldOfSeries) => one.tags[i][1] })),
    ].sort((a, b) => compareUtf8(a.label, b.label));
    const time = { kind: "time", key: false } as const;
    this.#schema = [
      { ...time, label: "_start", key: true },
      { ...time, label: "_stop", key: true },
      ...(rows.times === undefined ? [] : [{ ...time, label: "_time" }]),
      { label: "_value", kind: rows.values.kind, key: false },
      ...texts.map(({ label }) => ({ label, kind: "string", key: true }) as const),
    ];
    this.#keys = [
      { builder: columnBuilder("time"), of: () => this.#start },
      { builder: columnBuilder("time"), of: () => this.#stop },
      ...texts.map(({ of }) => ({ builder: columnBuilder("string"), of })),
    ];
  }
}

/** Tables of one shape have one schema. */
function shapeOf(series: FieldOfSeries, rows: SeriesRows): string {
  const tags = series.tags.map(([key]) => `${key.length}:${key}`).join("");
  return `${rows.values.kind}${rows.times === undefined ? "-" : "+"}${tags}`;
}

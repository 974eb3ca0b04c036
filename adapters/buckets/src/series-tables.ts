import {
  type Batch,
  type Column,
  columnBuilder,
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

/** Key columns of tables that were given out: most reads give the same series again. */
export class KeyColumns {
  /** By the first of the series. */
  readonly #known = new WeakMap<FieldOfSeries, Known>();

  /** Columns with the labels' texts, a cell for each series. */
  of(
    shape: string,
    texts: readonly KeyText[],
    series: readonly FieldOfSeries[],
  ): readonly Column[] {
    const known = this.#known.get(series[0]);
    if (known !== undefined && known.shape === shape && sameItems(known.series, series))
      return known.columns;
    const columns = texts.map(({ of }): Column => {
      const builder = columnBuilder("string", series.length);
      for (const one of series) builder.append(of(one));
      return { kind: "string", form: "table", values: builder.finish() };
    });
    this.#known.set(series[0], { shape, series: [...series], columns });
    return columns;
  }
}

interface Known {
  readonly shape: string;
  readonly series: readonly FieldOfSeries[];
  readonly columns: readonly Column[];
}

interface KeyText {
  readonly label: string;
  readonly of: (series: FieldOfSeries) => string;
}

function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Puts series into batches of many tables, in the shape in which InfluxDB's storage gives them. */
export class SeriesTables {
  readonly #start: bigint;
  readonly #stop: bigint;
  #shape = "";
  #schema: Schema = [];
  #texts: readonly KeyText[] = [];
  #series: FieldOfSeries[] = [];
  readonly #keys: KeyColumns;
  #pieces: SeriesRows[] = [];
  #ends: number[] = [];
  #rows = 0;

  /** The range that was asked for, for `_start` and `_stop`. */
  constructor(start: bigint, stop: bigint, keys = new KeyColumns()) {
    this.#start = start;
    this.#stop = stop;
    this.#keys = keys;
  }
  /** Adds a table; gives the batches that are finished by it. */
  add(series: FieldOfSeries, rows: SeriesRows): Batch[] {
    const done: Batch[] = [];
    const shape = shapeOf(series, rows);
    if (shape !== this.#shape) {
      done.push(...this.finish());
      this.#begin(series, rows);
      this.#shape = shape;
    }
    this.#pieces.push(rows);
    this.#rows += rowsOf(rows.values);
    this.#ends.push(this.#rows);
    this.#series.push(series);
    // Not at the next one: that may still have to be read.
    if (this.#rows >= batchRows) done.push(...this.finish());
    return done;
  }
  /** The rest. */
  finish(): Batch[] {
    if (this.#ends.length === 0) return [];
    const keys = [
      boundColumn(this.#start, this.#ends.length),
      boundColumn(this.#stop, this.#ends.length),
      ...this.#keys.of(this.#shape, this.#texts, this.#series),
    ];
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
    this.#series = [];
    this.#pieces = [];
    this.#ends = [];
    this.#rows = 0;
    this.#shape = "";
    return [batch];
  }

  #begin(series: FieldOfSeries, rows: SeriesRows): void {
    const texts: KeyText[] = [
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
    this.#texts = texts;
  }
}

function boundColumn(time: bigint, tables: number): Column {
  const data = new BigInt64Array(tables).fill(time);
  return {
    kind: "time",
    form: "table",
    values: { kind: "time", form: "flat", data, valid: undefined },
  };
}

/** Tables of one shape have one schema. */
function shapeOf(series: FieldOfSeries, rows: SeriesRows): string {
  const tags = series.tags.map(([key]) => `${key.length}:${key}`).join("");
  return `${rows.values.kind}${rows.times === undefined ? "-" : "+"}${tags}`;
}

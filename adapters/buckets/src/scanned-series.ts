import {
  type Batch,
  cellOf,
  concatenate,
  type FlatColumn,
  gather,
  indexOf,
  isValid,
  slice,
  tableStart,
} from "@tocsin/data/column";
import { compareUtf8 } from "@tocsin/data/value";
import type { FieldKind } from "@tocsin/data/codec";
import type { FieldOfSeries } from "./predicate.ts";
import { compareSeries, seriesText } from "./series.ts";

/** Points of a field of a series, in order of time. */
export interface SeriesPoints extends FieldOfSeries {
  points(): { readonly times: FlatColumn; readonly values: FlatColumn };
}

const noTags: ReadonlySet<string> = new Set([
  "_start",
  "_stop",
  "_time",
  "_value",
  "_field",
  "_measurement",
]);

/** Keeps what a bucket answered, series by series, without looking at each point. */
export class ScannedSeries {
  readonly #pieces = new Map<string, Scanned>();

  /** Takes a batch of `Buckets.read` without an aggregate. */
  add(batch: Batch): void {
    const time = indexOf(batch.schema, "_time");
    const value = indexOf(batch.schema, "_value");
    if (time < 0 || value < 0) return;
    const { kind } = batch.schema[value];
    const times = batch.columns[time];
    const values = batch.columns[value];
    if (kind === "time" || times.form === "table" || values.form === "table") return;
    for (let table = 0; table < batch.tableEnds.length; table++) {
      const [from, to] = [tableStart(batch, table), batch.tableEnds[table]];
      if (from === to) continue;
      const series = seriesOf(batch, table, kind);
      const name = `${seriesText(series)}${kind}${series.field}`;
      const known = this.#pieces.get(name) ?? new Scanned(series);
      this.#pieces.set(name, known);
      known.add(slice(times, from, to), slice(values, from, to));
    }
  }
  /** All series in the order of storage's answers. */
  series(): SeriesPoints[] {
    return [...this.#pieces.values()].sort(compareSeries);
  }
}

class Scanned implements SeriesPoints {
  readonly measurement: string;
  readonly tags: FieldOfSeries["tags"];
  readonly field: string;
  readonly kind: FieldKind;
  readonly #times: FlatColumn[] = [];
  readonly #values: FlatColumn[] = [];
  #whole: { times: FlatColumn; values: FlatColumn } | undefined;

  constructor(series: FieldOfSeries) {
    this.measurement = series.measurement;
    this.tags = series.tags;
    this.field = series.field;
    this.kind = series.kind;
  }
  add(times: FlatColumn, values: FlatColumn): void {
    this.#times.push(times);
    this.#values.push(values);
    this.#whole = undefined;
  }
  points(): { times: FlatColumn; values: FlatColumn } {
    this.#whole ??= present(joined(this.#times), joined(this.#values));
    return this.#whole;
  }
}

function joined(pieces: readonly FlatColumn[]): FlatColumn {
  return pieces.length === 1 ? pieces[0] : concatenate(pieces);
}

/** Rows without a value are no points. */
function present(times: FlatColumn, values: FlatColumn): { times: FlatColumn; values: FlatColumn } {
  if (values.valid === undefined) return { times, values };
  const count = times.form === "flat" ? times.data.length : 0;
  const rows = new Uint32Array(count);
  let kept = 0;
  for (let row = 0; row < count; row++) if (isValid(values.valid, row)) rows[kept++] = row;
  return { times: gather(times, rows, kept), values: gather(values, rows, kept) };
}

function seriesOf(batch: Batch, table: number, kind: FieldKind): FieldOfSeries {
  const row = tableStart(batch, table);
  const text = (label: string): string => {
    const at = indexOf(batch.schema, label);
    return at < 0 ? "" : String(cellOf(batch.columns[at], row, table) ?? "");
  };
  const tags = batch.schema
    .filter(({ label, kind: type }) => type === "string" && !noTags.has(label))
    .map(({ label }) => [label, text(label)] as const)
    .filter(([, value]) => value !== "")
    .sort((a, b) => compareUtf8(a[0], b[0]));
  return { measurement: text("_measurement"), field: text("_field"), tags, kind };
}

import {
  type ColumnBuilder,
  columnBuilder,
  concatenate,
  type FlatColumn,
  gather,
} from "@tocsin/data/column";
import type { FieldKind, LineField, LinePoint } from "@tocsin/data/codec";
import type { Batch } from "@tocsin/data/column";
import type { BucketRead } from "@tocsin/engine/plan";
import { aggregated } from "./aggregate.ts";
import { faultOf } from "./point-rules.ts";
import { timesOf, within } from "./points-within.ts";
import { Condition, type FieldOfSeries } from "./predicate.ts";
import { compareSeries, conflict, FieldTypes, seriesText, weekOf } from "./series.ts";
import { SeriesTables } from "./series-tables.ts";

/** Points of one field of a series, in memory, sorted when they are first read. */
class StoredField implements FieldOfSeries {
  readonly measurement: string;
  readonly tags: FieldOfSeries["tags"];
  readonly field: string;
  readonly kind: FieldKind;
  #times: ColumnBuilder = columnBuilder("time");
  #values: ColumnBuilder;
  #sealed: { times: FlatColumn; values: FlatColumn } | undefined;

  constructor(series: LinePoint, field: string, kind: FieldKind) {
    this.measurement = series.measurement;
    this.tags = series.tags;
    this.field = field;
    this.kind = kind;
    this.#values = columnBuilder(kind);
  }
  add(time: bigint, value: LineField[2]): void {
    this.#times.append(time);
    this.#values.append(value);
  }
  /** All points in the order of time; of those with equal times the one that was written last. */
  points(): { times: FlatColumn; values: FlatColumn } {
    if (this.#times.rows === 0 && this.#sealed !== undefined) return this.#sealed;
    const times = this.#times.finish();
    const values = this.#values.finish();
    this.#times = columnBuilder("time");
    this.#values = columnBuilder(this.kind);
    const before = this.#sealed;
    this.#sealed = inOrder(
      before === undefined ? times : concatenate([before.times, times]),
      before === undefined ? values : concatenate([before.values, values]),
    );
    return this.#sealed;
  }
}

function inOrder(times: FlatColumn, values: FlatColumn): { times: FlatColumn; values: FlatColumn } {
  const data = timesOf(times);
  let sorted = true;
  for (let i = 1; sorted && i < data.length; i++) sorted = data[i - 1] < data[i];
  if (sorted) return { times, values };
  const rows = Array.from(data.keys()).sort((a, b) =>
    data[a] < data[b] ? -1 : data[a] > data[b] ? 1 : a - b,
  );
  const kept = rows.filter((row, i) => i + 1 === rows.length || data[row] !== data[rows[i + 1]]);
  const order = Uint32Array.from(kept);
  return { times: gather(times, order, order.length), values: gather(values, order, order.length) };
}

/** Series and their points in memory, as buckets in memory and in files hold them. */
export class MemoryStore {
  readonly #fields = new Map<string, StoredField>();
  readonly #types = new FieldTypes();
  #sorted: StoredField[] | undefined;
  #lastSeries: LinePoint["tags"] | undefined;
  #lastMeasurement = "";
  #lastText = "";

  /**
   * Adds a point, or returns the reason why it is refused. A field of another type than the week's refuses the whole point,
   * as does anything that no bucket can hold.
   */
  add(point: LinePoint): string | undefined {
    const fault = faultOf(point);
    if (fault !== undefined) return fault;
    const week = weekOf(point.time);
    for (const [field, kind] of point.fields) {
      const settled = this.#types.settle(point.measurement, field, week, kind);
      if (settled !== kind) return conflict(point.measurement, field, settled, kind);
    }
    const text = this.#text(point);
    for (const [field, kind, value] of point.fields) {
      const name = `${text}${kind}${field}`;
      let stored = this.#fields.get(name);
      if (stored === undefined) {
        stored = new StoredField(point, field, kind);
        this.#fields.set(name, stored);
        this.#sorted = undefined;
      }
      stored.add(point.time, value);
    }
    return undefined;
  }
  /** Answers a read. `loadRegexps()` must have finished when the predicate has a pattern. */
  *read(request: BucketRead): Generator<Batch> {
    const condition =
      request.predicate === undefined ? undefined : new Condition(request.predicate);
    const tables = new SeriesTables(request.start, request.stop);
    this.#sorted ??= [...this.#fields.values()].sort(compareSeries);
    for (const stored of this.#sorted) {
      const verdict = condition?.verdict(stored) ?? true;
      if (verdict === false) continue;
      const points = within(stored.points(), request, verdict === true ? undefined : verdict);
      if (points === undefined) continue;
      const rows = request.aggregate === undefined ? points : aggregated(stored, points, request);
      yield* tables.add(stored, rows);
    }
    yield* tables.finish();
  }

  #text(point: LinePoint): string {
    // Consecutive points are often of one series, and the parser then gives them the same array of tags.
    if (point.tags !== this.#lastSeries || point.measurement !== this.#lastMeasurement) {
      this.#lastText = seriesText(point);
      this.#lastSeries = point.tags;
      this.#lastMeasurement = point.measurement;
    }
    return this.#lastText;
  }
}

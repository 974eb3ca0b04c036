import type { DuckDBConnection } from "@duckdb/node-api";
import type { FieldKind, LinePoint } from "@tocsin/data/codec";
import { conflict, seriesText, weekOf } from "./series.ts";
import { readSeries } from "./store-series.ts";

/** A field of a series as a writer knows it. */
interface Known {
  readonly id: number;
  readonly kind: FieldKind;
  readonly measurement: string;
  readonly field: string;
  /** The week that was last found to allow this type. */
  week: bigint;
  weekEnd: bigint;
}

const weekNanoseconds = 604_800_000_000_000n;

/** A new field of a series, to be written with the points. */
export interface NewSeries {
  readonly id: number;
  readonly point: LinePoint;
  readonly field: string;
  readonly kind: FieldKind;
}
export interface NewType {
  readonly measurement: string;
  readonly field: string;
  readonly week: bigint;
  readonly kind: FieldKind;
}

/**
 * The numbers of all series of a store and the types of all fields, while points are written. What is
 * new is kept apart until it is committed.
 */
export class StoreIndex {
  /** The commit of the store that this agrees with. */
  commit: bigint;
  readonly #series: Map<string, Known>;
  readonly #types: Map<string, FieldKind>;
  #next: number;
  newSeries: NewSeries[] = [];
  newTypes: NewType[] = [];
  // Points of one series share their tags, so that most look-ups need no text.
  readonly #byTags = new WeakMap<object, Map<string, Known>>();

  private constructor(commit: bigint, series: Map<string, Known>, types: Map<string, FieldKind>) {
    this.commit = commit;
    this.#series = series;
    this.#types = types;
    this.#next = series.size;
  }
  static async load(connection: DuckDBConnection): Promise<StoreIndex> {
    const series = new Map<string, Known>();
    for (const one of await readSeries(connection, undefined)) {
      const text = `${seriesText(one)}${one.kind}${one.field}`;
      series.set(text, { ...one, week: 1n, weekEnd: 0n });
    }
    const types = new Map<string, FieldKind>();
    const found = await connection.run("SELECT measurement, field, week, kind FROM field_types");
    for (const [measurement, field, week, kind] of await found.getRows()) {
      types.set(typeText(String(measurement), String(field), week as bigint), kind as FieldKind);
    }
    return new StoreIndex(await commitsOf(connection), series, types);
  }
  /** What was new is in the store, which is at `commit` now. */
  committed(commit: bigint): void {
    this.newSeries = [];
    this.newTypes = [];
    this.commit = commit;
  }
  /** The numbers of the point's fields, in their order, or why it is refused. */
  numbers(point: LinePoint): readonly number[] | string {
    const ids: number[] = [];
    // All types are looked at before any number is given: a refused point leaves nothing behind.
    const kinds = point.fields.map(([field, kind]) => this.#conflict(point, field, kind));
    const refused = kinds.find((reason) => reason !== undefined);
    if (refused !== undefined) return refused;
    for (const [field, kind] of point.fields) {
      const known = this.#known(point, field, kind);
      this.#settle(known, point.time);
      ids.push(known.id);
    }
    return ids;
  }

  #conflict(point: LinePoint, field: string, kind: FieldKind): string | undefined {
    const known = this.#cached(point, field, kind);
    if (known !== undefined && point.time >= known.week && point.time < known.weekEnd)
      return undefined;
    const settled = this.#types.get(typeText(point.measurement, field, weekOf(point.time)));
    if (settled === undefined || settled === kind) return undefined;
    return conflict(point.measurement, field, settled, kind);
  }
  #settle(known: Known, time: bigint): void {
    if (time >= known.week && time < known.weekEnd) return;
    const week = weekOf(time);
    const text = typeText(known.measurement, known.field, week);
    if (!this.#types.has(text)) {
      this.#types.set(text, known.kind);
      const { measurement, field, kind } = known;
      this.newTypes.push({ measurement, field, week, kind });
    }
    known.week = week * weekNanoseconds + 345_600_000_000_000n;
    known.weekEnd = known.week + weekNanoseconds;
  }
  #cached(point: LinePoint, field: string, kind: FieldKind): Known | undefined {
    const known = this.#byTags.get(point.tags)?.get(`${kind}${field}`);
    return known?.measurement === point.measurement ? known : undefined;
  }
  #known(point: LinePoint, field: string, kind: FieldKind): Known {
    const cached = this.#cached(point, field, kind);
    if (cached !== undefined) return cached;
    const text = `${seriesText(point)}${kind}${field}`;
    let known = this.#series.get(text);
    if (known === undefined) {
      const { measurement } = point;
      known = { id: this.#next++, kind, measurement, field, week: 1n, weekEnd: 0n };
      this.#series.set(text, known);
      this.newSeries.push({ id: known.id, point, field, kind });
    }
    let fields = this.#byTags.get(point.tags);
    if (fields === undefined) this.#byTags.set(point.tags, (fields = new Map()));
    fields.set(`${kind}${field}`, known);
    return known;
  }
}

/** How often the store was written to. */
export async function commitsOf(connection: DuckDBConnection): Promise<bigint> {
  const found = await connection.run("SELECT commits FROM state");
  return (await found.getRows())[0][0] as bigint;
}

function typeText(measurement: string, field: string, week: bigint): string {
  return `${week}:${measurement.length}:${measurement}${field}`;
}

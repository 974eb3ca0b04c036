import type { FieldKind } from "@tocsin/data/codec";
import type { Connection } from "./duckdb.ts";
import type { Refusal } from "./intake.ts";
import type { CollectedField, PointColumns } from "./point-columns.ts";
import { firstNotBefore, type SortedPoints } from "./sorted-points.ts";
import { conflict, endOfWeek, fieldName, weekOf } from "./series.ts";
import { readSeries } from "./store-series.ts";

/** A new field of a series, to be written with the points. */
export interface NewSeries extends CollectedField {
  readonly id: number;
}
export interface NewType {
  readonly measurement: string;
  readonly field: string;
  readonly week: bigint;
  readonly kind: FieldKind;
}

/** The type that a field of a measurement has in each week. */
type Weeks = Map<bigint, FieldKind>;

/**
 * The numbers of all series of a store and the types of all fields, while points are written. What is
 * new is kept apart until it is committed.
 */
export class StoreIndex {
  /** The commit of the store that this agrees with. */
  commit: bigint;
  readonly #series: Map<string, number>;
  readonly #types: Map<string, Weeks>;
  #next: number;
  newSeries: NewSeries[] = [];
  newTypes: NewType[] = [];
  /** Numbers of series by those of collected fields, of which some have none yet. */
  readonly #numbers = new WeakMap<PointColumns, number[]>();

  private constructor(commit: bigint, series: Map<string, number>, types: Map<string, Weeks>) {
    this.commit = commit;
    this.#series = series;
    this.#types = types;
    this.#next = series.size;
  }
  static async load(connection: Connection): Promise<StoreIndex> {
    const series = new Map<string, number>();
    for (const one of await readSeries(connection, undefined)) series.set(fieldName(one), one.id);
    const index = new StoreIndex(await commitsOf(connection), series, new Map());
    const found = await connection.run("SELECT measurement, field, week, kind FROM field_types");
    for (const chunk of found.chunks()) {
      const [measurements, fields, kinds] = [chunk.texts(0), chunk.texts(1), chunk.texts(3)];
      const weeks = chunk.longs(2);
      for (let row = 0; row < chunk.rows; row++) {
        const of = index.#weeks(measurements.text(row), fields.text(row));
        of.set(weeks[row], kinds.text(row) as FieldKind);
      }
    }
    return index;
  }
  /** What was new is in the store, which is at `commit` now. */
  committed(commit: bigint): void {
    this.newSeries = [];
    this.newTypes = [];
    this.commit = commit;
  }
  /** Whether a field has two types, here or in the store: only then is each point looked at. */
  mayConflict({ fields }: PointColumns): boolean {
    const kinds = new Map<Weeks, FieldKind>();
    for (const { series, field, kind } of fields) {
      const weeks = this.#weeks(series.measurement, field);
      for (const other of [kinds.get(weeks) ?? kind, ...weeks.values()])
        if (other !== kind) return true;
      kinds.set(weeks, kind);
    }
    return false;
  }
  /**
   * Settles the types of the fields' weeks, and gives the points that are refused: those of which a
   * field has another type there. What comes first decides; a refused point leaves nothing behind.
   */
  settlePoints({ fields, rows, fieldOf, pointOf, times }: PointColumns): readonly Refusal[] {
    const refused: Refusal[] = [];
    for (let row = 0; row < rows;) {
      const found: { field: CollectedField; week: bigint }[] = [];
      const point = pointOf[row];
      for (; row < rows && pointOf[row] === point; row++)
        found.push({ field: fields[fieldOf[row]], week: weekOf(times[row]) });
      const reason = this.#conflict(found);
      if (reason !== undefined) refused.push({ point, reason });
      else for (const { field, week } of found) this.#add(field, week);
    }
    return refused;
  }
  /** Settles the types of the weeks of fields that have one type each. */
  settleFields({ fields }: PointColumns, tables: readonly SortedPoints[]): void {
    for (const { runs, times } of tables)
      for (const { field, from, to } of runs) {
        for (let row = from; row < to;) {
          const week = weekOf(times[row]);
          this.#add(fields[field], week);
          row = firstNotBefore(times, endOfWeek(week), { from: row, to });
        }
      }
  }
  /** Gives the numbers of series of collected fields, new ones for those that are new. */
  numbersOf(columns: PointColumns): (field: number) => number {
    let numbers = this.#numbers.get(columns);
    if (numbers === undefined) this.#numbers.set(columns, (numbers = []));
    const known = numbers;
    return (field) => (known[field] ??= this.#number(columns.fields[field]));
  }

  #number(one: CollectedField): number {
    let id = this.#series.get(one.name);
    if (id === undefined) {
      id = this.#next++;
      this.#series.set(one.name, id);
      this.newSeries.push({ ...one, id });
    }
    return id;
  }
  #conflict(found: readonly { field: CollectedField; week: bigint }[]): string | undefined {
    for (const { field: one, week } of found) {
      const { measurement } = one.series;
      const settled = this.#weeks(measurement, one.field).get(week);
      if (settled !== undefined && settled !== one.kind)
        return conflict(measurement, one.field, settled, one.kind);
    }
    return undefined;
  }
  #add({ series: { measurement }, field, kind }: CollectedField, week: bigint): void {
    const weeks = this.#weeks(measurement, field);
    if (weeks.has(week)) return;
    weeks.set(week, kind);
    this.newTypes.push({ measurement, field, week, kind });
  }
  #weeks(measurement: string, field: string): Weeks {
    const text = `${measurement.length}:${measurement}${field}`;
    let weeks = this.#types.get(text);
    if (weeks === undefined) this.#types.set(text, (weeks = new Map()));
    return weeks;
  }
}

/** How often the store was written to. */
export async function commitsOf(connection: Connection): Promise<bigint> {
  return BigInt((await connection.ask("SELECT commits FROM state")).first() ?? 0);
}

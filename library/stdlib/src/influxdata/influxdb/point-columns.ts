import {
  type Batch,
  cellOf,
  type Column,
  indexOf,
  type Schema,
  tableStart,
} from "@tocsin/data/column";
import { compareUtf8, formatTime9, type Raw } from "@tocsin/data/value";
import { selectRows } from "@tocsin/engine/execute";
import type { Point } from "@tocsin/engine/plan";
import type { Points } from "./point-writer.ts";

type Field = Point["fields"][number];

/** Gives the fields of the row `row` in table `table`; those without a value are left out. */
export type FieldsOf = (row: number, table: number) => readonly Field[];

/** Where the parts of points are in a batch. */
interface PointColumns {
  readonly time: Column;
  readonly measurement: Column;
  /** Sorted by key. */
  readonly tags: readonly { readonly key: string; readonly column: Column }[];
  readonly fields: FieldsOf;
}

/** The tag columns of the given labels that a batch has, in the order of tags. */
export function tagColumns(batch: Batch, labels: readonly string[]): PointColumns["tags"] {
  return labels
    .filter((key) => indexOf(batch.schema, key) >= 0)
    .sort(compareUtf8)
    .map((key) => ({ key, column: batch.columns[indexOf(batch.schema, key)] }));
}

/**
 * The field that a cell makes; undefined for what no bucket can hold. `times` says what times
 * become.
 */
export function fieldOf(
  key: string,
  kind: Schema[number]["kind"],
  cell: Raw,
  times: "int" | "text",
): Field | undefined {
  if (cell === null || (typeof cell === "number" && !Number.isFinite(cell))) return undefined;
  if (kind !== "time") return [key, kind, cell];
  return times === "int" ? [key, "int", cell] : [key, "string", formatTime9(cell as bigint)];
}

/**
 * The points of a batch. Rows without a time make none and are left out; rows without a field make
 * none and stay.
 */
export function pointsOf(batch: Batch, columns: PointColumns): Points {
  const points: Point[] = [];
  const rows = new Uint32Array(batch.rows);
  const tableEnds = new Uint32Array(batch.tableEnds.length);
  const series = new SeriesReader(columns);
  let kept = 0;
  for (let table = 0; table < batch.tableEnds.length; table++) {
    for (let row = tableStart(batch, table); row < batch.tableEnds[table]; row++) {
      const time = cellOf(columns.time, row, table);
      if (time === null) continue;
      rows[kept++] = row;
      const fields = columns.fields(row, table);
      if (fields.length > 0)
        points.push({ ...series.read(row, table), fields, time: time as bigint });
    }
    tableEnds[table] = kept;
  }
  const passed = kept === batch.rows ? batch : selectRows(batch, rows, kept, tableEnds);
  return { points, batch: passed };
}

type Series = Pick<Point, "measurement" | "tags">;

/** Reads measurement and tags; rows that follow each other in one series share them. */
class SeriesReader {
  readonly #columns: readonly Column[];
  readonly #keys: readonly string[];
  #cells: Raw[] = [];
  #series: Series | undefined;

  constructor({ measurement, tags }: PointColumns) {
    this.#columns = [measurement, ...tags.map(({ column }) => column)];
    this.#keys = tags.map(({ key }) => key);
  }
  read(row: number, table: number): Series {
    const before = this.#series;
    let same = before !== undefined;
    for (let i = 0; i < this.#columns.length; i++) {
      const cell = cellOf(this.#columns[i], row, table);
      if (cell === this.#cells[i]) continue;
      this.#cells[i] = cell;
      same = false;
    }
    if (same && before !== undefined) return before;
    const [measurement, ...values] = this.#cells;
    const tags = this.#keys.flatMap((key, i): (readonly [string, string])[] => {
      const value = values[i];
      return value === null || value === "" ? [] : [[key, value as string]];
    });
    return (this.#series = { measurement: String(measurement ?? ""), tags });
  }
}

import type { FieldKind } from "@tocsin/data/codec";
import {
  type Batch,
  type Column,
  columnBuilder,
  type ColumnSpec,
  Dictionary,
  type FlatColumn,
} from "@tocsin/data/column";
import { type BucketRead, pooledPoints, type StoragePool } from "@tocsin/engine/plan";
import type { Answer } from "./duckdb.ts";
import { type WindowsOfRange, windowTimes } from "./store-aggregate.ts";

/** A key under which points are put together: its columns in order. */
export type PoolKey = readonly (readonly [label: string, text: string])[];

/** Rows of a batch, unless a table has more. */
const batchRows = 65_536;

/** Where the rows of an answer go. */
interface Layout {
  readonly keys: readonly PoolKey[];
  /** Windows of each key. */
  readonly count: number;
  readonly request: BucketRead;
  readonly windows: WindowsOfRange | undefined;
}

/** Sums and numbers of points of each key and window. */
export class PooledSums {
  readonly #kind: FieldKind;
  readonly #name: StoragePool["function"];
  readonly #points: Float64Array;
  readonly #floats: Float64Array;
  readonly #longs: BigInt64Array;

  constructor(kind: FieldKind, name: StoragePool["function"], cells: number) {
    this.#kind = kind;
    this.#name = name;
    const whole = kind === "int" || kind === "uint";
    this.#points = new Float64Array(cells);
    this.#floats = new Float64Array(kind === "float" ? cells : 0);
    this.#longs = new BigInt64Array(whole ? cells : 0);
  }
  /** Adds what an answer has; `count`: windows of each key, where it has a column of them. */
  take(answer: Answer, keyOf: Int32Array, count: number | undefined): void {
    const summed = this.#name !== "count";
    for (const chunk of answer.chunks()) {
      let at = 0;
      const units = keyOf.length === 1 ? undefined : chunk.integers(at++);
      const windows = count === undefined ? undefined : chunk.integers(at++);
      const points = new Uint32Array(chunk.longs(at++).buffer);
      const floats = summed && this.#kind === "float" ? chunk.doubles(at) : undefined;
      const longs = summed && floats === undefined ? chunk.longs(at) : undefined;
      for (let row = 0; row < chunk.rows; row++) {
        const key = units === undefined ? 0 : keyOf[units[row]];
        const cell = windows === undefined ? key : key * (count ?? 1) + windows[row];
        this.#points[cell] += points[row * 2] + points[row * 2 + 1] * wordValue;
        if (floats !== undefined) this.#floats[cell] += floats[row];
        // An element of 64 bits keeps 64 bits of the sum, as sums do.
        else if (longs !== undefined) this.#longs[cell] += longs[row];
      }
    }
  }
  /** The tables, in batches of those whose keys have the same columns. */
  *batches(layout: Layout): Generator<Batch> {
    const shapes = new Map<string, number[]>();
    layout.keys.forEach((key, i) => {
      const shape = JSON.stringify(key.map(([label]) => label));
      const known = shapes.get(shape);
      if (known === undefined) shapes.set(shape, [i]);
      else known.push(i);
    });
    const most = Math.max(1, Math.floor(batchRows / layout.count));
    for (const keys of shapes.values()) {
      for (let from = 0; from < keys.length; from += most) {
        const batch = this.#batch(layout, keys.slice(from, from + most));
        if (batch !== undefined) yield batch;
      }
    }
  }

  #batch(layout: Layout, keys: readonly number[]): Batch | undefined {
    const { count, request, windows } = layout;
    const tables: number[] = [];
    const ends: number[] = [];
    const room = new Uint32Array(keys.length * count);
    let rows = 0;
    for (const key of keys) {
      const before = rows;
      for (let cell = key * count; cell < (key + 1) * count; cell++)
        if (this.#points[cell] > 0) room[rows++] = cell;
      if (rows === before) continue;
      tables.push(key);
      ends.push(rows);
    }
    if (tables.length === 0) return undefined;
    const cells = room.subarray(0, rows);
    const made: (readonly [spec: ColumnSpec, column: Column])[] = [
      [{ label: "_start", kind: "time", key: true }, bound(request.start, tables.length)],
      [{ label: "_stop", kind: "time", key: true }, bound(request.stop, tables.length)],
    ];
    if (windows !== undefined) {
      const times = picked(windowTimes(request, windows), cells, count);
      made.push([{ label: "_time", kind: "time", key: false }, flat("time", times)]);
    }
    made.push([{ label: "_value", kind: this.#kind, key: false }, this.#values(cells)]);
    if (this.#name !== "sum") {
      const points = wholes(this.#points, cells);
      made.push([{ label: pooledPoints, kind: "int", key: false }, flat("int", points)]);
    }
    layout.keys[tables[0]].forEach(([label], at) => {
      const texts = tables.map((table) => layout.keys[table][at][1]);
      made.push([{ label, kind: "string", key: true }, keyColumn(texts)]);
    });
    return {
      schema: made.map(([spec]) => spec),
      columns: made.map(([, column]) => column),
      rows,
      tableEnds: Uint32Array.from(ends),
      open: false,
    };
  }
  /** Of a count any values: only their type matters. */
  #values(cells: Uint32Array): FlatColumn {
    switch (this.#kind) {
      case "float":
        return flat("float", new Float64Array(picked(this.#floats, cells).buffer));
      case "int":
        return flat("int", picked(this.#longs, cells));
      case "uint":
        return flat("uint", new BigUint64Array(picked(this.#longs, cells).buffer));
      case "bool":
        return flat("bool", new Uint8Array(cells.length));
      case "string": {
        const dictionary = new Dictionary();
        const codes = new Uint32Array(cells.length).fill(dictionary.code(""));
        return { kind: "string", form: "coded", codes, dictionary, valid: undefined };
      }
    }
  }
}

const wordValue = 2 ** 32;

/** The elements at `cells`, the number of each modulo `count`. */
function picked(
  from: BigInt64Array | Float64Array,
  cells: Uint32Array,
  count = from.length,
): BigInt64Array {
  // As words: a BigInt would be made for each cell.
  const words = new Int32Array(from.buffer);
  const to = new Int32Array(cells.length * 2);
  for (let i = 0; i < cells.length; i++) {
    const at = (cells[i] % count) * 2;
    to[i * 2] = words[at];
    to[i * 2 + 1] = words[at + 1];
  }
  return new BigInt64Array(to.buffer);
}

/** The numbers at `cells`, which are whole and not negative, as 64-bit integers. */
function wholes(numbers: Float64Array, cells: Uint32Array): BigInt64Array {
  const words = new Uint32Array(cells.length * 2);
  for (let i = 0; i < cells.length; i++) {
    const number = numbers[cells[i]];
    words[i * 2] = number;
    if (number >= wordValue) words[i * 2 + 1] = number / wordValue;
  }
  return new BigInt64Array(words.buffer);
}

const flat = (kind: Exclude<FlatColumn["kind"], "string">, data: object): FlatColumn =>
  ({ kind, form: "flat", data, valid: undefined }) as FlatColumn;

const bound = (time: bigint, tables: number): Column => ({
  kind: "time",
  form: "table",
  values: flat("time", new BigInt64Array(tables).fill(time)),
});

function keyColumn(texts: readonly string[]): Column {
  const builder = columnBuilder("string", texts.length);
  for (const text of texts) builder.append(text);
  return { kind: "string", form: "table", values: builder.finish() };
}

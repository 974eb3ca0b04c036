import { columnBuilder, concatenate, type FlatColumn, gather } from "@tocsin/data/column";
import type { ColumnKind, Raw } from "@tocsin/data/value";
import type { Answer } from "./duckdb.ts";
import { cellsOf, type SortedRows } from "./store-points.ts";

/** Windows of series as SQL gives them, in any order: its columns are series, number of the window, value. */
interface WindowShape {
  /** The series, in the order in which they are wanted. */
  readonly ids: readonly number[];
  readonly kind: ColumnKind;
  /** The times of all windows that a series can have. */
  readonly times: BigInt64Array;
}

/**
 * Windows in the order of series and time. They are put there by a bit for each window that could be, of
 * which those before it are counted: nothing is compared.
 */
export function windowRows(answers: readonly Answer[], shape: WindowShape): SortedRows {
  const { ids, kind } = shape;
  const windows = shape.times.length;
  const all = answers.reduce((sum, { rows }) => sum + rows, 0);
  const rankOf = new Int32Array(ids.reduce((most, id) => Math.max(most, id), 0) + 1);
  ids.forEach((id, rank) => (rankOf[id] = rank));
  const cells = new Uint32Array(all);
  const values = cellsOf(kind, all);
  let row = 0;
  for (const answer of answers) {
    for (const chunk of answer.chunks()) {
      const [series, numbers] = [chunk.integers(0), chunk.integers(1)];
      for (let i = 0; i < series.length; i++)
        cells[row++] = rankOf[series[i]] * windows + numbers[i];
      values.take(chunk, 2);
    }
  }
  const order = new CellOrder(cells, ids.length * windows);
  const places = order.placesOf(cells);
  const stretches = { places, lengths: new Uint32Array(all).fill(1) };
  const ends = Uint32Array.from(ids, (_, rank) => order.before((rank + 1) * windows));
  return { times: timesAt(shape.times, cells, places), values: values.finish(stretches), ends };
}

function timesAt(times: BigInt64Array, cells: Uint32Array, places: Uint32Array): FlatColumn {
  // Bits are copied as doubles: a BigInt would be made for each cell.
  const from = new Float64Array(times.buffer);
  const to = new Float64Array(cells.length);
  for (let i = 0; i < cells.length; i++) to[places[i]] = from[cells[i] % times.length];
  return { kind: "time", form: "flat", data: new BigInt64Array(to.buffer), valid: undefined };
}

/** Which of many cells there are. */
class CellOrder {
  readonly #bits: Uint32Array;
  /** How many cells there are before those of each word. */
  readonly #before: Uint32Array;

  constructor(cells: Uint32Array, most: number) {
    const words = Math.ceil(most / 32) + 1;
    const bits = new Uint32Array(words);
    for (let i = 0; i < cells.length; i++) bits[cells[i] >>> 5] |= 1 << (cells[i] & 31);
    const before = new Uint32Array(words);
    for (let word = 1; word < words; word++) before[word] = before[word - 1] + ones(bits[word - 1]);
    this.#bits = bits;
    this.#before = before;
  }
  /** How many there are before `cell`. */
  before(cell: number): number {
    const word = cell >>> 5;
    return this.#before[word] + ones(this.#bits[word] & ((1 << (cell & 31)) - 1));
  }
  /** The place of each cell among those there are. */
  placesOf(cells: Uint32Array): Uint32Array {
    const places = new Uint32Array(cells.length);
    for (let i = 0; i < cells.length; i++) places[i] = this.before(cells[i]);
    return places;
  }
}

/** How many bits of a word are set. */
function ones(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** One series' windows, with those between and around them that have no points, whose value is `empty`. */
export function filledWindows(
  { times, values }: { readonly times: FlatColumn; readonly values: FlatColumn },
  ends: BigInt64Array,
  empty: Raw,
): { readonly times: FlatColumn; readonly values: FlatColumn } {
  if (times.form !== "flat" || times.kind !== "time" || times.data.length === ends.length)
    return { times, values };
  const one = columnBuilder(values.kind, 1);
  one.append(empty);
  const rows = new Uint32Array(ends.length).fill(times.data.length);
  for (let row = 0, window = 0; row < times.data.length; row++) {
    while (ends[window] !== times.data[row]) window++;
    rows[window] = row;
  }
  return {
    times: { kind: "time", form: "flat", data: ends, valid: undefined },
    values: gather(concatenate([values, one.finish()]), rows, rows.length),
  };
}

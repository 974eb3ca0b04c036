import type { TimeBounds } from "@tocsin/engine/plan";
import type { Steps } from "@tocsin/platform/host";
import { counted } from "./digit-sort.ts";
import type { Times } from "./times.ts";
import { NOWHERE, type WindowList } from "./window-list.ts";

const rowsPerStep = 65_536;

/**
 * Puts the rows of one table at a time in the order of their windows, which are in a list. Keys number these windows
 * in order, among them one for the rows outside of all others, unless such rows are left out.
 */
export class ListedRows {
  readonly list: WindowList;
  readonly #bounds: TimeBounds;
  readonly #share: boolean;
  /** The key of rows outside of all windows, if there are any. */
  readonly #outsideAt: number;
  #keys = new Uint32Array(1024);
  /** How many rows of the table are kept. */
  count = 0;
  /** These rows in order, counted from the table's first; undefined: all rows, in the order of the table. */
  order: Uint32Array | undefined;
  /** The key of rows outside of all windows; -1 when there is none. */
  outside = -1;

  constructor(list: WindowList, bounds: TimeBounds, outside: "share" | "leave") {
    this.list = list;
    this.#bounds = bounds;
    this.#share = outside === "share";
    this.#outsideAt = list.before(bounds);
  }
  /** How many keys there are. */
  get keys(): number {
    return this.list.size + (this.outside < 0 ? 0 : 1);
  }
  /** The key of the row at a place in the order. */
  key(place: number): number {
    return this.#keys[this.order === undefined ? place : this.order[place]];
  }
  /** The first place behind `place` in the order that has another key. */
  endOfRun(place: number): number {
    const keys = this.#keys;
    const { order, count } = this;
    const key = this.key(place);
    let end = place + 1;
    if (order === undefined) while (end < count && keys[end] === key) end++;
    else while (end < count && keys[order[end]] === key) end++;
    return end;
  }
  /** The number of a key's window in the list. */
  number(key: number): number {
    return this.outside >= 0 && key > this.outside ? key - 1 : key;
  }
  /** Takes a table: the rows `from .. to`. */
  *place(times: Times, from: number, to: number): Steps {
    const count = to - from;
    if (this.#keys.length < count) this.#keys = new Uint32Array(count);
    const keys = this.#keys;
    let nowhere = 0;
    for (let row = from; row < to; row += rowsPerStep) {
      const end = Math.min(to, row + rowsPerStep);
      const some = keys.subarray(row - from, end - from);
      this.list.number(times, row, end, some);
      nowhere += this.#share ? countNowhere(some) : this.#leave(times, row, some);
      if (end < to) yield;
    }
    this.outside = -1;
    this.count = count;
    if (nowhere > 0 && this.#share) this.#makeRoom(keys.subarray(0, count));
    else this.count -= nowhere;
    const { inOrder, least, most } = sketch(keys, count);
    if (inOrder && this.count === count) this.order = undefined;
    else if (most - least > 4 * this.count + 64) this.order = sortedFew(keys, count);
    else this.order = yield* sortedMany(keys, count, { least, most });
  }

  /**
   * Leaves out the rows outside the bounds, even where a window reaches beyond these; gives how many are left out.
   */
  #leave({ data }: Times, from: number, keys: Uint32Array): number {
    const { start, stop } = this.#bounds;
    let nowhere = 0;
    for (let i = 0; i < keys.length; i++) {
      const t = data[from + i];
      if (t < start || t >= stop) keys[i] = NOWHERE;
      if (keys[i] === NOWHERE) nowhere += 1;
    }
    return nowhere;
  }
  /** Gives the rows outside of all windows a key of their own. */
  #makeRoom(keys: Uint32Array): void {
    const at = this.#outsideAt;
    this.outside = at;
    for (let i = 0; i < keys.length; i++) {
      if (keys[i] === NOWHERE) keys[i] = at;
      else if (keys[i] >= at) keys[i] += 1;
    }
  }
}

function countNowhere(keys: Uint32Array): number {
  let count = 0;
  for (let i = 0; i < keys.length; i++) if (keys[i] === NOWHERE) count += 1;
  return count;
}

/** Whether keys ascend, the least and the most of them. */
function sketch(
  keys: Uint32Array,
  count: number,
): { inOrder: boolean; least: number; most: number } {
  let inOrder = true;
  let least = NOWHERE;
  let most = 0;
  let before = 0;
  for (let i = 0; i < count; i++) {
    const key = keys[i];
    if (key === NOWHERE) continue;
    if (key < before) inOrder = false;
    before = key;
    if (key < least) least = key;
    if (key > most) most = key;
  }
  return { inOrder, least: Math.min(least, most), most };
}

/** The places of keys in ascending order, without those that are `NOWHERE`; for few keys far apart. */
function sortedFew(keys: Uint32Array, count: number): Uint32Array {
  const places = counted(count).filter((place) => keys[place] !== NOWHERE);
  return places.sort((a, b) => keys[a] - keys[b] || a - b);
}

/** As `sortedFew`, by counting. */
function* sortedMany(
  keys: Uint32Array,
  count: number,
  { least, most }: { readonly least: number; readonly most: number },
): Steps<Uint32Array> {
  const next = new Uint32Array(most - least + 2);
  for (let i = 0; i < count; i++) if (keys[i] !== NOWHERE) next[keys[i] - least + 1]++;
  yield;
  for (let key = 1; key < next.length; key++) next[key] += next[key - 1];
  const places = new Uint32Array(next[next.length - 1]);
  for (let from = 0; from < count; from += rowsPerStep) {
    const to = Math.min(count, from + rowsPerStep);
    for (let i = from; i < to; i++) if (keys[i] !== NOWHERE) places[next[keys[i] - least]++] = i;
    if (to < count) yield;
  }
  return places;
}

import { boundsOf } from "./bounds-of.ts";

/** Fewer numbers are partitioned at once. */
const worthWhile = 2048;
const bins = 4096;
/** How many times numbers are narrowed down to one bin at most. */
const roundsMost = 4;

/**
 * The value that would be at `place` if the values were sorted, NaN first. Reorders them. Many numbers are counted in
 * bins, and only those of the bin with the place are looked at further: that takes a few times as long as reading
 * them, whatever their order.
 */
export function smallest(values: Float64Array, place: number): number {
  let left = values.subarray(0, numbersFirst(values));
  let at = place - (values.length - left.length);
  if (at < 0) return Number.NaN;
  for (let round = 0; round < roundsMost && left.length >= worthWhile; round++) {
    const { least, most } = boundsOf(left);
    const scale = (bins - 1) / (most - least);
    if (!(scale > 0 && scale < Infinity)) break;
    const counts = countIn(left, least, scale);
    let bin = 0;
    while (at >= counts[bin]) at -= counts[bin++];
    left = thoseIn(left, { least, scale, bin }, counts[bin]);
  }
  return selected(left, at);
}

/** The value that follows `value`, which is at `place`, in the same order; there must be one. */
export function nextSmallest(values: Float64Array, place: number, value: number): number {
  const noNumber = Number.isNaN(value);
  let upTo = 0;
  let next = Infinity;
  for (let i = 0; i < values.length; i++) {
    const one = values[i];
    const isAbove = noNumber ? one === one : one > value;
    if (!isAbove) upTo++;
    else if (one <= next) next = one;
  }
  return upTo > place + 1 ? value : next;
}

/** Moves NaN behind the numbers; gives how many numbers there are. */
function numbersFirst(values: Float64Array): number {
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) continue;
    if (i !== count) [values[count], values[i]] = [values[i], values[count]];
    count += 1;
  }
  return count;
}

function countIn(values: Float64Array, least: number, scale: number): Uint32Array {
  const counts = new Uint32Array(bins);
  for (let i = 0; i < values.length; i++) counts[Math.floor((values[i] - least) * scale)]++;
  return counts;
}

/** The `count` values of one bin. */
function thoseIn(
  values: Float64Array,
  { least, scale, bin }: { readonly least: number; readonly scale: number; readonly bin: number },
  count: number,
): Float64Array<ArrayBuffer> {
  const found = new Float64Array(count);
  let at = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (Math.floor((value - least) * scale) === bin) found[at++] = value;
  }
  return found;
}

/** Reorders numbers until none before `place` is larger and none after it is smaller; gives the one there. */
function selected(values: Float64Array, place: number): number {
  let [left, right] = [0, values.length - 1];
  while (left < right) {
    const pivot = middleOf(values, left, right);
    let [i, j] = [left, right];
    while (i <= j) {
      while (values[i] < pivot) i++;
      while (values[j] > pivot) j--;
      if (i > j) break;
      [values[i], values[j]] = [values[j], values[i]];
      i++;
      j--;
    }
    if (place <= j) right = j;
    else if (place >= i) left = i;
    else break;
  }
  return values[place];
}

/** The median of the first, the middle and the last value, a pivot that serves sorted values as well. */
function middleOf(values: Float64Array, left: number, right: number): number {
  const [a, b, c] = [values[left], values[(left + right) >> 1], values[right]];
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

import type { Steps } from "@tocsin/platform/host";

/** How many values a digit can have. */
export const digits = 65_536;
/** Numbers that are moved in one step. */
const movesPerStep = 262_144;

/** A radix sort of things by a number of each, 16 bits at a time from the least significant on. It is stable. */
export class DigitSorter {
  order: Uint32Array<ArrayBuffer>;
  #other: Uint32Array<ArrayBuffer>;
  readonly #counts: Uint32Array;

  /** `room`: memory to be used again, for as many numbers as there are things, and for `digits` counts. */
  constructor(
    order: Uint32Array<ArrayBuffer>,
    room = {
      other: new Uint32Array(order.length),
      counts: new Uint32Array(digits),
    },
  ) {
    this.order = order;
    this.#other = room.other.subarray(0, order.length);
    this.#counts = room.counts;
  }
  /** One pass by the 16 bits of `numbers` from bit `shift` on. */
  *pass(numbers: Uint32Array | Uint8Array, shift: number): Steps {
    const counts = this.#counts.fill(0);
    const from = this.order;
    const { length } = from;
    for (let i = 0; i < length; i += movesPerStep) {
      count(counts, from.subarray(i, i + movesPerStep), numbers, shift);
      yield;
    }
    if (length === 0 || counts[(numbers[from[0]] >>> shift) & 0xffff] === length) return;
    let at = 0;
    for (let digit = 0; digit < counts.length; digit++) {
      const number = counts[digit];
      counts[digit] = at;
      at += number;
    }
    const to = this.#other;
    for (let i = 0; i < length; i += movesPerStep) {
      move(counts, { from: from.subarray(i, i + movesPerStep), to }, numbers, shift);
      yield;
    }
    this.order = to;
    this.#other = from;
  }
  /** Passes by all 64 bits of numbers in two halves. `varying`: the bits that are not the same in all of them. */
  *word(
    low: Uint32Array,
    high: Uint32Array,
    varying: { readonly low: number; readonly high: number } = { low: -1, high: -1 },
  ): Steps {
    if ((varying.low & 0xffff) !== 0) yield* this.pass(low, 0);
    if (varying.low >>> 16 !== 0) yield* this.pass(low, 16);
    if ((varying.high & 0xffff) !== 0) yield* this.pass(high, 0);
    if (varying.high >>> 16 !== 0) yield* this.pass(high, 16);
  }
}

function count(
  counts: Uint32Array,
  order: Uint32Array,
  numbers: Uint32Array | Uint8Array,
  shift: number,
): void {
  for (let i = 0; i < order.length; i++) counts[(numbers[order[i]] >>> shift) & 0xffff]++;
}

function move(
  places: Uint32Array,
  { from, to }: { readonly from: Uint32Array; readonly to: Uint32Array },
  numbers: Uint32Array | Uint8Array,
  shift: number,
): void {
  for (let i = 0; i < from.length; i++) {
    const one = from[i];
    to[places[(numbers[one] >>> shift) & 0xffff]++] = one;
  }
}

/** `0 … count - 1`. */
export function counted(count: number): Uint32Array<ArrayBuffer> {
  const numbers = new Uint32Array(count);
  for (let i = 0; i < count; i++) numbers[i] = i;
  return numbers;
}

/** Numbers sorted by `compare`, equal ones as they came, in steps. Changes `numbers`. */
export function* sortedBy(
  numbers: Uint32Array<ArrayBuffer>,
  compare: (a: number, b: number) => number,
): Steps<Uint32Array<ArrayBuffer>> {
  const run = 4096;
  for (let i = 0; i < numbers.length; i += run) {
    numbers.subarray(i, i + run).sort(compare);
    yield;
  }
  let from = numbers;
  let to = new Uint32Array(numbers.length <= run ? 0 : numbers.length);
  for (let width = run; width < from.length; width *= 2) {
    for (let i = 0; i < from.length; i += 2 * width) yield* merge(from, to, i, { width, compare });
    [from, to] = [to, from];
  }
  return from;
}

function* merge(
  from: Uint32Array,
  to: Uint32Array,
  start: number,
  { width, compare }: { width: number; compare: (a: number, b: number) => number },
): Steps {
  const middle = Math.min(start + width, from.length);
  const end = Math.min(start + 2 * width, from.length);
  let [left, right] = [start, middle];
  for (let at = start; at < end; at++) {
    const takeLeft = left < middle && (right >= end || compare(from[left], from[right]) <= 0);
    to[at] = takeLeft ? from[left++] : from[right++];
    if ((at & 8191) === 8191) yield;
  }
}

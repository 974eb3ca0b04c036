import type { Steps } from "@tocsin/platform/host";
import { counted, DigitSorter } from "./digit-sort.ts";

/** Texts as UTF-8 bytes end to end: text `i` is `bytes[offsets[i] .. offsets[i + 1]]`. */
export interface Texts {
  readonly bytes: Uint8Array;
  readonly offsets: Uint32Array;
}

/** Fewer texts are compared with each other. */
const comparedMax = 4096;
const textsPerStep = 65_536;

/**
 * The places of some texts in the order of their bytes; equal texts have equal places. Sorted by eight
 * bytes at a time, from the first byte on in which they differ.
 */
export function* textRanks(texts: Texts, chosen: Uint32Array): Steps<Uint32Array<ArrayBuffer>> {
  const order = new TextOrder(texts, chosen);
  yield* order.sort(0, chosen.length, 0);
  return yield* order.ranks();
}

class TextOrder {
  readonly #texts: Texts;
  readonly #chosen: Uint32Array;
  /** Numbers of chosen texts, in the order found so far. */
  readonly #order: Uint32Array<ArrayBuffer>;

  constructor(texts: Texts, chosen: Uint32Array) {
    this.#texts = texts;
    this.#chosen = chosen;
    this.#order = counted(chosen.length);
  }
  /** Sorts the places `from .. to`, whose texts are equal in their first `depth` bytes. */
  *sort(from: number, to: number, depth: number): Steps {
    const part = this.#order.subarray(from, to);
    if (part.length <= comparedMax) {
      part.sort((a, b) => this.#compare(a, b, depth));
      return;
    }
    const common = Math.max(depth, yield* this.#common(part, depth));
    const high = new Uint32Array(part.length);
    const low = new Uint32Array(part.length);
    let longest = 0;
    for (let i = 0; i < part.length; i += textsPerStep) {
      const end = Math.min(part.length, i + textsPerStep);
      const words = { high, low, from: i, to: end, depth: common };
      longest = Math.max(longest, this.#words(part, words));
      yield;
    }
    // What is left of texts that have ended is how many zero bytes they end with.
    if (longest === 0) part.forEach((one, i) => (low[i] = this.#length(one)));
    const sorter = new DigitSorter(counted(part.length));
    yield* sorter.word(low, high);
    const before = part.slice();
    const { order } = sorter;
    for (let i = 0; i < order.length; i++) part[i] = before[order[i]];
    if (longest === 0) return;
    for (let start = 0, i = 1; i <= order.length; i++) {
      if (i < order.length && equalWords({ high, low }, order[i], order[start])) continue;
      if (i - start > 1) {
        yield* this.sort(from + start, from + i, common + 8);
        yield;
      }
      start = i;
    }
  }
  *ranks(): Steps<Uint32Array<ArrayBuffer>> {
    const ranks = new Uint32Array(this.#order.length);
    let rank = 0;
    for (let i = 1; i < this.#order.length; i++) {
      if (this.#compare(this.#order[i - 1], this.#order[i], 0) !== 0) rank += 1;
      ranks[this.#order[i]] = rank;
      if (i % textsPerStep === 0) yield;
    }
    return ranks;
  }

  /** In how many bytes all these texts are equal, which are equal in `depth`. */
  *#common(part: Uint32Array, depth: number): Steps<number> {
    const { bytes, offsets } = this.#texts;
    const first = this.#chosen[part[0]];
    const start = offsets[first];
    let common = offsets[first + 1] - start;
    for (let i = 1; i < part.length && common > depth; i++) {
      const text = this.#chosen[part[i]];
      const from = offsets[text];
      common = Math.min(common, offsets[text + 1] - from);
      let at = depth;
      while (at < common && bytes[from + at] === bytes[start + at]) at++;
      common = at;
      if (i % textsPerStep === 0) yield;
    }
    return common;
  }
  /** Bytes `depth .. depth + 8` of some texts, as numbers; gives how long the longest text goes on. */
  #words(
    part: Uint32Array,
    words: { high: Uint32Array; low: Uint32Array; from: number; to: number; depth: number },
  ): number {
    const { bytes, offsets } = this.#texts;
    const { high, low, depth } = words;
    let longest = 0;
    for (let i = words.from; i < words.to; i++) {
      const text = this.#chosen[part[i]];
      const end = offsets[text + 1];
      const at = offsets[text] + depth;
      if (end - at > longest) longest = end - at;
      high[i] = wordAt(bytes, at, end);
      low[i] = wordAt(bytes, at + 4, end);
    }
    return longest;
  }
  #length(one: number): number {
    const { offsets } = this.#texts;
    return offsets[this.#chosen[one] + 1] - offsets[this.#chosen[one]];
  }
  #compare(a: number, b: number, depth: number): number {
    const { bytes, offsets } = this.#texts;
    const left = offsets[this.#chosen[a]];
    const right = offsets[this.#chosen[b]];
    const leftLength = offsets[this.#chosen[a] + 1] - left;
    const rightLength = offsets[this.#chosen[b] + 1] - right;
    const common = Math.min(leftLength, rightLength);
    for (let i = depth; i < common; i++)
      if (bytes[left + i] !== bytes[right + i]) return bytes[left + i] - bytes[right + i];
    return leftLength - rightLength;
  }
}

function equalWords(
  { high, low }: { readonly high: Uint32Array; readonly low: Uint32Array },
  a: number,
  b: number,
): boolean {
  return high[a] === high[b] && low[a] === low[b];
}

/** Four bytes as a number, the first one most significant; 0 for those behind the end. */
function wordAt(bytes: Uint8Array, at: number, end: number): number {
  let word = 0;
  for (let i = at; i < at + 4; i++) word = (word << 8) | (i < end ? bytes[i] : 0);
  return word >>> 0;
}

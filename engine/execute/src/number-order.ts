import type { FlatColumn } from "@tocsin/data/column";
import type { Steps } from "@tocsin/platform/host";
import { counted, DigitSorter } from "./digit-sort.ts";

/** 64 bits for each row, in two halves, which have the order of a column's cells. */
export interface Words {
  readonly high: Uint32Array<ArrayBuffer>;
  readonly low: Uint32Array<ArrayBuffer>;
}

/** How many words, at most, are sorted by comparing. */
const comparedMax = 4096;

/** The cells of a column of numbers as words. -0 equals 0; NaN comes before all. */
export function numberWords(column: Extract<FlatColumn, { form: "flat" }>): Words {
  const rows = column.data.length;
  const high = new Uint32Array(rows);
  const low = new Uint32Array(rows);
  if (column.kind === "bool") {
    low.set(column.data);
    return { high, low };
  }
  // Byte order is little-endian on every machine that runs Tocsin.
  const { buffer, byteOffset } = column.data;
  const words = new Uint32Array(buffer, byteOffset, rows * 2);
  const flip = column.kind === "uint" ? 0 : 0x80000000;
  for (let row = 0; row < rows; row++) {
    low[row] = words[2 * row];
    high[row] = words[2 * row + 1] ^ flip;
  }
  if (column.kind === "float") orderFloats(column.data, high, low);
  return { high, low };
}

/** Puts the words of doubles in order, whose bits only ascend with positive values. */
function orderFloats(data: Float64Array, high: Uint32Array, low: Uint32Array): void {
  for (let row = 0; row < data.length; row++) {
    const value = data[row];
    if (value < 0) {
      high[row] = ~(high[row] ^ 0x80000000);
      low[row] = ~low[row];
    } else if (value === 0) {
      high[row] = 0x80000000;
      low[row] = 0;
    } else if (Number.isNaN(value)) {
      high[row] = 0;
      low[row] = 0;
    }
  }
}

/** The rank of each of some distinct words. */
export function* wordRanks({ high, low }: Words): Steps<Uint32Array<ArrayBuffer>> {
  const numbers = counted(high.length);
  if (ascending({ high, low })) return numbers;
  let order = numbers;
  if (numbers.length <= comparedMax) order.sort((a, b) => high[a] - high[b] || low[a] - low[b]);
  else {
    const sorter = new DigitSorter(numbers);
    yield* sorter.word(low, high);
    ({ order } = sorter);
  }
  const ranks = new Uint32Array(order.length);
  for (let i = 0; i < order.length; i++) ranks[order[i]] = i;
  return ranks;
}

function ascending({ high, low }: Words): boolean {
  for (let i = 1; i < high.length; i++)
    if (high[i] < high[i - 1] || (high[i] === high[i - 1] && low[i] < low[i - 1])) return false;
  return true;
}

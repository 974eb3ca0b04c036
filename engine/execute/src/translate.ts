/** Rows of one call: a loop that is called often is compiled soon, and stays compiled. */
const rowsAtOnce = 1024;

/** Numbers, and where their translations go. */
interface Translation {
  readonly numbers: Uint32Array | Uint8Array;
  /** May be `numbers`. */
  readonly into: Uint32Array;
}

/**
 * Translates the rows from `from` on by `known`, up to the first number that it lacks (-1, or too large); gives that
 * row.
 */
export function translate({ numbers, into }: Translation, known: Int32Array, from: number): number {
  const { length } = numbers;
  for (let row = from; row < length;) {
    const end = Math.min(length, row + rowsAtOnce);
    row = translateSome(numbers, known, into, { from: row, to: end });
    if (row < end) return row;
  }
  return length;
}

function translateSome(
  numbers: Uint32Array | Uint8Array,
  known: Int32Array,
  into: Uint32Array,
  { from, to }: { readonly from: number; readonly to: number },
): number {
  for (let row = from; row < to; row++) {
    const number = numbers[row];
    if (number >= known.length) return row;
    const translated = known[number];
    if (translated === -1) return row;
    into[row] = translated;
  }
  return to;
}

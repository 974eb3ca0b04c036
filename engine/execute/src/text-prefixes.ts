import { type CodedColumn, isValid, type PlainColumn, type Validity } from "@tocsin/data/column";
import type { Texts } from "./text-order.ts";

/** How many bytes a double holds exactly. */
const prefixBytes = 6;

/**
 * A number for each row, in whose order their texts are as far as it tells: the first bytes behind those
 * that all texts begin with. `none` for rows without a value.
 */
export function textPrefixes(column: CodedColumn | PlainColumn, none: number): Float64Array {
  const { valid } = column;
  if (column.form === "plain")
    return prefixesOf(column, undefined, column.offsets.length - 1, { valid, none });
  const { codes, dictionary } = column;
  if (dictionary.size > codes.length)
    return prefixesOf(dictionary.plain, codes, codes.length, { valid, none });
  const ofCode = prefixesOf(dictionary.plain, undefined, dictionary.size, noNulls);
  const numbers = new Float64Array(codes.length);
  for (let row = 0; row < codes.length; row++)
    numbers[row] = valid === undefined || isValid(valid, row) ? ofCode[codes[row]] : none;
  return numbers;
}

/** Which rows have a value, and what those without one get. */
interface Nulls {
  readonly valid: Validity;
  readonly none: number;
}

const noNulls: Nulls = { valid: undefined, none: 0 };

/** Of the texts with the numbers `codes`, or of the first `count`. */
function prefixesOf(
  { bytes, offsets }: Texts,
  codes: Uint32Array | undefined,
  count: number,
  { valid, none }: Nulls,
): Float64Array {
  const numbers = new Float64Array(count);
  const common = commonBytes({ bytes, offsets }, codes, count, valid);
  for (let row = 0; row < count; row++) {
    const text = codes === undefined ? row : codes[row];
    const end = offsets[text + 1];
    const from = offsets[text] + common;
    let number = 0;
    for (let at = from; at < from + prefixBytes; at++)
      number = number * 256 + (at < end ? bytes[at] : 0);
    numbers[row] = valid === undefined || isValid(valid, row) ? number : none;
  }
  return numbers;
}

/** In how many bytes at their beginning all these texts are equal. */
function commonBytes(
  { bytes, offsets }: Texts,
  codes: Uint32Array | undefined,
  count: number,
  valid: Validity,
): number {
  let first = -1;
  let common = 0;
  for (let row = 0; row < count; row++) {
    if (valid !== undefined && !isValid(valid, row)) continue;
    const text = codes === undefined ? row : codes[row];
    const from = offsets[text];
    const length = offsets[text + 1] - from;
    if (first < 0) [first, common] = [from, length];
    let at = 0;
    const most = Math.min(common, length);
    while (at < most && bytes[from + at] === bytes[first + at]) at++;
    common = at;
    if (common === 0) break;
  }
  return common;
}

import { type CodedColumn, isValid, type PlainColumn, type Validity } from "@tocsin/data/column";
import { counted } from "./digit-sort.ts";
import type { Texts } from "./text-order.ts";

/** So many bytes fit a double. */
const prefixBytes = 6;

/**
 * A number for each row, in whose order their texts are as far as it tells: the first bytes behind those
 * that all texts begin with. `none` for rows without a value.
 */
export function textPrefixes(column: CodedColumn | PlainColumn, none: number): Float64Array {
  const { valid } = column;
  if (column.form === "plain")
    return prefixesOf(column, counted(column.offsets.length - 1), { valid, none });
  const { codes, dictionary } = column;
  if (dictionary.size > codes.length) return prefixesOf(dictionary.plain, codes, { valid, none });
  const ofCode = prefixesOf(dictionary.plain, counted(dictionary.size), { valid: undefined, none });
  const numbers = new Float64Array(codes.length);
  for (let row = 0; row < codes.length; row++)
    numbers[row] = valid === undefined || isValid(valid, row) ? ofCode[codes[row]] : none;
  return numbers;
}

/** Of the texts that `rows` names, those that `valid` has. */
function prefixesOf(
  { bytes, offsets }: Texts,
  rows: Uint32Array,
  { valid, none }: { readonly valid: Validity; readonly none: number },
): Float64Array {
  const numbers = new Float64Array(rows.length);
  const common = commonBytes({ bytes, offsets }, rows, valid);
  for (let row = 0; row < rows.length; row++) {
    const end = offsets[rows[row] + 1];
    const from = offsets[rows[row]] + common;
    let number = 0;
    for (let at = from; at < from + prefixBytes; at++)
      number = number * 256 + (at < end ? bytes[at] : 0);
    numbers[row] = valid === undefined || isValid(valid, row) ? number : none;
  }
  return numbers;
}

/** In how many bytes at their beginning all these texts are equal. */
function commonBytes({ bytes, offsets }: Texts, rows: Uint32Array, valid: Validity): number {
  let first = -1;
  let common = 0;
  for (let row = 0; row < rows.length; row++) {
    if (valid !== undefined && !isValid(valid, row)) continue;
    const from = offsets[rows[row]];
    const length = offsets[rows[row] + 1] - from;
    if (first < 0) [first, common] = [from, length];
    let at = 0;
    const most = Math.min(common, length);
    while (at < most && bytes[from + at] === bytes[first + at]) at++;
    common = at;
    if (common === 0) break;
  }
  return common;
}

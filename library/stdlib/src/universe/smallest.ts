/**
 * The value that is at `place` once the values are sorted, NaN last. Moves them about, so that none
 * before `place` is larger and none behind it is smaller: about as much work as reading them thrice.
 */
export function smallest(values: Float64Array, place: number): number {
  let right = numbersFirst(values) - 1;
  if (place > right) return Number.NaN;
  let left = 0;
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

/** Puts what is not a number behind the numbers; gives how many these are. */
function numbersFirst(values: Float64Array): number {
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) continue;
    if (i !== count) [values[count], values[i]] = [values[i], values[count]];
    count += 1;
  }
  return count;
}

/** The one in the middle of the first, the last and the one between them: sorted values cost no more. */
function middleOf(values: Float64Array, left: number, right: number): number {
  const [a, b, c] = [values[left], values[(left + right) >> 1], values[right]];
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

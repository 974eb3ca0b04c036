/** The least and the greatest of some numbers, of which none is NaN and one at least is there. */
export function boundsOf(values: Float64Array): { least: number; most: number } {
  let least = values[0];
  let most = values[0];
  for (let i = 1; i < values.length; i++) {
    const value = values[i];
    if (value < least) least = value;
    else if (value > most) most = value;
  }
  return { least, most };
}

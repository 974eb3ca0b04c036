/** A rational function: coefficients of the numerator and the denominator, lowest power first. */
export interface Ratio {
  readonly over: readonly number[];
  readonly under: readonly number[];
}

/** The polynomial with these coefficients, lowest power first, at `x`. */
export function polynomial(coefficients: readonly number[], x: number): number {
  let sum = coefficients[coefficients.length - 1];
  for (let i = coefficients.length - 2; i >= 0; i--) sum = coefficients[i] + x * sum;
  return sum;
}

export function ratioAt({ over, under }: Ratio, x: number): number {
  return polynomial(over, x) / polynomial(under, x);
}

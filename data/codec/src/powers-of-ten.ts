/** Powers of ten that are exact doubles. */
export const powersOfTen = 23;

/** Writes the powers of ten, and the upper halves of their bits, as machine code reads them. */
export function writePowers(buffer: ArrayBuffer, powers: number, halves: number): void {
  const to = new Float64Array(buffer, powers, powersOfTen);
  const upper = new Float64Array(buffer, halves, powersOfTen);
  for (let i = 0; i < powersOfTen; i++) {
    to[i] = Number(`1e${i}`);
    const shifted = to[i] * 134217729;
    upper[i] = shifted - (shifted - to[i]);
  }
}

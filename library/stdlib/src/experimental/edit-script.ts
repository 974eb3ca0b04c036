/** One line of a comparison: a row of `want` that `got` lacks (`-`), the reverse (`+`), or of both. */
interface EditStep {
  readonly mark: "" | "-" | "+";
  /** In `got` for `+`, else in `want`. */
  readonly row: number;
}

/** Cells of the table that finds the longest common subsequence; beyond, time and memory would hurt. */
const CELLS_MAX = 4_000_000;

/**
 * How `want` rows become `got` rows with as many rows kept as possible, in order. Very long inputs are
 * only compared at their beginnings and ends.
 */
export function editScript(
  want: number,
  got: number,
  equal: (want: number, got: number) => boolean,
): EditStep[] {
  let head = 0;
  let tail = 0;
  if ((want + 1) * (got + 1) > CELLS_MAX) {
    const shorter = Math.min(want, got);
    while (head < shorter && equal(head, head)) head++;
    while (tail < shorter - head && equal(want - 1 - tail, got - 1 - tail)) tail++;
  }
  const kept = (from: number, count: number): EditStep[] =>
    Array.from({ length: count }, (_, i) => ({ mark: "", row: from + i }));
  const middle = between(want - head - tail, got - head - tail, (w, g) =>
    equal(head + w, head + g),
  ).map(({ mark, row }): EditStep => ({ mark, row: row + head }));
  return [...kept(0, head), ...middle, ...kept(want - tail, tail)];
}

function between(
  want: number,
  got: number,
  equal: (want: number, got: number) => boolean,
): EditStep[] {
  if ((want + 1) * (got + 1) > CELLS_MAX) {
    return [
      ...Array.from({ length: want }, (_, row): EditStep => ({ mark: "-", row })),
      ...Array.from({ length: got }, (_, row): EditStep => ({ mark: "+", row })),
    ];
  }
  const width = want + 1;
  const lengths = new Uint32Array(width * (got + 1));
  for (let g = 1; g <= got; g++) {
    for (let w = 1; w <= want; w++) {
      const at = g * width + w;
      lengths[at] = equal(w - 1, g - 1)
        ? lengths[at - width - 1] + 1
        : Math.max(lengths[at - width], lengths[at - 1]);
    }
  }
  return traced(lengths, want, got, equal);
}

/** Walks the table of lengths back from its end; of two ways the one that puts `-` before `+`. */
function traced(
  lengths: Uint32Array,
  want: number,
  got: number,
  equal: (want: number, got: number) => boolean,
): EditStep[] {
  const width = want + 1;
  const steps: EditStep[] = [];
  let [w, g] = [want, got];
  while (w > 0 || g > 0) {
    const at = g * width + w;
    if (w > 0 && g > 0 && equal(w - 1, g - 1)) {
      steps.push({ mark: "", row: --w });
      g--;
    } else if (g === 0 || (w > 0 && lengths[at - 1] > lengths[at - width])) {
      steps.push({ mark: "-", row: --w });
    } else steps.push({ mark: "+", row: --g });
  }
  return steps.reverse();
}

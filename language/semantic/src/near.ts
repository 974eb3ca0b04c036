/** A name that may have been meant, and whether there is hardly another possibility. */
export type Near = { readonly name: string; readonly sure: boolean };

/**
 * The candidate that `name` is most likely a slip of. Sure when they differ only in case and
 * underscores, or in one letter while no other candidate is as near.
 */
export function nearest(name: string, candidates: Iterable<string>): Near | undefined {
  const plain = simplify(name);
  let best: string | undefined;
  let least = limit(name) + 1;
  let rivals = 0;
  for (const candidate of new Set(candidates)) {
    if (candidate === name || candidate === "") continue;
    const distance = simplify(candidate) === plain ? 0 : editDistance(name, candidate, least + 1);
    if (distance < least) {
      best = candidate;
      least = distance;
      rivals = 0;
    } else if (distance === least) rivals += 1;
  }
  if (best === undefined) return undefined;
  const sure = rivals === 0 && (least === 0 || (least === 1 && name.length > 3));
  return { name: best, sure };
}

function simplify(name: string): string {
  return name.toLowerCase().replaceAll("_", "");
}

/** Short names are near to too many others. */
function limit(name: string): number {
  if (name.length <= 2) return 0;
  if (name.length <= 4) return 1;
  return name.length <= 8 ? 2 : 3;
}

/** Letters to change, add, leave out or swap; anything from `enough` on is given as `enough`. */
function editDistance(a: string, b: string, enough: number): number {
  if (Math.abs(a.length - b.length) >= enough) return enough;
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      let cost = Math.min(change, row[j] + 1, next[j - 1] + 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) cost = Math.min(cost, before[j - 2] + 1);
      next.push(cost);
    }
    before = row;
    row = next;
  }
  return Math.min(row[b.length], enough);
}

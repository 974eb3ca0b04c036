import { FluxError } from "@tocsin/data/value";

/** The error for a bucket that nobody named, with the names that look like it. */
export function unknownBucket(name: string, known: readonly string[]): FluxError {
  const shown = JSON.stringify(name);
  const near = nearNames(name, known);
  const hint =
    near.length > 0
      ? `did you mean ${near.map((one) => JSON.stringify(one)).join(" or ")}?`
      : known.length > 0
        ? `there ${known.length === 1 ? "is" : "are"} ${[...known]
            .sort()
            .slice(0, 10)
            .map((one) => JSON.stringify(one))
            .join(", ")}; ` + `name another one with --bucket ${name}=SOURCE`
        : `name it with --bucket ${name}=SOURCE, or fill it with: tocsin write --bucket ${name} FILE`;
  return new FluxError("not found", `could not find bucket ${shown}`, { hint });
}

/** The known names at a small distance from `name`, nearest first, at most three. */
function nearNames(name: string, known: readonly string[]): string[] {
  const limit = Math.max(1, Math.floor(name.length / 3));
  return known
    .map((one) => ({ one, distance: distance(name.toLowerCase(), one.toLowerCase()) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ one }) => one);
}

/** Letters to change, add or take away to make `a` of `b`. */
function distance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = above[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(change, above[j] + 1, row[j - 1] + 1));
    }
    above = row;
  }
  return above[b.length];
}

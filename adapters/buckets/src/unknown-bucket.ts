import { FluxError } from "@tocsin/data/value";

/** How many known buckets are listed. */
const listedMax = 10;

/** The error for a bucket that does not exist. It names the bucket that was probably meant, or the known ones. */
export function unknownBucket(name: string, known: readonly string[]): FluxError {
  const shown = JSON.stringify(name);
  return new FluxError("not found", `could not find bucket ${shown}`, {
    hint: hintFor(name, known),
  });
}

function hintFor(name: string, known: readonly string[]): string {
  const near = nearNames(name, known).map((one) => JSON.stringify(one));
  if (near.length > 0) return `did you mean ${near.join(" or ")}?`;
  const source = `--bucket ${name}=SOURCE`;
  if (known.length === 0)
    return `name it with ${source}, or fill it with: tocsin write --bucket ${name} FILE`;
  const list = [...known]
    .sort()
    .slice(0, listedMax)
    .map((one) => JSON.stringify(one));
  return `there ${known.length === 1 ? "is" : "are"} ${list.join(", ")}; name another one with ${source}`;
}

/** The known names that are similar to `name`, at most three, the most similar first. */
function nearNames(name: string, known: readonly string[]): string[] {
  const limit = Math.max(1, Math.floor(name.length / 3));
  return known
    .map((one) => ({ one, distance: distance(name.toLowerCase(), one.toLowerCase()) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ one }) => one);
}

/** The edit distance: how many letters have to be changed, added or removed. */
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

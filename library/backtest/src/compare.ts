import type { Backtest } from "./backtest.ts";
import type { Page } from "./pager.ts";

/** Pages of two scripts beside each other. */
export interface Comparison {
  /** Pages that both make at the same moment. */
  readonly same: number;
  readonly gained: readonly Page[];
  readonly lost: readonly Page[];
  /** Pages about one entity that come earlier or later, by at most an hour. */
  readonly moved: readonly { readonly before: Page; readonly after: Page }[];
}

/** A page that comes by so much earlier or later is still the same one. Milliseconds. */
const movedAtMost = 3_600_000;

/** What changes when `after` takes the place of `before`. */
export function compareBacktests(before: Backtest, after: Backtest): Comparison {
  const [olds, news] = [byEntity(before.pages), byEntity(after.pages)];
  const result = {
    same: 0,
    gained: [] as Page[],
    lost: [] as Page[],
    moved: [] as { before: Page; after: Page }[],
  };
  for (const entity of new Set([...olds.keys(), ...news.keys()])) {
    const [old, now] = [olds.get(entity) ?? [], news.get(entity) ?? []];
    const oldTimes = new Set(old.map(({ at }) => at));
    const newTimes = new Set(now.map(({ at }) => at));
    result.same += now.filter(({ at }) => oldTimes.has(at)).length;
    const unmatched = old.filter(({ at }) => !newTimes.has(at));
    for (const page of now.filter(({ at }) => !oldTimes.has(at))) {
      const near = nearest(unmatched, page.at);
      if (near === undefined) result.gained.push(page);
      else {
        unmatched.splice(unmatched.indexOf(near), 1);
        result.moved.push({ before: near, after: page });
      }
    }
    result.lost.push(...unmatched);
  }
  const inTime = (a: Page, b: Page): number => a.at - b.at;
  return {
    same: result.same,
    gained: result.gained.sort(inTime),
    lost: result.lost.sort(inTime),
    moved: result.moved.sort((a, b) => inTime(a.after, b.after)),
  };
}

function byEntity(pages: readonly Page[]): Map<string, Page[]> {
  const found = new Map<string, Page[]>();
  for (const page of pages) {
    const own = found.get(page.entity);
    if (own === undefined) found.set(page.entity, [page]);
    else own.push(page);
  }
  return found;
}

function nearest(pages: readonly Page[], at: number): Page | undefined {
  let best: Page | undefined;
  for (const page of pages) {
    const distance = Math.abs(page.at - at);
    if (distance > movedAtMost) continue;
    if (best === undefined || distance < Math.abs(best.at - at)) best = page;
  }
  return best;
}

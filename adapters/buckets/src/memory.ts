import type { LinePoint } from "@tocsin/data/codec";
import type { Batch } from "@tocsin/data/column";
import { loadRegexps } from "@tocsin/data/value";
import type { BucketInfo, BucketRead, Point, StorageAggregate } from "@tocsin/engine/plan";
import { MemoryStore } from "./memory-store.ts";
import { hasPattern } from "./predicate.ts";
import { checkRange, refusedError, sortedTags } from "./request.ts";
import type { OwnBuckets } from "./routed.ts";
import type { Refusal } from "./store-writer.ts";
import { unknownBucket } from "./unknown-bucket.ts";

/** All that buckets in memory can compute themselves. */
export const allAggregates: ReadonlySet<StorageAggregate["function"]> = new Set([
  "first",
  "last",
  "min",
  "max",
  "sum",
  "count",
  "mean",
] as const);

/** Buckets that live as long as the process: for tests, and for the API without a data folder. */
export class MemoryBuckets implements OwnBuckets {
  readonly #stores = new Map<string, MemoryStore>();

  /** `names` exist from the start, without points. Others come into being when they are written to. */
  constructor(names: Iterable<string> = []) {
    for (const name of names) this.#stores.set(name, new MemoryStore());
  }
  async *read(request: BucketRead): AsyncGenerator<Batch> {
    const store = this.#stores.get(request.bucket);
    if (store === undefined) throw unknownBucket(request.bucket, [...this.#stores.keys()]);
    checkRange(request);
    if (hasPattern(request.predicate)) await loadRegexps();
    yield* store.read(request);
  }
  pushes(): ReadonlySet<StorageAggregate["function"]> {
    return allAggregates;
  }
  async write(bucket: string, points: readonly Point[]): Promise<void> {
    refusedError(bucket, points.length, await this.commit(bucket, points.map(sortedTags)));
  }
  async commit(bucket: string, points: readonly LinePoint[]): Promise<readonly Refusal[]> {
    let store = this.#stores.get(bucket);
    if (store === undefined) this.#stores.set(bucket, (store = new MemoryStore()));
    const refused: Refusal[] = [];
    for (const [at, point] of points.entries()) {
      const reason = store.add(point);
      if (reason !== undefined) refused.push({ point: at, reason });
    }
    return refused;
  }
  async list(): Promise<readonly BucketInfo[]> {
    return [...this.#stores.keys()]
      .sort()
      .map((name) => ({ name, source: "memory", retention: 0n }));
  }
}

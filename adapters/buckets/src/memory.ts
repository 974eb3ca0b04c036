import { type LinePoint, type ParsedLine, pointOf } from "@tocsin/data/codec";
import type { Batch } from "@tocsin/data/column";
import { loadRegexps } from "@tocsin/data/value";
import type { BucketInfo, BucketRead, Point, StorageAggregate } from "@tocsin/engine/plan";
import { type Intake, type Refusal, writePoints } from "./intake.ts";
import { MemoryStore } from "./memory-store.ts";
import { hasPattern } from "./predicate.ts";
import { checkRange } from "./request.ts";
import type { OwnBuckets } from "./routed.ts";
import { unknownBucket } from "./unknown-bucket.ts";

/** All aggregates that buckets in memory compute themselves. */
export const allAggregates: ReadonlySet<StorageAggregate["function"]> = new Set([
  "first",
  "last",
  "min",
  "max",
  "sum",
  "count",
  "mean",
] as const);

/** Buckets that live as long as the process, for tests and for the API without a data folder. */
export class MemoryBuckets implements OwnBuckets {
  readonly #stores = new Map<string, MemoryStore>();

  /** The buckets `names` exist from the start, without points. Others are created when they are written to. */
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
    await writePoints(bucket, this.intake(bucket), points);
  }
  intake(bucket: string): Intake {
    return new MemoryIntake(() => {
      let store = this.#stores.get(bucket);
      if (store === undefined) this.#stores.set(bucket, (store = new MemoryStore()));
      return store;
    });
  }
  async list(): Promise<readonly BucketInfo[]> {
    return [...this.#stores.keys()]
      .sort()
      .map((name) => ({ name, source: "memory", retention: 0n }));
  }
}

/** About how many bytes a point takes in memory. */
const pointBytes = 200;

class MemoryIntake implements Intake {
  readonly #store: () => MemoryStore;
  #points: LinePoint[] = [];

  constructor(store: () => MemoryStore) {
    this.#store = store;
  }
  get points(): number {
    return this.#points.length;
  }
  get bytes(): number {
    return this.#points.length * pointBytes;
  }
  line(line: ParsedLine): void {
    this.#points.push(pointOf(line));
  }
  point(point: LinePoint): void {
    this.#points.push(point);
  }
  async commit(): Promise<readonly Refusal[]> {
    const store = this.#store();
    const points = this.#points;
    this.#points = [];
    return points.flatMap((point, at) => {
      const reason = store.add(point);
      return reason === undefined ? [] : [{ point: at, reason }];
    });
  }
}

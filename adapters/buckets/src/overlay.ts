import type { LinePoint } from "@tocsin/data/codec";
import type { Batch } from "@tocsin/data/column";
import { FluxError, loadRegexps } from "@tocsin/data/value";
import type { BucketInfo, BucketRead, Buckets, Point, Pushed } from "@tocsin/engine/plan";
import type { Signal } from "@tocsin/platform/host";
import { pointsOf } from "./csv-points.ts";
import { throwRefused } from "./intake.ts";
import { allAggregates } from "./memory.ts";
import { MemoryStore } from "./memory-store.ts";
import { hasPattern } from "./predicate.ts";
import { checkRange, sortedTags } from "./request.ts";

/** What was written to one bucket. */
interface Written {
  /** All points in the order of writing. */
  readonly points: LinePoint[];
  /** The same points, so that what a bucket would refuse is refused. */
  readonly store: MemoryStore;
}

/**
 * Buckets that remember what is written without writing it: a dry run sees its own writes, and the buckets `below` stay
 * as they are. A point replaces one of the same series and time.
 */
export class OverlayBuckets implements Buckets {
  readonly #below: Buckets;
  readonly #written = new Map<string, Written>();

  constructor(below: Buckets) {
    this.#below = below;
  }
  async *read(request: BucketRead, signal?: Signal): AsyncGenerator<Batch> {
    const written = this.#written.get(request.bucket);
    if (written === undefined) {
      yield* this.#below.read(request, signal);
      return;
    }
    checkRange(request);
    if (hasPattern(request.predicate)) await loadRegexps();
    const merged = new MemoryStore();
    for await (const batch of this.#rowsBelow(request, signal))
      for (const point of pointsOf(batch)) merged.add(point);
    // A point whose field has another type below would be refused there, and is left out.
    for (const point of written.points) merged.add(point);
    yield* merged.read(request);
  }
  pushes(bucket: string): Pushed | Promise<Pushed> {
    return this.#written.has(bucket) ? allAggregates : this.#below.pushes(bucket);
  }
  async write(bucket: string, points: readonly Point[]): Promise<void> {
    // An empty write changes nothing, and fails where the bucket can only be read.
    await this.#below.write(bucket, []);
    let written = this.#written.get(bucket);
    if (written === undefined) {
      written = { points: [], store: new MemoryStore() };
      this.#written.set(bucket, written);
    }
    const { store, points: kept } = written;
    const refused = points.map(sortedTags).flatMap((point, at) => {
      const reason = store.add(point);
      if (reason === undefined) kept.push(point);
      return reason === undefined ? [] : [{ point: at, reason }];
    });
    throwRefused(bucket, points.length, refused);
  }
  /** The buckets below, and those that exist only because of the writes. */
  async list(): Promise<readonly BucketInfo[]> {
    const below = await this.#below.list();
    const known = new Set(below.map(({ name }) => name));
    const made = [...this.#written.keys()]
      .filter((name) => !known.has(name))
      .map((name) => ({ name, source: "this dry run", retention: 0n }));
    return [...below, ...made].sort((a, b) => (a.name < b.name ? -1 : 1));
  }
  /** How many points were written to each bucket. */
  written(): ReadonlyMap<string, number> {
    return new Map([...this.#written].map(([bucket, { points }]) => [bucket, points.length]));
  }

  /**
   * The rows below without aggregates, which must see the written points as well. A bucket that does not exist has none.
   */
  async *#rowsBelow(request: BucketRead, signal?: Signal): AsyncGenerator<Batch> {
    const { aggregate: _aggregate, pool: _pool, ...rows } = request;
    try {
      yield* this.#below.read(rows, signal);
    } catch (error) {
      if (!(error instanceof FluxError) || error.code !== "not found") throw error;
    }
  }
}

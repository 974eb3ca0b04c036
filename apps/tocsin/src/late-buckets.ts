import type { Batch } from "@tocsin/data/column";
import type { BucketInfo, BucketRead, Buckets, Point, Pushed } from "@tocsin/engine/plan";
import type { Signal } from "@tocsin/platform/host";
import { bucketOf } from "./early-store.ts";

/** Buckets that can open one before it is read. */
interface PreparedBuckets extends Buckets {
  prepare?(bucket: string): Promise<void>;
}

/** Buckets whose code is loaded when a script needs one, because most of a cold start is loading. */
export class LateBuckets implements Buckets {
  readonly #open: () => Promise<PreparedBuckets>;
  #opened: Promise<PreparedBuckets> | undefined;

  constructor(open: () => Promise<PreparedBuckets>) {
    this.#open = open;
  }
  /** Starts opening the bucket that a script will read, while the script is checked. */
  async prepare(script: string): Promise<void> {
    const name = bucketOf(script);
    if (name === undefined) return;
    try {
      await (await this.#loaded()).prepare?.(name);
    } catch {
      // The read reports what is wrong.
    }
  }
  async *read(request: BucketRead, signal?: Signal): AsyncGenerator<Batch> {
    yield* (await this.#loaded()).read(request, signal);
  }
  async pushes(bucket: string): Promise<Pushed> {
    return (await this.#loaded()).pushes(bucket);
  }
  async write(bucket: string, points: readonly Point[]): Promise<void> {
    await (await this.#loaded()).write(bucket, points);
  }
  async list(): Promise<readonly BucketInfo[]> {
    return (await this.#loaded()).list();
  }

  #loaded(): Promise<PreparedBuckets> {
    return (this.#opened ??= this.#open());
  }
}

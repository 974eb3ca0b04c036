import type { Batch } from "@tocsin/data/column";
import type { BucketInfo, BucketRead, Buckets, Point, Pushed } from "@tocsin/engine/plan";
import type { Signal } from "@tocsin/platform/host";

/** Buckets whose code is loaded when a script asks for one: most time of a cold start is loading. */
export class LateBuckets implements Buckets {
  readonly #open: () => Promise<Buckets>;
  #opened: Promise<Buckets> | undefined;

  constructor(open: () => Promise<Buckets>) {
    this.#open = open;
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

  #loaded(): Promise<Buckets> {
    return (this.#opened ??= this.#open());
  }
}

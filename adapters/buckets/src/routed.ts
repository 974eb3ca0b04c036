import type { Batch } from "@tocsin/data/column";
import { FluxError } from "@tocsin/data/value";
import type {
  BucketInfo,
  BucketRead,
  BucketServer,
  Buckets,
  Point,
  Pushed,
  StorageAggregate,
} from "@tocsin/engine/plan";
import type { Host, Signal } from "@tocsin/platform/host";
import type { Intake } from "./intake.ts";
import { unknownBucket } from "./unknown-bucket.ts";
import {
  writeCsv,
  writeLineProtocol,
  type WriteOptions,
  type WriteReport,
} from "./write-stream.ts";

/** A bucket outside the data folder, which can only be read. */
export interface OutsideBucket {
  readonly name: string;
  /** Where it is, for people; never a secret. */
  readonly source: string;
  readonly pushes: ReadonlySet<StorageAggregate["function"]>;
  read(request: BucketRead, signal?: Signal): AsyncIterable<Batch>;
}

/** Buckets in the data folder, or in memory. */
export interface OwnBuckets extends Buckets {
  pushes(bucket: string): Pushed;
  /** See `WritableBuckets`. */
  prepare?(bucket: string): Promise<void>;
  /** Takes points for a bucket, which is created when it does not exist. */
  intake(bucket: string): Intake;
}

/** Buckets into which whole streams can be written. */
export interface WritableBuckets extends Buckets {
  pushes(bucket: string): Pushed;
  /**
   * Starts opening what the next read of the bucket needs; resolves before that is done. Errors are reported by the
   * read.
   */
  prepare(bucket: string): Promise<void>;
  /** Writes line protocol. Bad lines are reported, and the others stored. */
  writeLineProtocol(stream: AsyncIterable<Uint8Array>, options: WriteOptions): Promise<WriteReport>;
  /** Writes annotated CSV with columns _time, _measurement, _field and _value; other columns of text become tags. */
  writeCsv(stream: AsyncIterable<Uint8Array>, options: WriteOptions): Promise<WriteReport>;
}

/** Opens a bucket on a server that a script names. */
type ServerOpener = (bucket: string, server: BucketServer) => OutsideBucket;

/** Routes each request to the place of its bucket. */
export class RoutedBuckets implements WritableBuckets {
  readonly #outside: ReadonlyMap<string, OutsideBucket>;
  readonly #own: OwnBuckets;
  readonly #host: Host;
  readonly #onServer: ServerOpener;

  constructor(
    outside: ReadonlyMap<string, OutsideBucket>,
    own: OwnBuckets,
    how: { readonly host: Host; readonly onServer: ServerOpener },
  ) {
    this.#outside = outside;
    this.#own = own;
    this.#host = how.host;
    this.#onServer = how.onServer;
  }
  async *read(request: BucketRead, signal?: Signal): AsyncGenerator<Batch> {
    const named = this.#outside.get(request.bucket);
    const { server } = request;
    const outside =
      named ?? (server === undefined ? undefined : this.#onServer(request.bucket, server));
    if (outside !== undefined) {
      yield* outside.read(request, signal);
      return;
    }
    try {
      yield* this.#own.read(request, signal);
    } catch (error) {
      if (!(error instanceof FluxError) || error.code !== "not found") throw error;
      const known = (await this.list()).map(({ name }) => name);
      throw known.includes(request.bucket) ? error : unknownBucket(request.bucket, known);
    }
  }
  async prepare(bucket: string): Promise<void> {
    if (!this.#outside.has(bucket)) await this.#own.prepare?.(bucket);
  }
  pushes(bucket: string): ReadonlySet<StorageAggregate["function"]> {
    return this.#outside.get(bucket)?.pushes ?? this.#own.pushes(bucket);
  }
  async write(bucket: string, points: readonly Point[]): Promise<void> {
    this.#refuseOutside(bucket);
    await this.#own.write(bucket, points);
  }
  async list(): Promise<readonly BucketInfo[]> {
    const outside = [...this.#outside.values()];
    const own = (await this.#own.list()).filter(({ name }) => !this.#outside.has(name));
    return [...outside.map(({ name, source }) => ({ name, source, retention: 0n })), ...own].sort(
      (a, b) => (a.name < b.name ? -1 : 1),
    );
  }
  async writeLineProtocol(
    stream: AsyncIterable<Uint8Array>,
    options: WriteOptions,
  ): Promise<WriteReport> {
    this.#refuseOutside(options.bucket);
    return writeLineProtocol(stream, options, this.#host, this.#own.intake(options.bucket));
  }
  async writeCsv(stream: AsyncIterable<Uint8Array>, options: WriteOptions): Promise<WriteReport> {
    this.#refuseOutside(options.bucket);
    return writeCsv(stream, options, this.#host, this.#own.intake(options.bucket));
  }

  #refuseOutside(bucket: string): void {
    const outside = this.#outside.get(bucket);
    if (outside === undefined) return;
    throw new FluxError(
      "unimplemented",
      `bucket ${JSON.stringify(bucket)} is ${outside.source}: it can only be read`,
      { hint: "write to a bucket of the data folder, one that no --bucket NAME=SOURCE names" },
    );
  }
}

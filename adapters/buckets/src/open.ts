import type { Batch } from "@tocsin/data/column";
import { FluxError } from "@tocsin/data/value";
import type { BucketInfo, BucketRead, Buckets, Point, StorageAggregate } from "@tocsin/engine/plan";
import type { Host, Signal } from "@tocsin/platform/host";
import { EmbeddedBuckets } from "./embedded.ts";
import { FileBucket } from "./files.ts";
import { allAggregates, MemoryBuckets } from "./memory.ts";
import { unknownBucket } from "./unknown-bucket.ts";

/** Where buckets are. */
export interface BucketPlaces {
  /** Folder of the embedded store; undefined: buckets that are not named live in memory. */
  readonly dataDir?: string | undefined;
  /** Buckets by name: a file, a folder, or `influxdb2:URL`. */
  readonly named: Readonly<Record<string, string>>;
  readonly host: Host;
  /** `INFLUX_HOST`, `INFLUX_ORG`, `INFLUX_TOKEN`. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Sends each bucket's requests to where it is kept. */
class NamedBuckets implements Buckets {
  readonly #named: ReadonlyMap<string, FileBucket>;
  readonly #embedded: Buckets;

  constructor(named: ReadonlyMap<string, FileBucket>, embedded: Buckets) {
    this.#named = named;
    this.#embedded = embedded;
  }
  async *read(request: BucketRead, signal?: Signal): AsyncGenerator<Batch> {
    const named = this.#named.get(request.bucket);
    if (named !== undefined) {
      yield* named.read(request, signal);
      return;
    }
    try {
      yield* this.#embedded.read(request, signal);
    } catch (error) {
      if (!(error instanceof FluxError) || error.code !== "not found") throw error;
      const known = (await this.list()).map(({ name }) => name);
      throw known.includes(request.bucket) ? error : unknownBucket(request.bucket, known);
    }
  }
  pushes(bucket: string): ReadonlySet<StorageAggregate["function"]> {
    return this.#named.has(bucket) ? allAggregates : this.#embedded.pushes(bucket);
  }
  async write(bucket: string, points: readonly Point[]): Promise<void> {
    const named = this.#named.get(bucket);
    if (named === undefined) return this.#embedded.write(bucket, points);
    throw new FluxError(
      "unimplemented",
      `bucket ${JSON.stringify(bucket)} is the file ${named.path}: it can only be read`,
      { hint: "write to a bucket of the embedded store, one that no --bucket NAME=SOURCE names" },
    );
  }
  async list(): Promise<readonly BucketInfo[]> {
    const named = [...this.#named.values()].map(({ name, path }) => ({
      name,
      source: path,
      retention: 0n,
    }));
    const embedded = (await this.#embedded.list()).filter(({ name }) => !this.#named.has(name));
    return [...named, ...embedded].sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}

/** The buckets of a run. Nothing is opened or read until a bucket is asked. */
export function openBuckets({ dataDir, named, host }: BucketPlaces): Buckets {
  const files = Object.entries(named).map(([name, source]) => {
    return [name, new FileBucket(name, source, host)] as const;
  });
  const embedded = dataDir === undefined ? new MemoryBuckets() : new EmbeddedBuckets(dataDir, host);
  return new NamedBuckets(new Map(files), embedded);
}

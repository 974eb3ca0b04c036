import type { Batch } from "@tocsin/data/column";
import type { BucketServer } from "@tocsin/engine/plan";
import type { Host } from "@tocsin/platform/host";
import { EmbeddedBuckets } from "./embedded.ts";
import { FileBucket } from "./files.ts";
import { openServerBucket } from "./influxdb2.ts";
import { MemoryBuckets } from "./memory.ts";
import { type OutsideBucket, RoutedBuckets, type WritableBuckets } from "./routed.ts";

/** The places of buckets. */
export interface BucketPlaces {
  /** Folder of the embedded stores; undefined: buckets that are not named live in memory. */
  readonly dataDir: string | undefined;
  /** Buckets by name: a file, a folder, or `influxdb2:URL`. */
  readonly named: Readonly<Record<string, string>>;
  readonly host: Host;
  /** `INFLUX_HOST`, `INFLUX_ORG` and `INFLUX_TOKEN` are read, as the influx CLI does. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** How many bytes the process may take; the engine of the stores takes a quarter of them at most. */
  readonly memory?: number;
  /** How many points of a store's answer are read at a time; the default depends on `memory`. */
  readonly partRows?: number;
}

/** A bucket whose place is wrong. It fails only when it is read, because the script may never do so. */
class MisnamedBucket implements OutsideBucket {
  readonly name: string;
  readonly source = "influxdb2";
  readonly pushes = new Set<never>();
  readonly #error: unknown;

  constructor(name: string, error: unknown) {
    this.name = name;
    this.#error = error;
  }
  read(): AsyncIterable<Batch> {
    throw this.#error;
  }
}

/** The buckets of a run. Nothing is opened or read before a bucket is used. */
export function openBuckets(places: BucketPlaces): WritableBuckets {
  const { dataDir, named, host, env } = places;
  const outside = Object.entries(named).map(([name, source]): [string, OutsideBucket] => {
    const server = /^influxdb2:(.*)$/s.exec(source);
    if (server === null) return [name, new FileBucket(name, source, host)];
    try {
      return [name, openServerBucket(name, server[1], host, env)];
    } catch (error) {
      return [name, new MisnamedBucket(name, error)];
    }
  });
  const own =
    dataDir === undefined ? new MemoryBuckets() : new EmbeddedBuckets(dataDir, host, places);
  const onServer = (bucket: string, { host: url, org, token }: BucketServer): OutsideBucket =>
    openServerBucket(bucket, url, host, {
      ...env,
      ...(org === undefined ? {} : { INFLUX_ORG: org }),
      ...(token === undefined ? {} : { INFLUX_TOKEN: token }),
    });
  return new RoutedBuckets(new Map(outside), own, { host, onServer });
}

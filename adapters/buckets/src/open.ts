import type { Host } from "@tocsin/platform/host";
import { EmbeddedBuckets } from "./embedded.ts";
import { FileBucket } from "./files.ts";
import { MemoryBuckets } from "./memory.ts";
import { type OutsideBucket, RoutedBuckets, type WritableBuckets } from "./routed.ts";

/** Where buckets are. */
export interface BucketPlaces {
  /** Folder of the embedded stores; undefined: buckets that are not named live in memory. */
  readonly dataDir: string | undefined;
  /** Buckets by name: a file, a folder, or `influxdb2:URL`. */
  readonly named: Readonly<Record<string, string>>;
  readonly host: Host;
  /** `INFLUX_HOST`, `INFLUX_ORG` and `INFLUX_TOKEN` are read, as the influx CLI does. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The buckets of a run. Nothing is opened or read until a bucket is asked. */
export function openBuckets({ dataDir, named, host }: BucketPlaces): WritableBuckets {
  const outside = Object.entries(named).map(([name, source]): [string, OutsideBucket] => {
    return [name, new FileBucket(name, source, host)];
  });
  const own = dataDir === undefined ? new MemoryBuckets() : new EmbeddedBuckets(dataDir, host);
  return new RoutedBuckets(new Map(outside), own, host);
}

import type { Batch } from "@tocsin/data/column";
import type { Raw } from "@tocsin/data/value";
import type { Signal } from "@tocsin/platform/host";

/** One comparison that storage evaluates itself. A missing tag counts as `""` in it. */
export interface StorageComparison {
  readonly kind: "comparison";
  /** Column: `_measurement`, `_field`, `_value` or a tag. */
  readonly column: string;
  readonly operator: "==" | "!=" | "<" | "<=" | ">" | ">=" | "=~" | "!~";
  /** For `=~` and `!~` the pattern's text. */
  readonly literal: {
    readonly kind: "string" | "int" | "uint" | "float" | "bool" | "regexp";
    readonly value: Raw;
  };
}
export interface StorageExists {
  readonly kind: "exists";
  readonly column: string;
}
export interface StorageLogical {
  readonly kind: "and" | "or";
  readonly left: StoragePredicate;
  readonly right: StoragePredicate;
}
/** What a storage filter can say: comparisons and `exists`, joined by `and` and `or`. */
export type StoragePredicate = StorageComparison | StorageExists | StorageLogical;

/** An aggregate or selector that a bucket may compute itself. */
export interface StorageAggregate {
  readonly function: "first" | "last" | "min" | "max" | "sum" | "count" | "mean";
  /** Windows aligned to the epoch plus offset, nanoseconds; undefined: the whole range. */
  readonly window?: {
    readonly every: bigint;
    readonly offset: bigint;
    readonly createEmpty: boolean;
  };
}

/** A server that a script names itself: `from(bucket:, host:, org:, token:)`. */
export interface BucketServer {
  readonly host: string;
  readonly org?: string;
  readonly token?: string;
}

/** What `from |> range |> filter` asks of a bucket. Times are nanoseconds since the epoch; stop is exclusive. */
export interface BucketRead {
  readonly bucket: string;
  /** Where the bucket is, unless it is named otherwise from outside. */
  readonly server?: BucketServer;
  readonly start: bigint;
  readonly stop: bigint;
  readonly predicate?: StoragePredicate;
  readonly aggregate?: StorageAggregate;
}

/** A bucket as `buckets()` lists it. */
export interface BucketInfo {
  readonly name: string;
  /** Where it is kept, without anything secret. */
  readonly source: string;
  /** Nanoseconds; 0 keeps for ever. */
  readonly retention: bigint;
}

/** A point to be written. */
export interface Point {
  readonly measurement: string;
  readonly tags: readonly (readonly [key: string, value: string])[];
  readonly fields: readonly (readonly [
    key: string,
    kind: "float" | "int" | "uint" | "string" | "bool",
    value: Raw,
  ])[];
  /** Nanoseconds since the epoch. */
  readonly time: bigint;
}

/** Aggregates that a bucket computes itself. */
export type Pushed = ReadonlySet<StorageAggregate["function"]>;

/** Where `from` reads and `to` writes. Errors are `FluxError`s that name the bucket and hold no secret. */
export interface Buckets {
  /**
   * Tables as InfluxDB's storage gives them: one a series and field, key columns `_start`, `_stop`, `_field`,
   * `_measurement` and the tags; order by measurement, tags, field. "No answer" throws, and then no row counts.
   */
  read(request: BucketRead, signal?: Signal): AsyncIterable<Batch>;
  /** Which aggregates `read` takes for this bucket. */
  pushes(bucket: string): Pushed | Promise<Pushed>;
  /** Writes points; each call is one commit. */
  write(bucket: string, points: readonly Point[]): Promise<void>;
  list(): Promise<readonly BucketInfo[]>;
}

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

/**
 * What the engine does with the rows that a bucket gives: it groups them by `columns`, cuts them into windows if there
 * are any, and applies the function. A bucket may do some of that itself.
 */
export interface StoragePool {
  readonly columns: readonly string[];
  readonly function: StorageAggregate["function"];
  /** As in an aggregate. */
  readonly window?: { readonly every: bigint; readonly offset: bigint };
}

/** The column that says how many points a pooled row stands for; rows without it stand for one. */
export const pooledPoints = "_pooled";

/** A server that the script names: `from(bucket:, host:, org:, token:)`. */
export interface BucketServer {
  readonly host: string;
  readonly org?: string;
  readonly token?: string;
}

/** What `from |> range |> filter` asks of a bucket. Times are nanoseconds since the epoch; stop is exclusive. */
export interface BucketRead {
  readonly bucket: string;
  /** Where the bucket is, unless that is said from outside. */
  readonly server?: BucketServer;
  readonly start: bigint;
  readonly stop: bigint;
  readonly predicate?: StoragePredicate;
  readonly aggregate?: StorageAggregate;
  /**
   * A hint, which may be ignored. For `first`, `last`, `min` and `max`, points that will not be chosen may be left
   * out, and the one chosen in a window may have any time in that window. For `sum`, `count` and `mean`, points of one
   * type that end up in one window of one table may be put into one row: `_value` is their sum (for `count` any of the
   * values), the column `_pooled` (an int; not for `sum`) is how many they are, and columns beside those of the key
   * are left out.
   */
  readonly pool?: StoragePool;
}

/** A bucket as `buckets()` lists it. */
export interface BucketInfo {
  readonly name: string;
  /** Where it is kept, without anything secret. */
  readonly source: string;
  /** Nanoseconds; 0: for ever. */
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
   * Tables as InfluxDB's storage gives them: one for each series and field, with the key columns `_start`, `_stop`,
   * `_field`, `_measurement` and the tags, ordered by measurement, tags and field. Throws where there is no whole
   * answer; then no row counts.
   */
  read(request: BucketRead, signal?: Signal): AsyncIterable<Batch>;
  /** The aggregates that `read` computes for this bucket. */
  pushes(bucket: string): Pushed | Promise<Pushed>;
  /** Writes points; each call is one commit. */
  write(bucket: string, points: readonly Point[]): Promise<void>;
  list(): Promise<readonly BucketInfo[]>;
}

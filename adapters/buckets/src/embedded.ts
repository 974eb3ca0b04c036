import { mkdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileSystem } from "@tocsin/adapters/host-node";
import type { LineBlock, LinePoint, ParsedLine } from "@tocsin/data/codec";
import type { Batch } from "@tocsin/data/column";
import { FluxError, loadRegexps } from "@tocsin/data/value";
import type { BucketInfo, BucketRead, Point, StorageAggregate } from "@tocsin/engine/plan";
import type { Host, Signal } from "@tocsin/platform/host";
import type { Connection } from "./duckdb.ts";
import { type Begun, type Intake, type Refusal, writePoints } from "./intake.ts";
import { allAggregates } from "./memory.ts";
import { hasPattern } from "./predicate.ts";
import { PointColumns } from "./point-columns.ts";
import { ReadAhead } from "./read-ahead.ts";
import { checkRange, namingBucket } from "./request.ts";
import type { OwnBuckets } from "./routed.ts";
import { StoreFile } from "./store-file.ts";
import { partRowsOf } from "./store-parts.ts";
import { readStore } from "./store-read.ts";
import { StoreWriter } from "./store-writer.ts";
import { unknownBucket } from "./unknown-bucket.ts";

const ending = ".duckdb";

/** Buckets in a data folder: one DuckDB file each, opened only for a read or a commit. */
export class EmbeddedBuckets implements OwnBuckets {
  readonly #folder: string;
  readonly #host: Host;
  readonly #stores = new Map<string, { file: StoreFile; writer: StoreWriter }>();

  readonly #memory: number | undefined;
  readonly #partRows: number;

  /** `memory`: how many bytes the process may take; `partRows`: how many points are read at a time. */
  constructor(
    dataDir: string,
    host: Host,
    { memory, partRows }: { readonly memory?: number; readonly partRows?: number },
  ) {
    this.#memory = memory;
    this.#partRows = partRows ?? partRowsOf(memory);
    this.#folder = join(dataDir, "buckets");
    this.#host = host;
  }
  async *read(request: BucketRead, signal?: Signal): AsyncGenerator<Batch> {
    const { file } = this.#store(request.bucket);
    if (!(await this.#has(file))) throw unknownBucket(request.bucket, await this.#names());
    try {
      checkRange(request);
      if (hasPattern(request.predicate)) await loadRegexps();
      const partRows = this.#partRows;
      const ahead = new ReadAhead(this.#host.clock, partRows);
      const fill = (connection: Connection): Promise<void> =>
        ahead.fill(readStore(connection, request, partRows));
      yield* ahead.take(file.use("read", fill, signal));
    } catch (error) {
      throw namingBucket(request.bucket, error);
    }
  }
  async prepare(bucket: string): Promise<void> {
    await this.#store(bucket).file.prepare();
  }
  pushes(): ReadonlySet<StorageAggregate["function"]> {
    return allAggregates;
  }
  async write(bucket: string, points: readonly Point[]): Promise<void> {
    if (points.length === 0) return;
    await writePoints(bucket, this.intake(bucket), points);
  }
  intake(bucket: string): Intake {
    return new StoreIntake(async (columns, taken) => {
      try {
        this.#makeFolder();
        return await this.#store(bucket).writer.commit(columns, taken);
      } catch (error) {
        throw namingBucket(bucket, error);
      }
    });
  }
  async list(): Promise<readonly BucketInfo[]> {
    const names = await this.#names();
    return names.map((name) => ({ name, source: this.#path(name), retention: 0n }));
  }

  #store(bucket: string): { file: StoreFile; writer: StoreWriter } {
    let store = this.#stores.get(bucket);
    if (store === undefined) {
      const file = new StoreFile(bucket, this.#path(bucket), this.#host, this.#memory);
      store = { file, writer: new StoreWriter(file) };
      this.#stores.set(bucket, store);
    }
    return store;
  }
  #path(bucket: string): string {
    return join(this.#folder, `${fileNameOf(bucket)}${ending}`);
  }
  #makeFolder(): void {
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw unavailable(`cannot make the folder ${this.#folder}`, error);
    }
  }
  /** Throws when the folder cannot be read: it would look like one without buckets. */
  async #has({ path }: StoreFile): Promise<boolean> {
    // Synchronous: loading `node:fs/promises` takes longer than the rest of this function.
    return (await this.#orAbsent(() => statSync(path))) !== undefined;
  }
  /** What `look` returns; undefined when there is nothing. */
  async #orAbsent<T>(look: () => T | Promise<T>): Promise<T | undefined> {
    try {
      return await look();
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
      throw unavailable(`the data folder ${dirname(this.#folder)} cannot be read`, error);
    }
  }
  async #names(): Promise<string[]> {
    const files = (await this.#orAbsent(() => fileSystem().readdir(this.#folder))) ?? [];
    return files
      .filter((file) => file.endsWith(ending) && !file.includes(".damaged-"))
      .map((file) => bucketNameOf(file.slice(0, -ending.length)))
      .sort();
  }
}

/** Points in columns, until they are committed. */
class StoreIntake implements Intake {
  #columns = new PointColumns();
  /** Takes the next points while the others are stored. A store that turns out to be damaged gets those again. */
  #others = new PointColumns();
  readonly #commit: StoreWriter["commit"];

  constructor(commit: StoreWriter["commit"]) {
    this.#commit = commit;
  }
  get points(): number {
    return this.#columns.points;
  }
  get bytes(): number {
    return this.#columns.bytes;
  }
  line(line: ParsedLine): void {
    this.#columns.addLine(line);
  }
  lines(block: LineBlock): void {
    this.#columns.addLines(block);
  }
  point(point: LinePoint): void {
    this.#columns.addPoint(point);
  }
  async commit(): Promise<readonly Refusal[]> {
    const refused = await this.#commit(this.#columns);
    this.#columns.clear();
    return refused;
  }
  begin(): Promise<Begun> {
    const columns = this.#columns;
    [this.#columns, this.#others] = [this.#others, columns];
    return new Promise((resolve, reject) => {
      const stored = this.#commit(columns, (refused) => {
        resolve({ refused, stored: stored.then(() => columns.clear()) });
      });
      stored.catch(reject);
    });
  }
}

function unavailable(what: string, cause: unknown): FluxError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new FluxError("unavailable", `${what}: ${why}`, { cause });
}

/** A bucket's name as a file name: letters, digits, `-` and `_` stay, all else becomes `%` and hexadecimal digits. */
function fileNameOf(bucket: string): string {
  const bytes = [...Buffer.from(bucket, "utf8")];
  return bytes
    .map((byte) => {
      const letter = String.fromCharCode(byte);
      return /[A-Za-z0-9_-]/.test(letter) ? letter : `%${byte.toString(16).padStart(2, "0")}`;
    })
    .join("");
}

function bucketNameOf(file: string): string {
  try {
    return decodeURIComponent(file);
  } catch {
    return file;
  }
}

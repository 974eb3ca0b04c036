import { createReadStream } from "node:fs";
import { join } from "node:path";
import { fileSystem } from "@tocsin/adapters/host-node";
import { CsvDecoder, LineDecoder, type LineFault, pointOf } from "@tocsin/data/codec";
import type { Batch } from "@tocsin/data/column";
import { FluxError, invalid, loadRegexps } from "@tocsin/data/value";
import type { BucketRead } from "@tocsin/engine/plan";
import type { Loop, Signal } from "@tocsin/platform/host";
import { pointsOf } from "./csv-points.ts";
import { allAggregates } from "./memory.ts";
import { MemoryStore } from "./memory-store.ts";
import { hasPattern } from "./predicate.ts";
import { checkRange, namingBucket } from "./request.ts";
import type { OutsideBucket } from "./routed.ts";

/** A file of a bucket, with what shows that it changed. */
interface Found {
  readonly path: string;
  readonly size: bigint;
  readonly modified: bigint;
}

/**
 * A bucket that is a file of line protocol (`.lp`, `.line`, `.txt`) or annotated CSV (`.csv`), or a folder of such
 * files. It is read on demand, and again after it changed. A line that cannot be read fails the read, because a bucket
 * that silently lacks rows would lose alerts.
 */
export class FileBucket implements OutsideBucket {
  readonly name: string;
  readonly source: string;
  readonly pushes = allAggregates;
  readonly #loop: Loop;
  readonly #now: () => bigint;
  #loaded: { readonly signature: string; readonly store: MemoryStore } | undefined;

  constructor(name: string, path: string, host: { loop: Loop; clock: { now(): bigint } }) {
    this.name = name;
    this.source = path;
    this.#loop = host.loop;
    this.#now = () => host.clock.now();
  }
  async *read(request: BucketRead, signal?: Signal): AsyncGenerator<Batch> {
    try {
      checkRange(request);
      if (hasPattern(request.predicate)) await loadRegexps();
      const store = await this.#store(signal);
      yield* store.read(request);
    } catch (error) {
      throw namingBucket(this.name, error);
    }
  }

  async #store(signal: Signal | undefined): Promise<MemoryStore> {
    const files = await filesAt(this.source);
    const signature = files
      .map(({ path, size, modified }) => `${path}:${size}:${modified}`)
      .join("\n");
    if (this.#loaded?.signature === signature) return this.#loaded.store;
    this.#loaded = undefined;
    const store = new MemoryStore();
    for (const { path } of files) {
      if (path.endsWith(".csv")) await this.#loadCsv(path, store, signal);
      else await this.#loadLines(path, store, signal);
    }
    this.#loaded = { signature, store };
    return store;
  }
  async #loadLines(path: string, store: MemoryStore, signal: Signal | undefined): Promise<void> {
    const fail = (line: number, reason: string): never => {
      throw invalid(`${path}, line ${line}: ${reason}`);
    };
    const decoder = new LineDecoder(
      { now: this.#now() },
      {
        line: (line) => {
          const reason = store.add(pointOf(line));
          if (reason !== undefined) fail(line.number, reason);
        },
        fault: ({ line, reason, stored }: LineFault) => {
          if (!stored) fail(line, reason);
        },
      },
    );
    for await (const chunk of this.#chunks(path, signal)) decoder.push(chunk);
    decoder.finish();
  }
  async #loadCsv(path: string, store: MemoryStore, signal: Signal | undefined): Promise<void> {
    const add = (batch: Batch): void => {
      for (const point of pointsOf(batch)) {
        const reason = store.add(point);
        if (reason !== undefined) throw invalid(reason);
      }
    };
    try {
      const decoder = new CsvDecoder();
      for await (const chunk of this.#chunks(path, signal)) {
        for (const { batch } of decoder.push(chunk)) add(batch);
      }
      for (const { batch } of decoder.finish()) add(batch);
    } catch (error) {
      if (error instanceof FluxError) throw new FluxError(error.code, `${path}, ${error.message}`);
      throw error;
    }
  }
  async *#chunks(path: string, signal: Signal | undefined): AsyncGenerator<Uint8Array> {
    for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
      if (signal?.aborted) throw new FluxError("canceled", "reading was interrupted");
      yield chunk as Uint8Array;
      if (this.#loop.due()) await this.#loop.turn();
    }
  }
}

const endings = /\.(?:lp|line|txt|csv)$/;

/** The files of a bucket, sorted by name. */
async function filesAt(path: string): Promise<readonly Found[]> {
  const found = await facts(path);
  if (!found.folder) return [found];
  const names = (await fileSystem().readdir(path)).filter((name) => endings.test(name)).sort();
  if (names.length === 0)
    throw invalid(`${path} holds no file that ends in .lp, .line, .txt or .csv`);
  return Promise.all(names.map((name) => facts(join(path, name))));
}

async function facts(path: string): Promise<Found & { readonly folder: boolean }> {
  try {
    const { size, mtimeNs, isDirectory } = await statOf(path);
    return { path, size, modified: mtimeNs, folder: isDirectory };
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    const why =
      code === "ENOENT"
        ? "no such file or folder"
        : code === "EACCES"
          ? "permission denied"
          : String(code);
    throw new FluxError("not found", `cannot read ${path}: ${why}`, { cause: error });
  }
}

async function statOf(
  path: string,
): Promise<{ size: bigint; mtimeNs: bigint; isDirectory: boolean }> {
  const found = await fileSystem().stat(path, { bigint: true });
  return { size: found.size, mtimeNs: found.mtimeNs, isDirectory: found.isDirectory() };
}

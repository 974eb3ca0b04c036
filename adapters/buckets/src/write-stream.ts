import { CsvDecoder, LineDecoder, type LinePoint, type Precision } from "@tocsin/data/codec";
import { FluxError } from "@tocsin/data/value";
import type { Host, Signal } from "@tocsin/platform/host";
import { pointsOf } from "./csv-points.ts";
import type { Refusal } from "./store-writer.ts";

/** A line that was not stored, or not wholly. */
export interface RefusedLine {
  /** Counted from 1; in CSV the rows of data are counted. */
  readonly line: number;
  readonly reason: string;
}

/** What became of a stream of points. */
export interface WriteReport {
  /** Points that are stored: lines of line protocol, rows of CSV. */
  readonly written: number;
  /** The first thousand of those that are not. */
  readonly refused: readonly RefusedLine[];
  /** How many there are in all. */
  readonly refusedTotal: number;
}

/** How a stream of points is written. */
export interface WriteOptions {
  readonly bucket: string;
  /** What the timestamps of line protocol count. Default: `ns`. */
  readonly precision?: Precision;
  /** Told after each commit. */
  readonly onProgress?: (progress: { written: number; refused: number }) => void;
  readonly signal?: Signal;
}

/** Stores points; each call is one commit. */
export type Commit = (bucket: string, points: readonly LinePoint[]) => Promise<readonly Refusal[]>;

/** Points and field values of a commit: so many are held in memory, and so long the store is locked. */
const commitPoints = 65_536;
const commitValues = 4 * commitPoints;
/** Refused lines that a report names. */
const refusedMax = 1000;

/**
 * Writes line protocol. Lines that cannot be read, or whose fields have another type in the bucket, are
 * reported and the others stored. On an error (of the stream or the store) what was committed stays.
 */
export async function writeLineProtocol(
  stream: AsyncIterable<Uint8Array>,
  options: WriteOptions,
  host: Host,
  commit: Commit,
): Promise<WriteReport> {
  const writer = new StreamWriter(options, host, commit);
  const decoder = new LineDecoder(
    { precision: options.precision ?? "ns", now: host.clock.now() },
    {
      point: (point, line) => writer.add(point, line),
      fault: ({ line, reason }) => writer.refuse(line, reason),
    },
  );
  for await (const chunk of stream) {
    // Small pieces, so that a commit never gathers much more than it may hold.
    for (let at = 0; at < chunk.length; at += pieceBytes) {
      decoder.push(chunk.subarray(at, at + pieceBytes));
      await writer.work();
    }
  }
  decoder.finish();
  return writer.finish();
}

const pieceBytes = 64 * 1024;

/** Writes annotated CSV, as `writeLineProtocol` does; needs _time, _measurement, _field and _value. */
export async function writeCsv(
  stream: AsyncIterable<Uint8Array>,
  options: WriteOptions,
  host: Host,
  commit: Commit,
): Promise<WriteReport> {
  const writer = new StreamWriter(options, host, commit);
  const decoder = new CsvDecoder();
  let row = 0;
  const add = async (pieces: ReturnType<CsvDecoder["push"]>): Promise<void> => {
    for (const { batch } of pieces) {
      for (const point of pointsOf(batch)) {
        writer.add(point, ++row);
        if (writer.full) await writer.work();
      }
    }
  };
  for await (const chunk of stream) await add(decoder.push(chunk));
  await add(decoder.finish());
  return writer.finish();
}

class StreamWriter {
  readonly #options: WriteOptions;
  readonly #host: Host;
  readonly #commit: Commit;
  #points: LinePoint[] = [];
  #lines: number[] = [];
  #values = 0;
  #written = 0;
  #refused: RefusedLine[] = [];
  #refusedTotal = 0;

  constructor(options: WriteOptions, host: Host, commit: Commit) {
    this.#options = options;
    this.#host = host;
    this.#commit = commit;
  }
  get full(): boolean {
    return this.#points.length >= commitPoints || this.#values >= commitValues;
  }
  add(point: LinePoint, line: number): void {
    this.#points.push(point);
    this.#lines.push(line);
    this.#values += point.fields.length;
  }
  refuse(line: number, reason: string): void {
    this.#refusedTotal += 1;
    if (this.#refused.length < refusedMax) this.#refused.push({ line, reason });
  }
  /** Commits what is there when it is enough. */
  async work(): Promise<void> {
    if (this.#options.signal?.aborted) {
      throw new FluxError(
        "canceled",
        `writing was interrupted; ${this.#written} points are stored`,
      );
    }
    if (this.full) await this.#store();
    if (this.#host.loop.due()) await this.#host.loop.turn();
  }
  async finish(): Promise<WriteReport> {
    await this.#store();
    const refused = this.#refused.sort((a, b) => a.line - b.line);
    return { written: this.#written, refused, refusedTotal: this.#refusedTotal };
  }

  async #store(): Promise<void> {
    const points = this.#points;
    const lines = this.#lines;
    if (points.length === 0) return;
    this.#points = [];
    this.#lines = [];
    this.#values = 0;
    const refusals = await this.#commit(this.#options.bucket, points);
    for (const { point, reason } of refusals) this.refuse(lines[point], reason);
    this.#written += points.length - refusals.length;
    this.#options.onProgress?.({ written: this.#written, refused: this.#refusedTotal });
  }
}

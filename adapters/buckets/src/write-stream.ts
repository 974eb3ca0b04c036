import {
  CsvDecoder,
  type LineBlock,
  LineDecoder,
  type LinePoint,
  type ParsedLine,
  type Precision,
} from "@tocsin/data/codec";
import { FluxError } from "@tocsin/data/value";
import type { Host, Signal } from "@tocsin/platform/host";
import { pointsOf } from "./csv-points.ts";
import type { Begun, Intake } from "./intake.ts";

/** A line that was not stored, or not completely. */
export interface RefusedLine {
  /** Counted from 1; in CSV only rows of data are counted. */
  readonly line: number;
  readonly reason: string;
}

/** What became of a stream of points. */
export interface WriteReport {
  /** Points that are stored: lines of line protocol, rows of CSV. */
  readonly written: number;
  /** The first thousand lines that are not stored. */
  readonly refused: readonly RefusedLine[];
  /** How many lines are not stored. */
  readonly refusedTotal: number;
}

/** How a stream of points is written. */
export interface WriteOptions {
  readonly bucket: string;
  /** The unit of timestamps in line protocol. Default: `ns`. */
  readonly precision?: Precision;
  /** Called after each commit. */
  readonly onProgress?: (progress: { written: number; refused: number }) => void;
  readonly signal?: Signal;
}

/** The most points and bytes of a commit, which bound the memory in use and the time that the store is locked. */
const commitPoints = 1 << 20;
const commitBytes = 64 * 1024 * 1024;
/** How many refused lines a report lists. */
const refusedMax = 1000;

/**
 * Writes line protocol. Lines that cannot be read, or whose fields have another type in the bucket, are reported, and the
 * others are stored. After an error of the stream or the store, what was committed remains.
 */
export async function writeLineProtocol(
  stream: AsyncIterable<Uint8Array>,
  options: WriteOptions,
  host: Host,
  intake: Intake,
): Promise<WriteReport> {
  const writer = new StreamWriter(options, host, intake);
  const decoder = new LineDecoder(
    { precision: options.precision ?? "ns", now: host.clock.now() },
    {
      line: (line) => writer.line(line),
      ...(intake.lines === undefined ? {} : { lines: (block) => writer.lines(block) }),
      fault: ({ line, reason }) => writer.refuse(line, reason),
    },
  );
  return writer.whole(async () => {
    for await (const chunk of stream) {
      // Small pieces, so that a commit is never much larger than its limit.
      for (let at = 0; at < chunk.length; at += pieceBytes) {
        decoder.push(chunk.subarray(at, at + pieceBytes));
        await writer.work();
      }
    }
    decoder.finish();
  });
}

const pieceBytes = 64 * 1024;

/** Writes annotated CSV in the same way. It needs the columns _time, _measurement, _field and _value. */
export async function writeCsv(
  stream: AsyncIterable<Uint8Array>,
  options: WriteOptions,
  host: Host,
  intake: Intake,
): Promise<WriteReport> {
  const writer = new StreamWriter(options, host, intake);
  const decoder = new CsvDecoder();
  let row = 0;
  const add = async (pieces: ReturnType<CsvDecoder["push"]>): Promise<void> => {
    for (const { batch } of pieces) {
      for (const point of pointsOf(batch)) {
        writer.point(point, ++row);
        if (writer.full) await writer.work();
      }
    }
  };
  return writer.whole(async () => {
    for await (const chunk of stream) await add(decoder.push(chunk));
    await add(decoder.finish());
  });
}

class StreamWriter {
  readonly #options: WriteOptions;
  readonly #host: Host;
  readonly #intake: Intake;
  /** The lines of the points that are not committed yet. */
  readonly #lines = new LineNumbers();
  #written = 0;
  /** The commit that is under way while the next points are read. */
  #storing: Promise<void> = Promise.resolve();
  #refused: RefusedLine[] = [];
  #refusedTotal = 0;

  constructor(options: WriteOptions, host: Host, intake: Intake) {
    this.#options = options;
    this.#host = host;
    this.#intake = intake;
  }
  get full(): boolean {
    return this.#intake.points >= commitPoints || this.#intake.bytes >= commitBytes;
  }
  line(line: ParsedLine): void {
    this.#lines.add(this.#intake.points, line.number);
    this.#intake.line(line);
  }
  lines(block: LineBlock): void {
    this.#lines.add(this.#intake.points, block.number);
    this.#intake.lines?.(block);
  }
  point(point: LinePoint, row: number): void {
    this.#lines.add(this.#intake.points, row);
    this.#intake.point(point);
  }
  refuse(line: number, reason: string): void {
    this.#refusedTotal += 1;
    if (this.#refused.length < refusedMax) this.#refused.push({ line, reason });
  }
  /** Commits when there are enough points. */
  async work(): Promise<void> {
    if (this.#options.signal?.aborted) {
      await this.#storing;
      throw new FluxError(
        "canceled",
        `writing was interrupted; ${this.#written} points are stored`,
      );
    }
    if (this.full) await this.#store();
    if (this.#host.loop.due()) await this.#host.loop.turn();
  }
  /** Executes `read`, which reads all points. No commit is under way afterwards, even after an error. */
  async whole(read: () => Promise<void>): Promise<WriteReport> {
    try {
      await read();
      await this.#store();
      await this.#storing;
    } finally {
      await this.#storing.catch(() => undefined);
    }
    const refused = this.#refused.sort((a, b) => a.line - b.line);
    return { written: this.#written, refused, refusedTotal: this.#refusedTotal };
  }

  async #store(): Promise<void> {
    const { points } = this.#intake;
    if (points === 0) return;
    await this.#storing;
    const { refused, stored } = await begin(this.#intake);
    for (const { point, reason } of refused) this.refuse(this.#lines.of(point), reason);
    this.#lines.clear();
    this.#storing = stored.then(() => {
      this.#written += points - refused.length;
      this.#options.onProgress?.({ written: this.#written, refused: this.#refusedTotal });
    });
    // Whoever waits for it next gets the error.
    this.#storing.catch(() => undefined);
  }
}

async function begin(intake: Intake): Promise<Begun> {
  if (intake.begin !== undefined) return intake.begin();
  return { refused: await intake.commit(), stored: Promise.resolve() };
}

/** The line of each point. Points of consecutive lines need no space. */
class LineNumbers {
  /** Points whose line does not follow the line of the previous point, and these lines. */
  readonly #points: number[] = [];
  readonly #lines: number[] = [];

  add(point: number, line: number): void {
    const last = this.#points.length - 1;
    if (last >= 0 && line - this.#lines[last] === point - this.#points[last]) return;
    this.#points.push(point);
    this.#lines.push(line);
  }
  of(point: number): number {
    let [low, high] = [0, this.#points.length];
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (this.#points[middle] <= point) low = middle;
      else high = middle;
    }
    return this.#lines[low] + point - this.#points[low];
  }
  clear(): void {
    this.#points.length = this.#lines.length = 0;
  }
}

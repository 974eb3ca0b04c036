import { parseIntBytes } from "@tocsin/data/value";
import { utf8 } from "@tocsin/platform/host";
import { LineCodes } from "./line-codes.ts";
import { FieldParser } from "./line-fields.ts";
import { LineKernel } from "./line-kernel.ts";
import { inputBytes } from "./line-kernel-plan.ts";
import { byte, LineError, type LineFault, nanosecondsIn, type Precision } from "./line-point.ts";
import { keyBytesMax, quoted, SeriesCache, seriesEnd, tooLong } from "./line-series.ts";
import { LineSplitter } from "./line-splitter.ts";
import { type LineBlock, ParsedLine } from "./parsed-line.ts";

/** What the numbers of timestamps mean, and the time of points that have none. */
export interface LineOptions {
  /** What timestamps count. Default `ns`. */
  readonly precision?: Precision;
  /** Time of points without a timestamp, nanoseconds since the epoch. */
  readonly now: bigint;
}

/** Takes points, and hears of lines that are none. */
export interface LineSink {
  /** `line` is the same object each time. */
  line(line: ParsedLine): void;
  /** Takes many similar lines at once; without it each comes to `line`. */
  lines?(block: LineBlock): void;
  fault(fault: LineFault): void;
}

/**
 * Reads line protocol piece by piece; a line may be cut anywhere. Reports a bad line to the sink and goes on with the
 * next. Accepts and refuses what InfluxDB 2 does, where that makes sense.
 */
export class LineDecoder {
  readonly #sink: LineSink;
  readonly #nanoseconds: bigint;
  readonly #now: bigint;
  readonly #series = new SeriesCache();
  readonly #codes = new LineCodes();
  readonly #parsed = new ParsedLine();
  readonly #timeWords = { words: new Uint32Array(this.#parsed.time.buffer), at: 0 };
  readonly #fields = new FieldParser(this.#parsed);
  readonly #splitter = new LineSplitter();
  /** The timestamp of the line before as it was written; its value is still in `#parsed`. */
  readonly #written = new Uint8Array(writtenMax);
  #writtenBytes = 0;
  /** Undefined: there was little to read so far, or there can be none. */
  #kernel: LineKernel | undefined;
  #bytes = 0;
  /** Where the series of the latest line stands. */
  #seriesFrom = 0;
  #seriesTo = 0;

  constructor(options: LineOptions, sink: LineSink) {
    this.#sink = sink;
    this.#nanoseconds = nanosecondsIn[options.precision ?? "ns"];
    this.#now = options.now - (options.now % this.#nanoseconds);
  }
  push(chunk: Uint8Array): void {
    this.#bytes += chunk.length;
    if (this.#bytes >= fewBytes && this.#bytes - chunk.length < fewBytes) this.#startKernel();
    if (this.#kernel === undefined) {
      this.#splitter.add(chunk);
      this.#drain(false);
      return;
    }
    let at = 0;
    while (at < chunk.length) {
      at = this.#splitter.pending
        ? this.#pushLine(chunk, at, chunk.length)
        : this.#pushPiece(this.#kernel, chunk, at);
    }
  }
  /** After the last piece: the last line may lack its line break. */
  finish(): void {
    this.#drain(true);
  }

  #startKernel(): void {
    if (this.#sink.lines === undefined) return;
    this.#kernel = LineKernel.of({ now: this.#now, unit: this.#nanoseconds, latest: timeMax });
  }
  /** Reads the bytes from `from` up to the next line break without the kernel; gives where to go on. */
  #pushLine(chunk: Uint8Array, from: number, to: number): number {
    const newline = chunk.indexOf(byte.newline, from);
    const end = newline < 0 || newline >= to ? to : newline + 1;
    this.#splitter.add(chunk.subarray(from, end));
    this.#drain(false);
    return end;
  }
  /** Reads a part of the bytes from `from` on, where a line begins; gives where to go on. */
  #pushPiece(kernel: LineKernel, chunk: Uint8Array, from: number): number {
    const to = Math.min(chunk.length, from + inputBytes);
    kernel.load(chunk.subarray(from, to));
    let [at, odd, read] = [from, 0, 0];
    while (at < to) {
      const lines = kernel.run(at - from, to - from);
      read += lines;
      if (lines > 0) {
        const { columns } = this.#codes;
        this.#sink.lines?.(kernel.block({ lines, number: this.#splitter.lines + 1, columns }));
        this.#splitter.skip(lines);
      }
      at = from + kernel.stop;
      const newline = chunk.indexOf(byte.newline, at);
      if (newline < 0 || newline >= to) break;
      at = this.#pushLine(chunk, at, to);
      if (!this.#teach(kernel)) odd += 1;
      while (this.#splitter.pending && at < to) at = this.#pushLine(chunk, at, to);
      // Where most lines are odd the rest is read without the kernel.
      if (odd > oddMax && odd > read) return this.#pushRest(chunk, at, to);
    }
    // A line that is longer than a piece, or the last one of the bytes.
    return at === from || to === chunk.length ? this.#pushRest(chunk, at, to) : at;
  }
  /** Teaches the kernel the line that it did not read. False: it was no line, or nothing new. */
  #teach(kernel: LineKernel): boolean {
    if (this.#splitter.pending || this.#parsed.count === 0) return false;
    const [seriesFrom, seriesTo] = [this.#seriesFrom, this.#seriesTo];
    const { bytes } = this.#splitter;
    return kernel.learn({ line: this.#parsed, bytes, seriesFrom, seriesTo });
  }
  #pushRest(chunk: Uint8Array, from: number, to: number): number {
    this.#splitter.add(chunk.subarray(from, to));
    this.#drain(false);
    return to;
  }
  #drain(last: boolean): void {
    const splitter = this.#splitter;
    while (splitter.next(last)) {
      try {
        this.#line(splitter.bytes, splitter.from, splitter.to);
      } catch (error) {
        if (!(error instanceof LineError)) throw error;
        this.#sink.fault({ line: splitter.line, reason: error.message, stored: false });
        this.#parsed.count = 0;
        splitter.resume();
      }
    }
  }
  #line(bytes: Uint8Array, from: number, to: number): void {
    const line = this.#parsed;
    line.count = 0;
    let at = from;
    while (at < to && isBlank(bytes[at])) at++;
    if (at === to || bytes[at] === byte.hash) return;
    const end = seriesEnd(bytes, at, to);
    line.seriesCode = this.#series.code(bytes, at, end);
    this.#seriesFrom = at;
    this.#seriesTo = end;
    let next = end;
    while (next < to && bytes[next] === byte.space) next++;
    if (next === to) throw new LineError("no fields: expected at least one key=value");
    if (bytes[next] === byte.tab)
      throw new LineError("a tab stands before the fields; use a blank");
    this.#fields.parse(bytes, next, to);
    this.#checkKeys(end - at);
    this.#time(bytes, this.#fields.end, to);
    if (line.count === 0) return;
    line.series = this.#series.series(line.seriesCode);
    line.number = this.#splitter.line;
    this.#codes.assign(line);
    this.#sink.line(line);
  }
  #checkKeys(seriesBytes: number): void {
    const line = this.#parsed;
    for (let i = 0; i < line.count; i++) {
      const { length } = line.keys[i];
      // InfluxDB stores series and field key with four bytes between them; a UTF-16 unit is at most 3.
      if (seriesBytes + length * 3 + 4 > keyBytesMax && seriesBytes + length + 4 > keyBytesMax) {
        throw new LineError(tooLong(seriesBytes + length + 4));
      }
    }
    for (let i = 0; i < line.count; i++) if (line.keys[i] === "time") this.#leaveOut(i);
  }
  /** Leaves out a field that has the name of the timestamp. */
  #leaveOut(field: number): void {
    const line = this.#parsed;
    for (let i = field + 1; i < line.count; i++) line.move(i, i - 1);
    line.count -= 1;
    const reason =
      line.count === 0
        ? `its only field is called "time", which is the name of the timestamp`
        : `field "time" was left out: that is the name of the timestamp; the other fields are stored`;
    this.#sink.fault({ line: this.#splitter.line, reason, stored: line.count > 0 });
  }
  #time(bytes: Uint8Array, from: number, to: number): void {
    const { time } = this.#parsed;
    let at = from;
    while (at < to && bytes[at] === byte.space) at++;
    if (at === to) {
      time[0] = this.#now;
      this.#writtenBytes = 0;
      return;
    }
    // Points of many series at the same time often follow each other.
    if (this.#isWritten(bytes, at, to)) return;
    let end = bytes[at] === byte.minus ? at + 1 : at;
    const digits = end;
    while (end < to && bytes[end] >= 0x30 && bytes[end] <= 0x39) end++;
    let rest = end;
    while (rest < to && bytes[rest] === byte.space) rest++;
    if (rest < to || end === digits) throw new LineError(badTimestamp(bytes, at, to));
    this.#writtenBytes = 0;
    const fits = parseIntBytes(bytes, at, end, this.#timeWords) && !this.#isExtreme();
    if (!fits || !this.#scaled()) {
      throw new LineError(
        "its timestamp lies outside the years 1677 to 2262; is the precision right?",
      );
    }
    this.#keepWritten(bytes, at, to);
  }
  #isWritten(bytes: Uint8Array, from: number, to: number): boolean {
    const length = to - from;
    if (length !== this.#writtenBytes) return false;
    // From the end, where timestamps differ first.
    for (let i = length - 1; i >= 0; i--) if (bytes[from + i] !== this.#written[i]) return false;
    return true;
  }
  #keepWritten(bytes: Uint8Array, from: number, to: number): void {
    const length = to - from;
    this.#writtenBytes = length > writtenMax ? 0 : length;
    for (let i = 0; i < this.#writtenBytes; i++) this.#written[i] = bytes[from + i];
  }
  /** Whether the number is one of the few 64-bit numbers that are no times. */
  #isExtreme(): boolean {
    const high = this.#timeWords.words[1];
    if (high !== 0x7fffffff && high !== 0x80000000) return false;
    const value = this.#parsed.time[0];
    return value < timeMin || value > timeMax;
  }
  /** Converts the number to nanoseconds. False: these do not fit. */
  #scaled(): boolean {
    if (this.#nanoseconds === 1n) return true;
    const value = this.#parsed.time[0] * this.#nanoseconds;
    if (value < timeMin || value > timeMax) return false;
    this.#parsed.time[0] = value;
    return true;
  }
}

/** Bytes to be read before a kernel pays. */
const fewBytes = 16 * 1024;
/** Odd lines after which the rest of a piece is read without the kernel, if they are the majority. */
const oddMax = 64;

/** The most bytes of a timestamp, without blanks after it. */
const writtenMax = 20;

const timeMin = -(2n ** 63n) + 2n;
const timeMax = 2n ** 63n - 2n;

const isBlank = (b: number): boolean => b === byte.space || b === byte.tab || b === byte.nul;

function badTimestamp(bytes: Uint8Array, from: number, to: number): string {
  const text = utf8.decode(bytes.subarray(from, to));
  if (text.endsWith("\r")) {
    return "a carriage return follows the timestamp: lines must end in \\n, not \\r\\n";
  }
  return `after the fields stands ${quoted(text)}; expected a timestamp, a whole number`;
}

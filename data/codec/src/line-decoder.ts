import { FieldParser } from "./line-fields.ts";
import {
  byte,
  LineError,
  type LineFault,
  type LineField,
  type LinePoint,
  nanosecondsIn,
  type Precision,
} from "./line-point.ts";
import { keyBytesMax, SeriesCache, seriesEnd, tooLong } from "./line-series.ts";
import { LineSplitter } from "./line-splitter.ts";

/** How lines are read. */
export interface LineOptions {
  /** What timestamps count. Default `ns`. */
  readonly precision?: Precision;
  /** Time of points without a timestamp, nanoseconds since the epoch. */
  readonly now: bigint;
}

/** Who is told about points and about lines that are none. `line` counts from 1. */
export interface LineSink {
  point(point: LinePoint, line: number): void;
  fault(fault: LineFault): void;
}

/**
 * Line protocol, piece by piece: a line may be cut anywhere. A bad line is told to the sink and the
 * next one is read. Accepts and refuses what InfluxDB 2 does, where that is sane.
 */
export class LineDecoder {
  readonly #sink: LineSink;
  readonly #nanoseconds: bigint;
  readonly #now: bigint;
  readonly #series = new SeriesCache();
  readonly #fields = new FieldParser();
  readonly #splitter = new LineSplitter();

  constructor(options: LineOptions, sink: LineSink) {
    this.#sink = sink;
    this.#nanoseconds = nanosecondsIn[options.precision ?? "ns"];
    this.#now = options.now - (options.now % this.#nanoseconds);
  }
  push(chunk: Uint8Array): void {
    this.#splitter.add(chunk);
    this.#drain(false);
  }
  /** After the last piece: the last line may lack its line break. */
  finish(): void {
    this.#drain(true);
  }

  #drain(last: boolean): void {
    const splitter = this.#splitter;
    while (splitter.next(last)) {
      try {
        this.#line(splitter.bytes, splitter.from, splitter.to);
      } catch (error) {
        if (!(error instanceof LineError)) throw error;
        this.#sink.fault({ line: splitter.line, reason: error.message, stored: false });
        splitter.resume();
      }
    }
  }
  #line(bytes: Uint8Array, from: number, to: number): void {
    let at = from;
    while (at < to && isBlank(bytes[at])) at++;
    if (at === to || bytes[at] === byte.hash) return;
    const end = seriesEnd(bytes, at, to);
    const series = this.#series.get(bytes, at, end);
    let next = end;
    while (next < to && bytes[next] === byte.space) next++;
    if (next === to) throw new LineError("no fields: expected at least one key=value");
    if (bytes[next] === byte.tab)
      throw new LineError("a tab stands before the fields; use a blank");
    const fields = this.#checked(this.#fields.parse(bytes, next, to), end - at);
    const time = this.#time(bytes, this.#fields.end, to);
    if (fields.length === 0) return;
    this.#sink.point(
      { measurement: series.measurement, tags: series.tags, fields, time },
      this.#splitter.line,
    );
  }
  #checked(fields: LineField[], seriesBytes: number): LineField[] {
    for (const [key] of fields) {
      // InfluxDB stores series and field key with four bytes between them; a UTF-16 unit is at most 3.
      if (
        seriesBytes + key.length * 3 + 4 > keyBytesMax &&
        seriesBytes + key.length + 4 > keyBytesMax
      ) {
        throw new LineError(tooLong(seriesBytes + key.length + 4));
      }
    }
    if (!fields.some(([key]) => key === "time")) return fields;
    const rest = fields.filter(([key]) => key !== "time");
    const reason =
      rest.length === 0
        ? `its only field is called "time", which is the name of the timestamp`
        : `field "time" was left out: that is the name of the timestamp; the other fields are stored`;
    this.#sink.fault({ line: this.#splitter.line, reason, stored: rest.length > 0 });
    return rest;
  }
  #time(bytes: Uint8Array, from: number, to: number): bigint {
    let at = from;
    while (at < to && bytes[at] === byte.space) at++;
    if (at === to) return this.#now;
    let end = bytes[at] === byte.minus ? at + 1 : at;
    const digits = end;
    while (end < to && bytes[end] >= 0x30 && bytes[end] <= 0x39) end++;
    let rest = end;
    while (rest < to && bytes[rest] === byte.space) rest++;
    if (rest < to || end === digits) throw new LineError(badTimestamp(bytes, at, to));
    const time = whole(bytes, at, end) * this.#nanoseconds;
    if (time < timeMin || time > timeMax) {
      throw new LineError(
        "its timestamp lies outside the years 1677 to 2262; is the precision right?",
      );
    }
    return time;
  }
}

const timeMin = -(2n ** 63n) + 2n;
const timeMax = 2n ** 63n - 2n;

const isBlank = (b: number): boolean => b === byte.space || b === byte.tab || b === byte.nul;

function badTimestamp(bytes: Uint8Array, from: number, to: number): string {
  let text = "";
  for (let i = from; i < Math.min(to, from + 40); i++) text += String.fromCharCode(bytes[i]);
  if (text.endsWith("\r")) {
    return "a carriage return follows the timestamp: lines must end in \\n, not \\r\\n";
  }
  return `after the fields stands ${JSON.stringify(text)}; expected a timestamp, a whole number`;
}

/** The number at `bytes[from .. to]`, which is a sign and digits. */
function whole(bytes: Uint8Array, from: number, to: number): bigint {
  const negative = bytes[from] === byte.minus;
  let at = negative ? from + 1 : from;
  let value = 0n;
  while (at < to) {
    const end = Math.min(to, at + 15);
    let part = 0;
    const width = end - at;
    for (; at < end; at++) part = part * 10 + (bytes[at] - 0x30);
    value = value === 0n ? BigInt(part) : value * 10n ** BigInt(width) + BigInt(part);
  }
  return negative ? -value : value;
}

import { Dictionary } from "@tocsin/data/column";
import { compareUtf8 } from "@tocsin/data/value";
import { shortened, utf8 } from "@tocsin/platform/host";
import { byte, LineError, type LineSeries } from "./line-point.ts";

/** InfluxDB's limit for measurement, tags and field key together, in bytes as written. */
export const keyBytesMax = 65_535;

/**
 * Tag keys that are columns of every table. InfluxDB refuses the first three; the others it accepts,
 * and then cannot read the series.
 */
const reservedTags: ReadonlySet<string> = new Set(
  ["time", "_field", "_measurement"].concat("_time", "_value", "_start", "_stop"),
);

/** Whether a tag may have this key. */
export const isTagKey = (key: string): boolean => !reservedTags.has(key);

/**
 * Measurements and tags that were seen, by the bytes in which they were written: data repeats few
 * series many times, and the parts of a known one need not be cut and unescaped again.
 */
export class SeriesCache {
  readonly #written = new Dictionary();
  readonly #series: LineSeries[] = [];

  /** The code of the series written at `bytes[from .. to]`, which holds no unescaped blank. */
  code(bytes: Uint8Array, from: number, to: number): number {
    const code = this.#written.codeOfBytes(bytes, from, to);
    // One that could not be read has a code all the same, and is tried again.
    this.#series[code] ??= parseSeries(bytes, from, to);
    return code;
  }
  series(code: number): LineSeries {
    return this.#series[code];
  }
}

/** Where the series that starts at `from` ends: at the first blank that is not escaped. */
export function seriesEnd(bytes: Uint8Array, from: number, to: number): number {
  for (let i = from; i < to; i++) {
    if (bytes[i] === byte.space && (i === from || bytes[i - 1] !== byte.backslash)) return i;
  }
  throw new LineError("no fields: expected a blank and at least one key=value after the tags");
}

function parseSeries(bytes: Uint8Array, from: number, to: number): LineSeries {
  if (to - from > keyBytesMax) throw new LineError(tooLong(to - from));
  let at = nextUnescaped(bytes, from, to, byte.comma);
  if (at === from) throw new LineError("no measurement: the line begins with a comma");
  const measurement = unescaped(bytes, from, at, measurementEscapes);
  const tags: (readonly [string, string])[] = [];
  while (at < to) {
    const start = at + 1;
    at = nextUnescaped(bytes, start, to, byte.comma);
    tags.push(parseTag(bytes, start, at));
  }
  tags.sort((a, b) => compareUtf8(a[0], b[0]));
  for (let i = 1; i < tags.length; i++) {
    if (tags[i][0] === tags[i - 1][0])
      throw new LineError(`tag ${quoted(tags[i][0])} occurs twice`);
  }
  return { measurement, tags };
}

function parseTag(bytes: Uint8Array, from: number, to: number): readonly [string, string] {
  const mark = nextUnescaped(bytes, from, to, byte.equals);
  if (mark === from) throw new LineError("a tag has no key: expected key=value after the comma");
  const key = unescaped(bytes, from, mark, tagEscapes);
  if (mark + 1 >= to) {
    throw new LineError(`tag ${quoted(key)} has no value: leave the tag out, or give it a value`);
  }
  if (nextUnescaped(bytes, mark + 1, to, byte.equals) < to) {
    throw new LineError(`the value of tag ${quoted(key)} holds "=": write it as "\\="`);
  }
  if (!isTagKey(key)) throw new LineError(`a tag may not be called ${quoted(key)}`);
  return [key, unescaped(bytes, mark + 1, to, tagEscapes)];
}

/** First `wanted` in `bytes[from .. to]` without a backslash before it, or `to`. */
function nextUnescaped(bytes: Uint8Array, from: number, to: number, wanted: number): number {
  for (let i = from; i < to; i++) {
    if (bytes[i] === wanted && (i === from || bytes[i - 1] !== byte.backslash)) return i;
  }
  return to;
}

const measurementEscapes: readonly number[] = [byte.comma, byte.space];
const tagEscapes: readonly number[] = [byte.comma, byte.space, byte.equals];
/** Bytes before which a backslash counts in a field's key. */
export const fieldEscapes: readonly number[] = [byte.comma, byte.space, byte.equals, byte.quote];

/** The name written at `bytes[from .. to]`: a backslash counts only before one of `escapes`. */
export function unescaped(
  bytes: Uint8Array,
  from: number,
  to: number,
  escapes: readonly number[],
): string {
  return utf8.decode(withoutEscapes(bytes, from, to, escapes));
}

/** As `unescaped`, as UTF-8: bytes that are none are replaced. */
export function unescapedBytes(
  bytes: Uint8Array,
  from: number,
  to: number,
  escapes: readonly number[],
): Uint8Array {
  const plain = withoutEscapes(bytes, from, to, escapes);
  return isAscii(plain) ? plain : utf8.encode(utf8.decode(plain));
}

function isAscii(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) if (bytes[i] >= 0x80) return false;
  return true;
}

function withoutEscapes(
  bytes: Uint8Array,
  from: number,
  to: number,
  escapes: readonly number[],
): Uint8Array {
  if (!hasBackslash(bytes, from, to)) return bytes.subarray(from, to);
  const plain = new Uint8Array(to - from);
  let length = 0;
  for (let i = from; i < to; i++) {
    if (bytes[i] === byte.backslash && i + 1 < to && escapes.includes(bytes[i + 1])) i++;
    plain[length++] = bytes[i];
  }
  return plain.subarray(0, length);
}

function hasBackslash(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (bytes[i] === byte.backslash) return true;
  return false;
}

/** A name or value as a message shows it: in quotes, and cut where it is long. */
export function quoted(name: string): string {
  return JSON.stringify(shortened(name, 60));
}

/** Why a series key is refused for its size. */
export function tooLong(bytes: number): string {
  return `measurement, tags and field key have ${bytes} bytes; at most ${keyBytesMax} are possible`;
}

import { powersOfTen } from "./powers-of-ten.ts";

/** Bytes of lines that the kernel is given at a time. */
export const inputBytes = 64 * 1024;
/** The most values in that many bytes: each has a key, a sign, itself and what ends it. */
const valuesMax = inputBytes / 4;

/** Where everything is in the kernel's memory. */
export const place = layout();

/** Parts of what is known of a series; its bytes follow, and then zeros. */
export const knownSeries = { length: 0, firstKey: 4, bytes: 8 } as const;

/** Parts of what is known of a key in a series; its bytes with the `=` follow, and then zeros. */
export const knownKey = {
  length: 0,
  /** The key that follows most often; the last one is followed by the first. */
  next: 4,
  /** Number of the line that had it last. */
  line: 8,
  /** Type of its values, and their code; values of another type are odd. */
  kind: 12,
  code: 16,
  /** The code of the key, for who teaches. */
  keyCode: 20,
  bytes: 24,
} as const;

/** Numbers of types, as `knownKey.kind` has them. */
export const kindNumbers = { float: 0, int: 1, uint: 2, string: 3, bool: 4 } as const;

function layout() {
  let size = 0;
  const room = (bytes: number): number => {
    const at = size;
    size += Math.ceil(bytes / 8) * 8;
    return at;
  };
  return {
    /** The line that was not read: where it begins. */
    stop: room(4),
    /** The hash of its series and where that ends, when it is not known; else 0. */
    hash: room(4),
    seriesEnd: room(4),
    /** Where the table of series is, and its slots less one. */
    table: room(4),
    mask: room(4),
    /** Values that were read. */
    rows: room(4),
    /** All bits of the bytes of texts. */
    textBits: room(4),
    /** A number of the next line, for `knownKey.line`. */
    line: room(4),
    /** Time of lines without one; what a timestamp counts; the last that there can be. */
    now: room(8),
    unit: room(8),
    latest: room(8),
    powers: room(powersOfTen * 8),
    halves: room(powersOfTen * 8),
    /** Of each value: its code, the number of its line in this call, its time, itself. */
    codes: room(valuesMax * 4),
    lines: room(valuesMax * 4),
    times: room(valuesMax * 8),
    /** Of a text: where it ends among `texts`. */
    values: room(valuesMax * 8),
    texts: room(inputBytes + 8),
    /** Lines, and room for what is read behind them. */
    input: room(inputBytes + 16),
    /** Series and keys, one behind the other. */
    heap: room(0),
  };
}

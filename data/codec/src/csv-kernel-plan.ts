import type { ColumnKind } from "@tocsin/data/value";
import { powersOfTen } from "./powers-of-ten.ts";

/** What the kernel does with the cells of a column. */
interface KernelColumn {
  readonly kind: ColumnKind;
  /** Times in another layout than RFC 3339 are all odd. */
  readonly plain: boolean;
  readonly unread: boolean;
  /** An empty cell has no value; else something stands for it. */
  readonly nullable: boolean;
}
/** Neighbouring cells of a row: a run of group columns, of so many, or one other column. */
export type KernelStretch = { readonly run: number } | KernelColumn;

/** Where a run's bytes and changes are in the kernel's memory, and their numbers. */
export interface RunPlace {
  readonly cells: number;
  /** The run as it stood in the line before: its bytes, and how many; -1: nothing is like it. */
  readonly bytes: number;
  readonly length: number;
  /** Line breaks in its cells. */
  readonly breaks: number;
  /** Lines in which it was another one: how many; of each its number, and where each cell begins and ends. */
  readonly changed: number;
  readonly changes: number;
  /** Bytes of a change. */
  readonly changeBytes: number;
}
/** Where a column's cells are. */
export interface ColumnPlace {
  readonly column: KernelColumn;
  /** A value a line: eight bytes, of codes and ends of texts four, of truth values one. */
  readonly values: number;
  /** A bit a line, 0 where the cell has no value; and whether there is such a line. */
  readonly present: number;
  readonly lacking: number;
  /** The code of the text that stands for an empty cell. */
  readonly empty: number;
  /**
   * Cells that are not read here: how many; of each the line, where it begins and ends (as `CsvRows` has it),
   * and of a text its slot in `KnownTexts`, of a long one the address of its entry there.
   */
  readonly odd: number;
  readonly odds: number;
  /** Of texts: 1 where they are copied to `texts`, else 0 and codes are found among those that are known. */
  readonly copies: number;
  /** Where the first text of this run ends up among those of its column. */
  readonly base: number;
  readonly texts: number;
  /** The address of its `KnownTexts`. */
  readonly known: number;
}
export type Place =
  | { readonly run: RunPlace }
  | { readonly run: undefined; readonly at: ColumnPlace };

/** All that a kernel has in memory while it is called, but the rows themselves and the texts that are known. */
export interface KernelLayout {
  /** Lines of one call. */
  readonly lines: number;
  readonly places: readonly Place[];
  /** Where each line that was read ends. */
  readonly ends: number;
  /** Powers of ten, and their upper halves; nanoseconds of a digit; how many days the months of a year have. */
  readonly powers: number;
  readonly halves: number;
  readonly fractions: number;
  readonly months: number;
  /** Months that came: their first bytes, how many days they have, and the midnight before their first day. */
  readonly knownMonths: number;
  /** As many bytes of ones as a known text may have, and of zeros. */
  readonly ones: number;
  /** How many line breaks stood within cells so far, and how many when each line ended. */
  readonly broken: number;
  readonly brokenBy: number;
  /** Bytes of it. */
  readonly size: number;
}

/** Longer runs are not compared. */
export const runBytesMax = 1024;
/** Bytes of texts that are copied in one call: as many as there are in most pieces of a file. */
export const textsBytes = 64 * 1024;
/**
 * Texts whose codes are known: fewer than so many, numbered from 1 as they came, each with its mark (see `findCode`),
 * code and bytes, behind which are zeros. Memory that no text came to is never touched.
 */
export const knownTexts = 32_768;
/** Slots are found by a hash of the bytes: a text is in one of so many that lie together. */
export const slotsBeside = 4;
export const slotCount = 65_536;
export const slotBytes = 2;
export const knownLength = 32;
export const knownBytes = 8 + knownLength;
/** Entries of longer texts, bytes of one, and of all their texts. */
export const longEntries = 1024;
export const longBytes = 12;
export const longTextsBytes = 64 * 1024;
/**
 * Where the parts of `KnownTexts` are in it: first of each slot the number of a known text, 0 for none; then these; of
 * each longer one its mark, code and address; and the bytes of these.
 */
export const knownAt = slotCount * slotBytes;
export const longAt = knownAt + knownTexts * knownBytes;
export const longTextsAt = longAt + longEntries * longBytes;
export const knownTextsBytes = longTextsAt + longTextsBytes + 8;
const wordBytes = 4;
export const oddBytes = 4 * wordBytes;

/** Whether the kernel gives texts of a column. */
const isText = ({ kind, unread }: KernelColumn): boolean => kind === "string" && !unread;

/** Gives places one behind the other. */
class Places {
  /** Behind all that were given. */
  end: number;
  constructor(from: number) {
    this.end = from;
  }
  /** The address of so many bytes. */
  room(bytes: number): number {
    const at = this.end;
    this.end += Math.ceil(bytes / 8) * 8;
    return at;
  }
}

/** So many months are known at once, and what is where in one. */
export const knownMonths = 64;
export const knownMonth = { text: 0, midnight: 8, days: 16, bytes: 24 };

const constants = new Places(64);
/** What all kernels have, at the beginning of their memory. */
export const kernelConstants = {
  powers: constants.room(powersOfTen * 8),
  halves: constants.room(powersOfTen * 8),
  fractions: constants.room(10 * 8),
  months: constants.room(16),
  knownMonths: constants.room(knownMonths * knownMonth.bytes),
  ones: constants.room(2 * knownLength),
  onesBytes: knownLength,
  size: constants.end,
};

/** Lays the memory out, from an address on. */
export function kernelLayout(stretches: readonly KernelStretch[], from: number): KernelLayout {
  const lines = stretches.length <= 8 ? 16_384 : stretches.length <= 64 ? 2048 : 1024;
  const places = new Places(from);
  const room = (bytes: number): number => places.room(bytes);
  const ends = room(lines * wordBytes);
  const broken = room(wordBytes);
  const brokenBy = room(lines * wordBytes);
  const all = stretches.map((stretch): Place => {
    if ("run" in stretch) {
      const changeBytes = wordBytes * (1 + 2 * stretch.run);
      return {
        run: {
          cells: stretch.run,
          bytes: room(runBytesMax + 8),
          length: room(wordBytes),
          breaks: room(wordBytes),
          changed: room(wordBytes),
          changes: room(lines * changeBytes),
          changeBytes,
        },
      };
    }
    const at: ColumnPlace = {
      column: stretch,
      values: room(stretch.unread ? 0 : lines * 8),
      present: room(lines / 8),
      lacking: room(wordBytes),
      empty: room(wordBytes),
      odd: room(wordBytes),
      odds: room(lines * oddBytes),
      copies: room(wordBytes),
      base: room(wordBytes),
      texts: room(isText(stretch) ? textsBytes + 8 : 0),
      known: room(wordBytes),
    };
    return { run: undefined, at };
  });
  return {
    ...kernelConstants,
    lines,
    places: all,
    ends,
    broken,
    brokenBy,
    size: places.end - from,
  };
}

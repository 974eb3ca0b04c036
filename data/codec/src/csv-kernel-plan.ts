import type { ColumnKind } from "@tocsin/data/value";
import { powersOfTen } from "./powers-of-ten.ts";

/** A column as the kernel sees it. */
interface KernelColumn {
  readonly kind: ColumnKind;
  /** Whether times are in RFC 3339: those in another layout are all odd. */
  readonly plain: boolean;
  readonly unread: boolean;
  /** Whether an empty cell has no value; otherwise a default stands for it. */
  readonly nullable: boolean;
}
/** Neighbouring cells of a row: a run of `run` group columns, or one other column. */
export type KernelStretch = { readonly run: number } | KernelColumn;

/** The addresses of what the kernel keeps of a run. */
export interface RunPlace {
  /** How many cells it has. */
  readonly cells: number;
  /** The run of the line before: its bytes, and how many these are (-1: the next one differs, whatever it is). */
  readonly bytes: number;
  readonly length: number;
  /** How many line breaks its cells hold. */
  readonly breaks: number;
  /** Lines in which the run differs: how many; then of each the line, and where each cell begins and ends. */
  readonly changed: number;
  readonly changes: number;
  /** Bytes of a change. */
  readonly changeBytes: number;
}
/** The addresses of what the kernel keeps of a column. */
export interface ColumnPlace {
  readonly column: KernelColumn;
  /** A value for each line: of eight bytes, codes and ends of texts of four, truth values of one. */
  readonly values: number;
  /** A bit for each line, 0 where the cell has no value; and whether there is any such line. */
  readonly present: number;
  readonly lacking: number;
  /** The code of the text that stands for an empty cell. */
  readonly empty: number;
  /**
   * Cells that the kernel does not read: how many; then of each the line, where it begins and ends (as in `CsvRows`),
   * and for texts the slot in `KnownTexts`, or for a long one the address of its entry there.
   */
  readonly odd: number;
  readonly odds: number;
  /** For texts: 1 if they are copied to `texts`; 0 if their codes are found among the known ones. */
  readonly copies: number;
  /** Where the first copied text begins among all of its column. */
  readonly base: number;
  readonly texts: number;
  /** The address of its `KnownTexts`. */
  readonly known: number;
}
export type Place =
  | { readonly run: RunPlace }
  | { readonly run: undefined; readonly at: ColumnPlace };

/** The addresses of all that a kernel keeps in memory during a call, but the rows and the known texts. */
export interface KernelLayout {
  /** How many lines one call reads at most. */
  readonly lines: number;
  readonly places: readonly Place[];
  /** Where each line that was read ends. */
  readonly ends: number;
  /** Powers of ten, and their upper halves; nanoseconds of each digit of a fraction; days of the months of a year. */
  readonly powers: number;
  readonly halves: number;
  readonly fractions: number;
  readonly months: number;
  /** Months that have occurred: their bytes, how many days they have, and the midnight a day before they begin. */
  readonly knownMonths: number;
  /** As many bytes of ones as a known text may have, followed by as many zeros. */
  readonly ones: number;
  /** How many line breaks stood within cells so far, and how many of them up to the end of each line. */
  readonly broken: number;
  readonly brokenBy: number;
  /** How many bytes the layout takes. */
  readonly size: number;
}

/** Longer runs are not compared. */
export const runBytesMax = 1024;
/** Bytes of the texts that are copied in one call: as many as most pieces of a file hold. */
export const textsBytes = 64 * 1024;
/**
 * How many texts can have a known code. They are numbered from 1 in the order in which they were learnt; an entry
 * holds the mark (see `findCode`), the code, and the bytes followed by zeros. Memory of unused entries is never
 * touched.
 */
export const knownTexts = 32_768;
/**
 * The slot of a text is the upper bits of a hash of its bytes, or one of the few that lie together with it. There are
 * as many slots as the known texts need: a column of few texts would touch the memory of all of them.
 */
export const slotsBeside = 4;
export const hashBits = 16;
export const fewestSlotBits = 10;
export const slotBytes = 2;
export const knownLength = 32;
export const knownBytes = 8 + knownLength;
/** How many entries longer texts have, the bytes of one, and those of all their texts. */
export const longEntries = 1024;
export const longBytes = 12;
export const longTextsBytes = 64 * 1024;
/**
 * Where the parts of `KnownTexts` are: first the slots, each with the number of a known text or 0; then the entries of
 * known texts; then those of longer ones, with mark, code and address; then the bytes of the longer ones.
 */
export const knownAt = 2 ** hashBits * slotBytes;
/** By how many bits a hash is shifted to find its slot. It lies in the unused entry 0. */
export const slotShiftAt = knownAt + 8;
export const longAt = knownAt + knownTexts * knownBytes;
export const longTextsAt = longAt + longEntries * longBytes;
export const knownTextsBytes = longTextsAt + longTextsBytes + 8;
const wordBytes = 4;
export const oddBytes = 4 * wordBytes;

/** Whether the kernel gives texts of a column. */
const isText = ({ kind, unread }: KernelColumn): boolean => kind === "string" && !unread;

/** Hands out addresses, one after the other. */
class Places {
  /** Where the next one begins. */
  end: number;
  constructor(from: number) {
    this.end = from;
  }
  /** Takes `bytes` bytes; gives their address. */
  room(bytes: number): number {
    const at = this.end;
    this.end += Math.ceil(bytes / 8) * 8;
    return at;
  }
}

/** How many months are known at once, and where the parts of one are. */
export const knownMonths = 64;
export const knownMonth = { text: 0, midnight: 8, days: 16, bytes: 24 };

const constants = new Places(64);
/** What all kernels share, at the beginning of their memory. */
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

/** The layout of a kernel's memory, from an address on. */
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

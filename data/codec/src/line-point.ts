import type { Raw } from "@tocsin/data/value";

/** Types that a field of a point can have. */
export type FieldKind = "float" | "int" | "uint" | "string" | "bool";

/** A field of a point: its key, its type, its value. */
export type LineField = readonly [key: string, kind: FieldKind, value: Raw];

/** What all points of a series have in common. Tags are sorted by the bytes of their keys. */
export interface LineSeries {
  readonly measurement: string;
  readonly tags: readonly (readonly [key: string, value: string])[];
}

/** One line of line protocol. */
export interface LinePoint extends LineSeries {
  readonly fields: readonly LineField[];
  /** Nanoseconds since the epoch. */
  readonly time: bigint;
}

/** What is wrong with a line, for people. */
export interface LineFault {
  /** Counted from 1; of a line with a string that holds line breaks, the first. */
  readonly line: number;
  readonly reason: string;
  /** True when only a part of the line was left out and the rest became a point. */
  readonly stored: boolean;
}

/** What a timestamp counts. */
export type Precision = "ns" | "us" | "ms" | "s";

/** Nanoseconds in one unit of a precision. */
export const nanosecondsIn: Readonly<Record<Precision, bigint>> = {
  ns: 1n,
  us: 1000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
};

/** Thrown inside the parser for the line at hand; `message` is the reason. */
export class LineError extends Error {}

/** Bytes that line protocol gives a meaning. */
export const byte = {
  nul: 0x00,
  tab: 0x09,
  newline: 0x0a,
  carriageReturn: 0x0d,
  space: 0x20,
  quote: 0x22,
  hash: 0x23,
  comma: 0x2c,
  minus: 0x2d,
  point: 0x2e,
  equals: 0x3d,
  backslash: 0x5c,
} as const;

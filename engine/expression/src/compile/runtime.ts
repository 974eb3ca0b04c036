import {
  type Batch,
  cellAt,
  columnBuilder,
  type Dictionary,
  expand,
  type FlatColumn,
  isValid,
  repeat,
} from "@tocsin/data/column";
import {
  array,
  bool,
  type ColumnKind,
  compareUtf8,
  float,
  formatFloat,
  formatTime9,
  type FunctionValue,
  int,
  type Location,
  type Native,
  NULL,
  type Raw,
  Scope,
  type SourceFile,
  string,
  time,
  uint,
  type Value,
} from "@tocsin/data/value";
import type { FunctionExpression } from "@tocsin/language/syntax";
import { utf8 } from "@tocsin/platform/host";
import { callFunction } from "../call.ts";
import {
  binary,
  divisionByZero,
  element,
  exists,
  floatPower,
  holds,
  interpolated,
  member,
  moduloByZero,
  notBoolean,
  nullInterpolated,
  rightOperand,
  unary,
  unsupportedBinary,
  unsupportedUnary,
} from "../operations.ts";
import { rowError } from "../place.ts";
import { power } from "../power.ts";
import { RecordColumns } from "../record-columns.ts";
import { RowReader } from "../row.ts";
import { textColumn } from "../text-column.ts";
import { notAColumn, ValueColumn, valueColumn } from "../value-column.ts";
import { evaluate, undefinedIdentifier } from "../walk.ts";
import { nullReduced } from "../walking-folder.ts";
import { rowRecord } from "../walking-mapper.ts";

const wrap = (kind: "int" | "uint", value: bigint): bigint =>
  kind === "int" ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value);

function divided(kind: "int" | "uint", a: bigint, b: bigint): bigint {
  if (b === 0n) throw divisionByZero();
  return wrap(kind, a / b);
}

function remainder(kind: "int" | "uint", a: bigint, b: bigint): bigint {
  if (b === 0n) throw moduloByZero();
  return wrap(kind, a % b);
}

/** What is known of a dictionary's strings stays known: codes keep their meaning for ever. */
function memo<T>(known: WeakMap<Dictionary, T[]>, dictionary: Dictionary): T[] {
  let results = known.get(dictionary);
  if (results === undefined) known.set(dictionary, (results = []));
  return results;
}

function matchMemo(known: WeakMap<Dictionary, Uint8Array>, dictionary: Dictionary): Uint8Array {
  let results = known.get(dictionary);
  if (results === undefined || results.length < dictionary.size) {
    const larger = new Uint8Array(Math.max(dictionary.size, 2 * (results?.length ?? 0)));
    if (results !== undefined) larger.set(results);
    known.set(dictionary, (results = larger));
  }
  return results;
}

/** What was found out of each string of a dictionary: 0 nothing yet, 1 no match, 2 a match. */
function matches(
  known: Uint8Array,
  dictionary: Dictionary,
  code: number,
  pattern: { test(text: string): boolean },
): boolean {
  if (known[code] === 0) known[code] = pattern.test(dictionary.text(code)) ? 2 : 1;
  return known[code] === 2;
}

function once<T>(known: T[], dictionary: Dictionary, code: number, work: (text: string) => T): T {
  const before = known[code];
  return before === undefined ? (known[code] = work(dictionary.text(code))) : before;
}

function recordOf(labels: readonly string[], values: readonly Value[]): Value {
  const fields = new Map<string, Value>();
  for (let i = 0; i < labels.length; i++) fields.set(labels[i], values[i]);
  return { kind: "record", fields };
}

function scopeOf(
  parent: Scope,
  names: readonly string[],
  values: readonly Value[],
  entry: Location | undefined,
): Scope {
  const scope = new Scope(parent, entry);
  for (let i = 0; i < names.length; i++) scope.define(names[i], values[i]);
  return scope;
}

const closureOf = (
  node: FunctionExpression,
  scope: Scope,
  file: SourceFile,
  name: string | undefined,
): Value => ({ kind: "function", form: "closure", node, scope, file, name });

const argumentsOf = (names: readonly string[], values: readonly Value[]): Map<string, Value> => {
  const args = new Map<string, Value>();
  for (let i = 0; i < names.length; i++) args.set(names[i], values[i]);
  return args;
};

const called = (
  fn: FunctionValue,
  names: readonly string[],
  values: readonly Value[],
  at: Location | undefined,
): unknown => callFunction(fn, argumentsOf(names, values), { at });

/** A call of a native with arguments that are known to be the right ones. */
const calledNative = (
  fn: Native,
  names: readonly string[],
  values: readonly Value[],
  at: Location | undefined,
): unknown => fn.call(argumentsOf(names, values), { at });

/** A column in which every row has the cell `raw`. */
function constantColumn(kind: ColumnKind, raw: Raw, rows: number): FlatColumn {
  const builder = columnBuilder(kind, 1);
  builder.append(raw);
  return repeat(builder.finish(), 0, rows);
}

const fixedColumn = (
  kind: ColumnKind,
  data: { readonly length: number },
  valid: Uint8Array | undefined,
): FlatColumn => ({ kind, form: "flat", data, valid }) as unknown as FlatColumn;

function lazyColumn(
  parts: readonly string[],
  columns: readonly FlatColumn[],
  rows: number,
): FlatColumn {
  return { kind: "string", form: "lazy", parts, columns, rows, valid: undefined };
}

/**
 * Reads a string column's texts. Of plain ones the bytes of all rows become one string, of which the
 * texts are parts.
 */
function textsOf(column: FlatColumn): (row: number) => string {
  const slow = (row: number): string => cellAt(column, row) as string;
  if (column.form !== "plain") return slow;
  const { bytes, offsets } = column;
  const from = offsets[0];
  const some = bytes.subarray(from, offsets[offsets.length - 1]);
  const all = utf8.decode(some);
  if (all.length === some.length)
    return (row) => all.slice(offsets[row] - from, offsets[row + 1] - from);
  // What stands for bytes that are no text may be of any length.
  if (all.includes("\ufffd")) return slow;
  const places = placesOf(some, offsets);
  if (places[places.length - 1] !== all.length) return slow;
  return (row) => all.slice(places[row], places[row + 1]);
}

/** Where texts begin in the string that their bytes make: most characters have a place, long ones two. */
function placesOf(bytes: Uint8Array, offsets: Uint32Array): Uint32Array {
  const places = new Uint32Array(offsets.length);
  let at = 0;
  let place = 0;
  for (let row = 1; row < offsets.length; row++) {
    for (const end = offsets[row] - offsets[0]; at < end; at++) {
      const byte = bytes[at];
      place += +((byte & 0xc0) !== 0x80) + +(byte >= 0xf0);
    }
    places[row] = place;
  }
  return places;
}

/** Everything that generated code calls, by the name that it calls it. */
export const runtime = {
  array,
  binary,
  bool,
  box_bool: bool,
  box_float: float,
  box_int: int,
  box_string: string,
  box_time: time,
  box_uint: uint,
  called,
  calledNative,
  closureOf,
  compareUtf8,
  constantColumn,
  divided,
  element,
  evaluate,
  exists,
  expand,
  fixedColumn,
  floatPower,
  formatFloat,
  formatTime9,
  holds,
  interpolated,
  isNull: (valid: Uint8Array | undefined, row: number): boolean => !isValid(valid, row),
  lazyColumn,
  matches,
  matchMemo,
  member,
  memo,
  notAColumn,
  notBoolean,
  NULL,
  nullInterpolated,
  nullReduced,
  once,
  power,
  RecordColumns,
  recordOf,
  remainder,
  rightOperand,
  rowError,
  rowRecord,
  RowReader,
  scopeOf,
  textsOf,
  textColumn,
  unary,
  undefinedIdentifier,
  unsupportedBinary,
  unsupportedUnary,
  ValueColumn,
  valueColumn,
};

export type Runtime = typeof runtime;

/** Rows that are left after some were bad; undefined when none was. */
export function keptRows(batch: Batch, bad: ReadonlySet<number>): Uint32Array | undefined {
  if (bad.size === 0) return undefined;
  const kept = new Uint32Array(batch.rows - bad.size);
  let count = 0;
  for (let row = 0; row < batch.rows; row++) if (!bad.has(row)) kept[count++] = row;
  return kept;
}

import { printFloat } from "./csv-print-floats.ts";
import type { PrintKind, PrintLayout, PrintPlace } from "./csv-print-plan.ts";
import { printTime } from "./csv-print-times.ts";
import { mustQuoteFunction, printCoded, printPlain, quotedFunction } from "./csv-print-texts.ts";
import {
  copied,
  copiedFunction,
  number,
  numberFunction,
  ofRow,
  padded,
  paddedFunction,
  type Printing,
  strippedFunction,
} from "./csv-printing.ts";
import { call, i32, i64, WasmFunction, wasmModule, type Code, type Local } from "./wasm-code.ts";

const nothing = i32.const(0);
const one = i32.const(1);
const billion = i64.const(1_000_000_000n);

function printInt(printing: Printing, { values, kind }: PrintPlace): void {
  const { f, at } = printing;
  const [value, upper, top] = [f.local("i64"), f.local("i64"), f.local("i64")];
  f.do(value.set(i64.load(ofRow(printing, 8), values)));
  if (kind === "int")
    f.if(i64.ltSigned(value.get, i64.const(0n)), () => {
      f.do(i32.store8(at.get, i32.const(0x2d)), at.set(i32.add(at.get, one)));
      f.do(value.set(i64.sub(i64.const(0n), value.get)));
    });
  const below = (all: Local, over: Local): Code =>
    i32.of(i64.sub(all.get, i64.mul(over.get, billion)));
  const nine = i32.const(9);
  f.do(upper.set(i64.div(value.get, billion)), top.set(i64.div(upper.get, billion)));
  f.block((done) => {
    f.block((long) => {
      f.goIf(long, i32.eqz(i64.eqz(upper.get)));
      f.do(at.set(call(number, i32.of(value.get), at.get)));
      f.go(done);
    });
    f.block((longest) => {
      f.block((longer) => {
        f.goIf(longer, i32.eqz(i64.eqz(top.get)));
        f.do(at.set(call(number, i32.of(upper.get), at.get)));
        f.go(longest);
      });
      f.do(at.set(call(number, i32.of(top.get), at.get)));
      f.do(at.set(call(padded, below(upper, top), nine, at.get)));
    });
    f.do(at.set(call(padded, below(value, upper), nine, at.get)));
  });
}

function printBool(printing: Printing, { values }: PrintPlace): void {
  const { f, at } = printing;
  f.block((done) => {
    f.block((no) => {
      f.goIf(no, i32.eqz(i32.load8(ofRow(printing, 1), values)));
      f.do(i32.store(at.get, i32.const(0x65757274)), at.set(i32.add(at.get, i32.const(4))));
      f.go(done);
    });
    f.do(i32.store(at.get, i32.const(0x736c6166)), i32.store8(at.get, i32.const(0x65), 4));
    f.do(at.set(i32.add(at.get, i32.const(5))));
  });
}

function printCell(printing: Printing, place: PrintPlace): void {
  switch (place.kind) {
    case "float":
      return printFloat(printing, place);
    case "time":
      return printTime(printing, place);
    case "bool":
      return printBool(printing, place);
    case "text":
      return printCoded(printing, place);
    case "plain":
      return printPlain(printing, place);
    default:
      return printInt(printing, place);
  }
}

/** One code for all cells of a kind. */
interface SharedCell {
  /** The function's number in the module. */
  readonly number: number;
  readonly cell: WasmFunction;
  /** The column whose places it has; those of others are as far behind as these are. */
  readonly model: PrintPlace;
}

/** The number of the first shared function: after those that all modules have. */
const firstShared = 6;
/** More columns of a kind share one function: compiling one for each would take longer than printing. */
const columnsOfOwnCode = 8;

/** By kind. Code that remembers something from row to row, or from cell to cell, is each column's own. */
function sharedCells(
  layout: PrintLayout,
  comma: number,
  from: number,
): ReadonlyMap<PrintKind, SharedCell> {
  const shared = new Map<PrintKind, SharedCell>();
  for (const kind of ["float", "int", "uint", "bool", "text"] as const) {
    const [model, ...others] = layout.places.filter((place) => place.kind === kind);
    if (others.length < columnsOfOwnCode) continue;
    const cell = cellFunction(layout, comma, model);
    shared.set(kind, { number: from + shared.size, cell, model });
  }
  return shared;
}

/** `cell(row, at, behind)`: prints the cell of a row; gives the end, 0 where the row is left to others. */
function cellFunction(layout: PrintLayout, comma: number, model: PrintPlace): WasmFunction {
  const f = new WasmFunction(3);
  const [row, at, behind] = f.parameters;
  const extra = f.local();
  f.block((done) => {
    f.block((stop) => {
      printCell({ f, layout, row, at, extra, comma, stop, behind }, model);
      f.go(done);
    });
    f.do(at.set(nothing));
  });
  f.do(at.get);
  return f;
}

/**
 * The module that prints rows of one kind. `run(from, to)` prints the rows `from .. to` to where `to` of
 * the layout says, until one would not fit or has a cell that it leaves to others; it gives that row.
 */
export function printModule(layout: PrintLayout, comma: number): Uint8Array {
  const shared = sharedCells(layout, comma, firstShared);
  const f = new WasmFunction(2);
  const [row, end] = f.parameters;
  const [at, extra] = [f.local(), f.local()];
  f.block((stop) => {
    const printing = { f, layout, row, at, extra, comma, stop };
    f.loop((again) => {
      f.goIf(stop, i32.ge(row.get, end.get));
      f.do(at.set(i32.load(nothing, layout.to)), extra.set(nothing));
      f.goIf(stop, i32.gt(at.get, i32.load(nothing, layout.limit)));
      for (const place of layout.places) {
        const length = i32.load(nothing, place.fixedLength);
        f.do(at.set(call(copied, i32.const(place.fixed), length, at.get)));
        f.block((absent) => {
          f.if(i32.load(nothing, place.holes), () => {
            const byte = i32.load8(i32.shr(row.get, i32.const(3)), place.valid);
            const bit = i32.shr(byte, i32.and(row.get, i32.const(7)));
            f.goIf(absent, i32.eqz(i32.and(bit, one)));
          });
          const common = shared.get(place.kind);
          if (common === undefined) return printCell(printing, place);
          const behind = i32.const(place.values - common.model.values);
          f.do(at.set(call(common.number, row.get, at.get, behind)));
          f.goIf(stop, i32.eqz(at.get));
        });
      }
      const length = i32.load(nothing, layout.restLength);
      f.do(i32.store(nothing, call(copied, i32.const(layout.rest), length, at.get), layout.to));
      f.do(row.set(i32.add(row.get, one)));
      f.go(again);
    });
  });
  f.do(row.get);
  const functions = [
    paddedFunction(),
    numberFunction(),
    copiedFunction(),
    strippedFunction(),
    mustQuoteFunction(),
    quotedFunction(),
  ];
  const cells = [...shared.values()].map(({ cell }) => cell);
  return wasmModule([...functions, ...cells, f], "imported");
}

import type { PrintLayout } from "./csv-print-plan.ts";
import { call, i32, i64, WasmFunction, type Code, type Label, type Local } from "./wasm-code.ts";

const one = i32.const(1);
const ten = i32.const(10);
const zero = i32.const(0x30);

/** The numbers of the module's functions. */
export const padded = 0;
export const number = 1;
export const copied = 2;
export const stripped = 3;
export const mustQuote = 4;
export const quoted = 5;

/** `padded(value, width, at)`: prints `width` digits; gives the end. */
export function paddedFunction(): WasmFunction {
  const f = new WasmFunction(3);
  const [value, width, at] = f.parameters;
  const [next, to] = [f.local(), f.local()];
  f.do(to.set(i32.add(at.get, width.get)), width.set(to.get));
  f.loop((again) => {
    const digit = i32.sub(value.get, i32.mul(next.get, ten));
    f.do(
      to.set(i32.sub(to.get, one)),
      next.set(i32.div(value.get, ten)),
      i32.store8(to.get, i32.add(digit, zero)),
      value.set(next.get),
    );
    f.goIf(again, i32.gt(to.get, at.get));
  });
  f.do(width.get);
  return f;
}
/** `number(value, at)`: prints the value's digits; gives the end. */
export function numberFunction(): WasmFunction {
  const f = new WasmFunction(2);
  const [value, at] = f.parameters;
  const [width, power] = [f.local(), f.local()];
  f.do(width.set(one), power.set(ten));
  f.block((end) => {
    f.loop((again) => {
      f.goIf(end, i32.lt(value.get, power.get));
      f.do(width.set(i32.add(width.get, one)));
      f.goIf(end, i32.eq(width.get, ten));
      f.do(power.set(i32.mul(power.get, ten)));
      f.go(again);
    });
  });
  f.do(call(padded, value.get, width.get, at.get));
  return f;
}
/** `copied(from, length, at)`: copies bytes, and up to seven more; gives the end. */
export function copiedFunction(): WasmFunction {
  const f = new WasmFunction(3);
  const [from, length, at] = f.parameters;
  const n = f.local();
  f.block((end) => {
    f.loop((again) => {
      f.goIf(end, i32.ge(n.get, length.get));
      f.do(i64.store(i32.add(at.get, n.get), i64.load(i32.add(from.get, n.get))));
      f.do(n.set(i32.add(n.get, i32.const(8))));
      f.go(again);
    });
  });
  f.do(i32.add(at.get, length.get));
  return f;
}
/**
 * `stripped(fraction, width, at)`: prints a point and `width` digits, without the zeros at their end; gives the end.
 */
export function strippedFunction(): WasmFunction {
  const f = new WasmFunction(3);
  const [fraction, width, at] = f.parameters;
  f.block((end) => {
    f.loop((again) => {
      f.goIf(end, i32.rem(fraction.get, ten));
      f.do(fraction.set(i32.div(fraction.get, ten)), width.set(i32.sub(width.get, one)));
      f.go(again);
    });
  });
  f.do(i32.store8(at.get, i32.const(0x2e)));
  f.do(call(padded, fraction.get, width.get, i32.add(at.get, one)));
  return f;
}

/** The variables of the loop over rows that all cells use. */
export interface Printing {
  readonly f: WasmFunction;
  readonly layout: PrintLayout;
  readonly row: Local;
  /** Where the next byte goes. */
  readonly at: Local;
  /** Bytes that the texts of the row so far may take. */
  readonly extra: Local;
  /** The byte between cells. */
  readonly comma: number;
  /** The row is left to others. */
  readonly stop: Label;
  /** How far behind those of its column the places of a cell are, where one code prints many columns. */
  readonly behind?: Local;
}

/** What a place in memory is counted from. */
export const placed = ({ behind }: Printing, from: Code): Code =>
  behind === undefined ? from : i32.add(from, behind.get);
export const ofRow = (printing: Printing, bytes: number): Code =>
  placed(printing, i32.mul(printing.row.get, i32.const(bytes)));

import { oddBytes, type ColumnPlace, type KernelLayout } from "./csv-kernel-plan.ts";
import { call, i32, WasmFunction, type Code, type Label, type Local } from "./wasm-code.ts";

const comma = i32.const(0x2c);
const newline = i32.const(0x0a);
const carriageReturn = i32.const(0x0d);
const quote = i32.const(0x22);
const one = i32.const(1);
const nothing = i32.const(0);

/** The variables of the kernel's loop that all cells use. */
export interface Cursor {
  readonly f: WasmFunction;
  readonly layout: KernelLayout;
  /** The byte that is looked at. */
  readonly at: Local;
  readonly line: Local;
  /** Where the present cell begins, and where it ends: its quotes are not of it. */
  readonly start: Local;
  readonly end: Local;
  /** The byte at `at`, and scratch. */
  readonly b: Local;
  readonly n: Local;
  /** The line needs a closer look: it is not read. */
  readonly stop: Label;
}

/** Where one of two bytes is next, from the first operand on. */
function next(one: Code, other: Code): WasmFunction {
  const f = new WasmFunction(1);
  const [at] = f.parameters;
  const b = f.local();
  f.block((end) => {
    f.loop((again) => {
      f.do(b.set(i32.load8(at.get)));
      f.goIf(end, i32.eq(b.get, one));
      f.goIf(end, i32.eq(b.get, other));
      f.do(at.set(i32.add(at.get, i32.const(1))));
      f.go(again);
    });
  });
  f.do(at.get);
  return f;
}
/** Functions of the module, by their number: the next comma or line break, the next quote or line break. */
const cellEnd = 0;
const quoteEnd = 1;

/** The functions that cells are read with. */
export const cellFunctions = (): readonly WasmFunction[] => [
  next(comma, newline),
  next(quote, newline),
];

/** Whether the cell ends at `at`. */
export function endsHere({ at }: Cursor, last: boolean): Code {
  if (!last) return i32.eq(i32.load8(at.get), comma);
  const broken = i32.eq(i32.load8(at.get), newline);
  const returned = i32.and(
    i32.eq(i32.load8(at.get), carriageReturn),
    i32.eq(i32.load8(at.get, 1), newline),
  );
  return i32.or(broken, returned);
}
/** Moves on to the end of the cell that begins at `start`. */
export function toCellEnd(cursor: Cursor, last: boolean): void {
  const { f, at, start, end, stop } = cursor;
  f.block((done) => {
    f.block((plain) => {
      f.goIf(plain, i32.ne(i32.load8(start.get), quote));
      f.do(start.set(i32.add(start.get, one)), at.set(call(quoteEnd, start.get)));
      closeQuote(cursor, last);
      f.go(done);
    });
    f.do(at.set(call(cellEnd, start.get)));
    f.goIf(stop, i32.ne(i32.load8(at.get), last ? newline : comma));
    if (last) withoutReturn(cursor);
    f.do(end.set(at.get));
  });
}
/** At a quote that ends a cell; others need a closer look. */
export function closeQuote(cursor: Cursor, last: boolean): void {
  const { f, at, end, stop } = cursor;
  f.goIf(stop, i32.ne(i32.load8(at.get), quote));
  f.do(end.set(at.get), at.set(i32.add(at.get, one)));
  f.goIf(stop, i32.eqz(endsHere(cursor, last)));
}
/** From a line break back over the carriage return before it. */
function withoutReturn({ f, at, start }: Cursor): void {
  const returned = i32.eq(i32.load8(i32.sub(at.get, one)), carriageReturn);
  f.if(i32.and(i32.gt(at.get, start.get), returned), () => {
    f.do(at.set(i32.sub(at.get, one)));
  });
}

/** Address of what a line has in an array of items of so many bytes. */
export const ofLine = ({ line }: Pick<Cursor, "line">, bytes: number): Code =>
  i32.mul(line.get, i32.const(bytes));

/** Lists the cell from `start` to `end` as odd. */
export function noteOdd(cursor: Cursor, { odd, odds }: ColumnPlace): void {
  const { f, start, end, line, n } = cursor;
  f.do(
    n.set(i32.mul(i32.load(nothing, odd), i32.const(oddBytes))),
    i32.store(n.get, line.get, odds),
    i32.store(n.get, start.get, odds + 4),
    i32.store(n.get, end.get, odds + 8),
    i32.store(nothing, i32.add(i32.load(nothing, odd), one), odd),
  );
}

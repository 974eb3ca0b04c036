import { oddBytes, type ColumnPlace, type KernelLayout } from "./csv-kernel-plan.ts";
import { call, i32, WasmFunction, type Code, type Label, type Local, v128 } from "./wasm-code.ts";

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
  /** The address of the byte to be read next. */
  readonly at: Local;
  readonly line: Local;
  /** The address behind the rows. */
  readonly to: Local;
  /** Where the cell at hand begins and ends, without its quotes. */
  readonly start: Local;
  readonly end: Local;
  /** 1: the bytes of the cell are not its text yet, as quotes are doubled or line breaks have two bytes. */
  readonly rework: Local;
  /** The byte at `at`, and scratch. */
  readonly b: Local;
  readonly n: Local;
  /** Where to go if the line is not read, as it needs a closer look. */
  readonly stop: Label;
  /** Where columns share their code: how far the column at hand lies behind the addresses in the code. */
  readonly behind?: Local;
}

/**
 * `cellEnd(from)`: where the next comma or line break is. It looks at 16 bytes at once, so that cells of varying
 * length cause no mispredicted branches.
 */
export function cellEndFunction(): WasmFunction {
  const f = new WasmFunction(1);
  const [at] = f.parameters;
  const [sixteen, found] = [f.local("v128"), f.local()];
  const all = (byte: number): Code => v128.const(...Array.from({ length: 16 }, () => byte));
  const ends = v128.or(v128.eq8(sixteen.get, all(0x2c)), v128.eq8(sixteen.get, all(0x0a)));
  f.loop((again) => {
    f.do(sixteen.set(v128.load(at.get)), found.set(v128.bitmask(ends)));
    f.if(i32.eqz(found.get), () => {
      f.do(at.set(i32.add(at.get, i32.const(16))));
      f.go(again);
    });
  });
  f.do(i32.add(at.get, i32.trailingZeros(found.get)));
  return f;
}
/**
 * `quotedEnd(from, to)`: twice the address of the quote that closes the cell beginning at `from`, plus 1 if the cell
 * needs rework; 0 if there is none before `to`.
 */
export function quotedEndFunction({ broken }: KernelLayout): WasmFunction {
  const f = new WasmFunction(2);
  const [at, to] = f.parameters;
  const [b, rework] = [f.local(), f.local()];
  const isNext = (byte: Code): Code => i32.eq(i32.load8(at.get, 1), byte);
  f.block((end) => {
    f.loop((again) => {
      f.do(b.set(i32.load8(at.get)), at.set(i32.add(at.get, one)));
      f.goIf(again, i32.gt(b.get, quote));
      f.do(at.set(i32.sub(at.get, one)));
      f.if(i32.eq(b.get, quote), () => {
        f.goIf(end, i32.eqz(isNext(quote)));
        f.do(rework.set(one), at.set(i32.add(at.get, one)));
      });
      f.if(i32.eq(b.get, newline), () => {
        f.if(i32.ge(at.get, to.get), () => {
          f.do(at.set(nothing), rework.set(nothing));
          f.go(end);
        });
        f.do(i32.store(nothing, i32.add(i32.load(nothing, broken), one), broken));
      });
      f.if(i32.and(i32.eq(b.get, carriageReturn), isNext(newline)), () => f.do(rework.set(one)));
      f.do(at.set(i32.add(at.get, one)));
      f.go(again);
    });
  });
  f.do(i32.or(i32.shl(at.get, one), rework.get));
  return f;
}
/** The functions that every module has, by their number. */
const cellEnd = 0;
const quotedEnd = 1;
export const longEntry = 2;

/** Whether the cell ends at `at`. */
export function endsHere({ at }: Cursor, last: boolean): Code {
  if (!last) return i32.eq(i32.load8(at.get), comma);
  const returned = i32.eq(i32.load16(at.get), i32.const(0x0a0d));
  return i32.or(returned, i32.eq(i32.load8(at.get), newline));
}
/** Moves on to the end of the cell that begins at `start`. */
export function toCellEnd(cursor: Cursor, last: boolean): void {
  const { f, at, start, end, rework, stop } = cursor;
  f.block((done) => {
    f.block((plain) => {
      f.goIf(plain, i32.ne(i32.load8(start.get), quote));
      toQuotedEnd(cursor, last);
      f.go(done);
    });
    f.do(at.set(call(cellEnd, start.get)), rework.set(nothing));
    f.goIf(stop, i32.ne(i32.load8(at.get), last ? newline : comma));
    if (last) withoutReturn(cursor);
    f.do(end.set(at.get));
  });
}
/**
 * The same for a cell that begins with a quote. Anything but the cell's end after the closing quote needs a closer
 * look.
 */
function toQuotedEnd(cursor: Cursor, last: boolean): void {
  const { f, at, to, start, end, rework, stop } = cursor;
  f.do(start.set(i32.add(start.get, one)), at.set(call(quotedEnd, start.get, to.get)));
  f.goIf(stop, i32.eqz(at.get));
  f.do(rework.set(i32.and(at.get, one)), end.set(i32.shr(at.get, one)));
  f.do(at.set(i32.add(end.get, one)));
  f.goIf(stop, i32.eqz(endsHere(cursor, last)));
}
/** Moves back from a line break over the carriage return before it. */
function withoutReturn({ f, at, start }: Cursor): void {
  const returned = i32.eq(i32.load8(i32.sub(at.get, one)), carriageReturn);
  f.if(i32.and(i32.gt(at.get, start.get), returned), () => {
    f.do(at.set(i32.sub(at.get, one)));
  });
}

/** What is to be added to an address of a column's place. */
export const ofColumn = ({ behind }: Pick<Cursor, "behind">): Code => behind?.get ?? nothing;
/** An address, with that added. */
export const inColumn = ({ behind }: Pick<Cursor, "behind">, address: Code): Code =>
  behind === undefined ? address : i32.add(address, behind.get);

/** The address of the line's item in an array of items of `bytes` bytes. */
export const ofLine = (cursor: Pick<Cursor, "line" | "behind">, bytes: number): Code =>
  inColumn(cursor, i32.mul(cursor.line.get, i32.const(bytes)));

/** Notes that the cell has no value. */
export function noteLack(cursor: Cursor, { present, lacking }: ColumnPlace): void {
  const { f, line } = cursor;
  const eighth = inColumn(cursor, i32.shr(line.get, i32.const(3)));
  const bit = i32.shl(one, i32.and(line.get, i32.const(7)));
  f.do(
    i32.store8(eighth, i32.xor(i32.load8(eighth, present), bit), present),
    i32.store(ofColumn(cursor), one, lacking),
  );
}
/** Lists the cell from `start` to `end` as odd, a text with its slot. */
export function noteOdd(cursor: Cursor, { odd, odds }: ColumnPlace, slot?: Local): void {
  const { f, start, end, rework, line, n } = cursor;
  const marked = i32.xor(end.get, i32.sub(nothing, rework.get));
  f.do(
    n.set(inColumn(cursor, i32.mul(i32.load(ofColumn(cursor), odd), i32.const(oddBytes)))),
    i32.store(n.get, line.get, odds),
    i32.store(n.get, start.get, odds + 4),
    i32.store(n.get, marked, odds + 8),
    ...(slot === undefined ? [] : [i32.store(n.get, slot.get, odds + 12)]),
    i32.store(ofColumn(cursor), i32.add(i32.load(ofColumn(cursor), odd), one), odd),
  );
}

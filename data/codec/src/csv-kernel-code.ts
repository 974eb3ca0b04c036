import { hashPrime, hashStart } from "@tocsin/data/column";
import {
  type ColumnPlace,
  type KernelLayout,
  knownBytes,
  knownTexts,
  oddBytes,
  runBytesMax,
  type RunPlace,
  textsBytes,
} from "./csv-kernel-plan.ts";
import { readInt, readFloat } from "./csv-kernel-numbers.ts";
import { TimeCode } from "./csv-kernel-times.ts";
import {
  call,
  type Code,
  i32,
  i64,
  type Label,
  type Local,
  WasmFunction,
  wasmModule,
} from "./wasm-code.ts";

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

/** Whether the cell ends at `at`. */
function endsHere({ at }: Cursor, last: boolean): Code {
  if (!last) return i32.eq(i32.load8(at.get), comma);
  const broken = i32.eq(i32.load8(at.get), newline);
  const returned = i32.and(
    i32.eq(i32.load8(at.get), carriageReturn),
    i32.eq(i32.load8(at.get, 1), newline),
  );
  return i32.or(broken, returned);
}
/** Moves on to the end of the cell that begins at `start`. */
function toCellEnd(cursor: Cursor, last: boolean): void {
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
function closeQuote(cursor: Cursor, last: boolean): void {
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
export const ofLine = ({ line }: Cursor, bytes: number): Code =>
  i32.mul(line.get, i32.const(bytes));

/** Lists the cell from `start` to `end` as odd. */
function noteOdd(cursor: Cursor, { odd, odds }: ColumnPlace): void {
  const { f, start, end, line, n } = cursor;
  f.do(
    n.set(i32.mul(i32.load(nothing, odd), i32.const(oddBytes))),
    i32.store(n.get, line.get, odds),
    i32.store(n.get, start.get, odds + 4),
    i32.store(n.get, end.get, odds + 8),
    i32.store(nothing, i32.add(i32.load(nothing, odd), one), odd),
  );
}

/** One cell of a column. `last`: it ends its line. */
function readCell(cursor: Cursor, place: ColumnPlace, times: TimeCode, last: boolean): void {
  const { f, at, start } = cursor;
  f.do(start.set(at.get));
  const { kind, plain, unread } = place.column;
  if (kind === "string") {
    if (unread) toCellEnd(cursor, last);
    else readText(cursor, place, last);
    return;
  }
  f.block((done) => {
    f.block((odd) => {
      if (kind === "float") readFloat(cursor, place, odd);
      else if (kind === "bool") readBool(cursor, place, odd);
      else if (kind !== "time") readInt(cursor, place, odd);
      else if (plain) times.read(place, odd);
      else f.go(odd);
      f.goIf(done, endsHere(cursor, last));
    });
    toCellEnd(cursor, last);
    noteOdd(cursor, place);
  });
}

function readBool(cursor: Cursor, { values, column }: ColumnPlace, odd: Label): void {
  const { f, at, n } = cursor;
  const isTrue = i32.eq(i32.load(at.get), i32.const(0x65757274));
  const isFalse = i32.and(
    i32.eq(i32.load(at.get), i32.const(0x736c6166)),
    i32.eq(i32.load8(at.get, 4), i32.const(0x65)),
  );
  f.do(n.set(isTrue));
  f.goIf(odd, i32.eqz(i32.or(n.get, isFalse)));
  if (!column.unread) f.do(i32.store8(cursor.line.get, n.get, values));
  f.do(at.set(i32.sub(i32.add(at.get, i32.const(5)), n.get)));
}

/** A text: copied, or its code found. */
function readText(cursor: Cursor, place: ColumnPlace, last: boolean): void {
  const { f } = cursor;
  f.block((done) => {
    f.if(i32.eqz(i32.load(nothing, place.copies)), () => {
      findCode(cursor, place, last);
      f.go(done);
    });
    copyText(cursor, place, last);
  });
}
/** Moves on to the end of a text, and takes its bytes to `hash`. */
function hashText(cursor: Cursor, hash: Local, last: boolean): void {
  const { f, at, start, end, b, stop } = cursor;
  const take = (): void =>
    f.do(
      hash.set(i32.mul(i32.xor(hash.get, b.get), i32.const(hashPrime))),
      at.set(i32.add(at.get, one)),
    );
  f.do(hash.set(i32.const(hashStart)));
  f.block((done) => {
    f.block((plain) => {
      f.goIf(plain, i32.ne(i32.load8(start.get), quote));
      f.do(at.set(i32.add(at.get, one)), start.set(at.get));
      f.block((closed) => {
        f.loop((again) => {
          f.do(b.set(i32.load8(at.get)));
          f.goIf(closed, i32.eq(b.get, quote));
          f.goIf(stop, i32.eq(b.get, newline));
          take();
          f.go(again);
        });
      });
      closeQuote(cursor, last);
      f.go(done);
    });
    f.block((ended) => {
      f.loop((again) => {
        f.do(b.set(i32.load8(at.get)));
        f.goIf(ended, i32.eq(b.get, comma));
        f.goIf(ended, i32.eq(b.get, newline));
        if (last) {
          const broken = i32.eq(i32.load8(at.get, 1), newline);
          f.goIf(ended, i32.and(i32.eq(b.get, carriageReturn), broken));
        }
        take();
        f.go(again);
      });
    });
    f.goIf(stop, i32.eqz(endsHere(cursor, last)));
    f.do(end.set(at.get));
  });
}
function findCode(cursor: Cursor, place: ColumnPlace, last: boolean): void {
  const { f, start, end, n } = cursor;
  const [hash, known] = [f.local(), f.local()];
  hashText(cursor, hash, last);
  f.block((found) => {
    f.block((odd) => {
      const slot = i32.and(hash.get, i32.const(knownTexts - 1));
      f.do(known.set(i32.mul(slot, i32.const(knownBytes))));
      f.do(n.set(i32.sub(end.get, start.get)));
      // Of no text the length is that of an empty slot.
      f.goIf(odd, i32.eqz(n.get));
      f.goIf(odd, i32.ne(i32.load(known.get, place.known), n.get));
      f.loop((again) => {
        f.do(n.set(i32.sub(n.get, one)));
        const ours = i32.load8(i32.add(known.get, n.get), place.known + 8);
        f.goIf(odd, i32.ne(i32.load8(i32.add(start.get, n.get)), ours));
        f.goIf(again, n.get);
      });
      const code = i32.load(known.get, place.known + 4);
      f.do(i32.store(ofLine(cursor, 4), code, place.values));
      f.go(found);
    });
    noteOdd(cursor, place);
  });
}
function copyText(cursor: Cursor, place: ColumnPlace, last: boolean): void {
  const { f, start, end, n, b, line, stop } = cursor;
  const to = f.local();
  toCellEnd(cursor, last);
  f.do(n.set(nothing), to.set(nothing));
  f.if(line.get, () => {
    const before = i32.load(i32.sub(ofLine(cursor, 4), i32.const(4)), place.values);
    f.do(to.set(i32.sub(before, i32.load(nothing, place.base))));
  });
  f.do(b.set(i32.sub(end.get, start.get)));
  f.goIf(stop, i32.gt(i32.add(to.get, b.get), i32.const(textsBytes)));
  f.block((copied) => {
    f.loop((again) => {
      f.goIf(copied, i32.ge(n.get, b.get));
      const eight = i64.load(i32.add(start.get, n.get));
      f.do(i64.store(i32.add(to.get, n.get), eight, place.texts));
      f.do(n.set(i32.add(n.get, i32.const(8))));
      f.go(again);
    });
  });
  const ends = i32.add(i32.add(to.get, b.get), i32.load(nothing, place.base));
  f.do(i32.store(ofLine(cursor, 4), ends, place.values));
  f.if(i32.eqz(b.get), () => noteOdd(cursor, place));
}

/** A run of group columns: nothing is read while its bytes repeat. */
function readRun(cursor: Cursor, run: RunPlace, last: boolean): void {
  const { f, at, start, n, b } = cursor;
  const length = f.local();
  f.do(start.set(at.get), length.set(i32.load(nothing, run.length)));
  f.block((done) => {
    f.block((differs) => {
      f.goIf(differs, i32.eq(length.get, i32.const(-1)));
      f.do(n.set(nothing));
      f.block((whole) => {
        f.loop((again) => {
          f.do(b.set(i32.sub(length.get, n.get)));
          f.goIf(whole, i32.lt(b.get, i32.const(8)));
          const theirs = i64.load(i32.add(start.get, n.get));
          f.goIf(differs, i64.ne(theirs, i64.load(n.get, run.bytes)));
          f.do(n.set(i32.add(n.get, i32.const(8))));
          f.go(again);
        });
      });
      f.if(b.get, () => {
        const theirs = i64.load(i32.add(start.get, n.get));
        const unlike = i64.xor(theirs, i64.load(n.get, run.bytes));
        const shift = i64.of(i32.sub(i32.const(64), i32.mul(b.get, i32.const(8))));
        f.goIf(differs, i32.eqz(i64.eqz(i64.shl(unlike, shift))));
      });
      f.do(at.set(i32.add(start.get, length.get)));
      f.goIf(done, endsHere(cursor, last));
    });
    readChange(cursor, run, last);
  });
}
/** Notes where the cells of another run are, and compares with it from then on. */
function readChange(cursor: Cursor, run: RunPlace, last: boolean): void {
  const { f, at, start, end, line, n, b, stop } = cursor;
  const from = f.local();
  const change = f.local();
  f.do(
    from.set(start.get),
    change.set(i32.mul(i32.load(nothing, run.changed), i32.const(run.changeBytes))),
    i32.store(change.get, line.get, run.changes),
  );
  for (let cell = 0; cell < run.cells; cell++) {
    if (cell > 0) f.do(start.set(i32.add(at.get, one)));
    toCellEnd(cursor, last && cell === run.cells - 1);
    f.do(i32.store(change.get, start.get, run.changes + 4 + 8 * cell));
    f.do(i32.store(change.get, end.get, run.changes + 8 + 8 * cell));
  }
  f.do(b.set(i32.sub(at.get, from.get)));
  f.goIf(stop, i32.gt(b.get, i32.const(runBytesMax)));
  f.do(
    i32.store(nothing, b.get, run.length),
    i32.store(nothing, i32.add(i32.load(nothing, run.changed), one), run.changed),
    n.set(nothing),
  );
  f.block((copied) => {
    f.loop((again) => {
      f.goIf(copied, i32.ge(n.get, b.get));
      f.do(i64.store(n.get, i64.load(i32.add(from.get, n.get)), run.bytes));
      f.do(n.set(i32.add(n.get, i32.const(8))));
      f.go(again);
    });
  });
}

/** The line break behind the last cell; a line that lacks it may go on in the bytes to come. */
function endLine(cursor: Cursor, to: Local): void {
  const { f, at, stop, line, layout } = cursor;
  f.if(i32.eq(i32.load8(at.get), carriageReturn), () => f.do(at.set(i32.add(at.get, one))));
  f.goIf(stop, i32.ge(at.get, to.get));
  f.do(
    at.set(i32.add(at.get, one)),
    i32.store(ofLine(cursor, 4), at.get, layout.ends),
    line.set(i32.add(line.get, one)),
  );
}

/**
 * The module that reads lines of one kind. `run(from, to, lines)` reads up to so many of the bytes
 * `from .. to`, behind which a line break stands; it gives how many it read.
 */
export function kernelModule(layout: KernelLayout, pages: number): Uint8Array {
  const f = new WasmFunction(3);
  const [at, to, lines] = f.parameters;
  const line = f.local();
  const [start, end, b, n] = [f.local(), f.local(), f.local(), f.local()];
  f.block((stop) => {
    const cursor: Cursor = { f, layout, at, line, start, end, b, n, stop };
    const times = new TimeCode(cursor);
    f.loop((again) => {
      f.goIf(stop, i32.ge(line.get, lines.get));
      // Rows begin with an empty cell.
      f.goIf(stop, i32.ne(i32.load8(at.get), comma));
      layout.places.forEach((place, i) => {
        const last = i === layout.places.length - 1;
        if (place.run === undefined) readCell(cursor, place.at, times, last);
        else readRun(cursor, place.run, last);
        if (!last) f.do(at.set(i32.add(at.get, one)));
      });
      endLine(cursor, to);
      f.go(again);
    });
  });
  f.do(line.get);
  return wasmModule([next(comma, newline), next(quote, newline), f], pages);
}

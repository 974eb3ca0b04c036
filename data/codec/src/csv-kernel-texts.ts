import {
  type ColumnPlace,
  hashBits,
  knownAt,
  knownBytes,
  knownLength,
  longAt,
  longBytes,
  longEntries,
  slotBytes,
  slotShiftAt,
  slotsBeside,
  textsBytes,
} from "./csv-kernel-plan.ts";
import {
  longEntry,
  noteLack,
  noteOdd,
  inColumn,
  ofColumn,
  ofLine,
  toCellEnd,
  type Cursor,
} from "./csv-kernel-cells.ts";
import { call, i32, i64, type Code, type Local, v128, WasmFunction } from "./wasm-code.ts";

const newline = i32.const(0x0a);
const carriageReturn = i32.const(0x0d);
const quote = i32.const(0x22);
const one = i32.const(1);
const nothing = i32.const(0);

/** Reads a text: copies it, or finds its code. */
export function readText(cursor: Cursor, place: ColumnPlace, last: boolean): void {
  const { f } = cursor;
  f.block((done) => {
    f.if(i32.eqz(i32.load(ofColumn(cursor), place.copies)), () => {
      findCode(cursor, place, last);
      f.go(done);
    });
    copyText(cursor, place, last);
  });
}
/** Odd factors that mix bytes well into the upper bits of the product. */
const factors = [
  0x9e3779b97f4a7c15n,
  0xc2b2ae3d27d4eb4fn,
  0x165667b19e3779f9n,
  0xd6e8feb86659fd93n,
];

/** Finds the code of a text: compares its 32 bytes with the known texts in its slot and those beside it. */
function findCode(cursor: Cursor, place: ColumnPlace, last: boolean): void {
  const { f, start, end, n, b, layout } = cursor;
  const [area, slot, first, known] = [f.local(), f.local(), f.local(), f.local()];
  const parts = [f.local("v128"), f.local("v128")];
  toCellEnd(cursor, last);
  f.do(slot.set(nothing), n.set(i32.sub(end.get, start.get)));
  f.do(area.set(i32.load(ofColumn(cursor), place.known)));
  f.block((found) => {
    f.block((odd) => {
      // An empty text would equal the entry of an empty slot.
      f.if(i32.eqz(n.get), () => {
        f.do(i32.store(ofLine(cursor, 4), i32.load(ofColumn(cursor), place.empty), place.values));
        if (place.column.nullable) noteLack(cursor, place);
        f.go(found);
      });
      f.if(i32.gt(n.get, i32.const(knownLength)), () => {
        const { rework } = cursor;
        const long = i32.add(area.get, i32.const(longAt));
        f.do(slot.set(call(longEntry, start.get, n.get, rework.get, long)));
        f.goIf(odd, i32.and(slot.get, one));
        f.do(i32.store(ofLine(cursor, 4), i32.load(slot.get, 4), place.values));
        f.go(found);
      });
      const ones = i32.sub(i32.const(layout.ones + knownLength), n.get);
      parts.forEach((part, i) => {
        const mask = v128.load(ones, 16 * i);
        f.do(part.set(v128.and(v128.load(start.get, 16 * i), mask)));
      });
      const hashed = factors.map((factor, i) =>
        i64.mul(v128.half((i & 1) as 0 | 1, parts[i >> 1].get), i64.const(factor)),
      );
      // As `KnownTexts.learn` writes it.
      const length = i32.add(n.get, i32.shl(cursor.rework.get, i32.const(8)));
      const mark = i32.or(length, i32.shl(slot.get, i32.const(16)));
      const bits = i64.const(BigInt(64 - hashBits));
      f.do(slot.set(i32.of(i64.shr(hashed.reduce(i64.xor), bits))), b.set(nothing));
      f.do(first.set(i32.shr(slot.get, i32.load(area.get, slotShiftAt))));
      f.loop((beside) => {
        const beneath = i32.mul(i32.xor(first.get, b.get), i32.const(slotBytes));
        const number = i32.load16(i32.add(area.get, beneath));
        f.do(known.set(i32.add(area.get, i32.mul(number, i32.const(knownBytes)))));
        f.block((other) => {
          f.goIf(other, i32.ne(i32.load(known.get, knownAt), mark));
          const unlike = parts.map((part, i) =>
            v128.xor(part.get, v128.load(known.get, knownAt + 8 + 16 * i)),
          );
          f.goIf(other, v128.anyTrue(unlike.reduce((x, y) => v128.or(x, y))));
          const code = i32.load(known.get, knownAt + 4);
          f.do(i32.store(ofLine(cursor, 4), code, place.values));
          f.go(found);
        });
        f.do(b.set(i32.add(b.get, one)));
        f.goIf(beside, i32.lt(b.get, i32.const(slotsBeside)));
      });
    });
    noteOdd(cursor, place, slot);
  });
}
/**
 * `longEntry(from, length, rework, long)`: the address of the entry of a text, plus 1 if the entry holds another or
 * none.
 */
export function longEntryFunction(): WasmFunction {
  const f = new WasmFunction(4);
  const [from, length, rework, long] = f.parameters;
  const [n, left, known, unlike] = [f.local(), f.local(), f.local(), f.local()];
  const hash = f.local("i64");
  const eight = i32.const(8);
  const here = i64.load(i32.add(from.get, n.get));
  const there = i64.load(i32.add(known.get, n.get));
  /** Calls `take` for each eight bytes; shifts out what is behind the text where fewer are left. */
  const words = (take: (of: (eight: Code) => Code) => void): void => {
    const shift = i64.of(i32.sub(i32.const(64), i32.mul(left.get, eight)));
    f.do(n.set(nothing));
    f.block((end) => {
      f.loop((again) => {
        f.do(left.set(i32.sub(length.get, n.get)));
        f.goIf(end, i32.lt(left.get, eight));
        take((word) => word);
        f.do(n.set(i32.add(n.get, eight)));
        f.go(again);
      });
    });
    f.if(left.get, () => take((word) => i64.shl(word, shift)));
  };
  words((of) => f.do(hash.set(i64.mul(i64.xor(hash.get, of(here)), i64.const(factors[0])))));
  const bits = i64.const(BigInt(64 - Math.log2(longEntries)));
  const entry = i32.mul(i32.of(i64.shr(hash.get, bits)), i32.const(longBytes));
  f.do(long.set(i32.add(long.get, entry)), unlike.set(one));
  f.block((other) => {
    // As `KnownTexts.learn` writes it.
    const mark = i32.or(i32.shl(length.get, one), rework.get);
    f.goIf(other, i32.ne(i32.load(long.get), mark));
    f.do(known.set(i32.load(long.get, 8)));
    words((of) => f.goIf(other, i32.eqz(i64.eqz(of(i64.xor(here, there))))));
    f.do(unlike.set(nothing));
  });
  f.do(i32.add(long.get, unlike.get));
  return f;
}
function copyText(cursor: Cursor, place: ColumnPlace, last: boolean): void {
  const { f, start, end, rework, n, b, line, stop } = cursor;
  const to = f.local();
  toCellEnd(cursor, last);
  f.do(n.set(nothing), to.set(nothing));
  f.if(line.get, () => {
    const before = i32.load(i32.sub(ofLine(cursor, 4), i32.const(4)), place.values);
    f.do(to.set(i32.sub(before, i32.load(ofColumn(cursor), place.base))));
  });
  f.do(b.set(i32.sub(end.get, start.get)));
  f.goIf(stop, i32.gt(i32.add(to.get, b.get), i32.const(textsBytes)));
  f.block((copied) => {
    f.if(rework.get, () => {
      reworkText(cursor, place, to);
      f.go(copied);
    });
    f.loop((again) => {
      f.goIf(copied, i32.ge(n.get, b.get));
      const eight = i64.load(i32.add(start.get, n.get));
      f.do(i64.store(inColumn(cursor, i32.add(to.get, n.get)), eight, place.texts));
      f.do(n.set(i32.add(n.get, i32.const(8))));
      f.go(again);
    });
  });
  const ends = i32.add(i32.add(to.get, b.get), i32.load(ofColumn(cursor), place.base));
  f.do(i32.store(ofLine(cursor, 4), ends, place.values));
  f.if(i32.eqz(b.get), () => {
    if (place.column.nullable) noteLack(cursor, place);
    else noteOdd(cursor, place);
  });
}
/** Copies a text without the quotes and carriage returns that do not belong to it; `b` becomes its length. */
function reworkText(cursor: Cursor, place: ColumnPlace, to: Local): void {
  const { f, start, end, n, b } = cursor;
  const isNext = (byte: Code): Code => i32.eq(i32.load8(start.get, 1), byte);
  const byte = f.local();
  f.block((done) => {
    f.loop((again) => {
      f.goIf(done, i32.ge(start.get, end.get));
      f.do(byte.set(i32.load8(start.get)));
      const twice = i32.and(i32.eq(byte.get, quote), isNext(quote));
      const returned = i32.and(i32.eq(byte.get, carriageReturn), isNext(newline));
      // The second of two quotes is written, and the second byte of a line break.
      f.do(start.set(i32.add(start.get, i32.or(twice, returned))));
      const into = inColumn(cursor, i32.add(to.get, n.get));
      f.do(i32.store8(into, i32.load8(start.get), place.texts));
      f.do(n.set(i32.add(n.get, one)), start.set(i32.add(start.get, one)));
      f.go(again);
    });
  });
  f.do(b.set(n.get));
}

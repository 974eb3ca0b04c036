import { hashPrime, hashStart } from "@tocsin/data/column";
import { knownBytes, knownTexts, textsBytes, type ColumnPlace } from "./csv-kernel-plan.ts";
import {
  endsHere,
  noteOdd,
  ofLine,
  toCellEnd,
  toQuotedEnd,
  type Cursor,
} from "./csv-kernel-cells.ts";
import { i32, i64, type Code, type Local } from "./wasm-code.ts";

const comma = i32.const(0x2c);
const newline = i32.const(0x0a);
const carriageReturn = i32.const(0x0d);
const quote = i32.const(0x22);
const one = i32.const(1);
const nothing = i32.const(0);

/** A text: copied, or its code found. */
export function readText(cursor: Cursor, place: ColumnPlace, last: boolean): void {
  const { f } = cursor;
  f.block((done) => {
    f.if(i32.eqz(i32.load(nothing, place.copies)), () => {
      findCode(cursor, place, last);
      f.go(done);
    });
    copyText(cursor, place, last);
  });
}
/** Moves on to the end of a text, and takes its bytes, as they stand there, to `hash`. */
function hashText(cursor: Cursor, hash: Local, last: boolean): void {
  const { f, at, start, end, rework, b, n, stop } = cursor;
  const take = (from: Local): void =>
    f.do(
      hash.set(i32.mul(i32.xor(hash.get, b.get), i32.const(hashPrime))),
      from.set(i32.add(from.get, one)),
    );
  f.do(hash.set(i32.const(hashStart)));
  f.block((done) => {
    f.block((plain) => {
      f.goIf(plain, i32.ne(i32.load8(start.get), quote));
      toQuotedEnd(cursor, last);
      f.do(n.set(start.get));
      f.loop((again) => {
        f.goIf(done, i32.ge(n.get, end.get));
        f.do(b.set(i32.load8(n.get)));
        take(n);
        f.go(again);
      });
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
        take(at);
        f.go(again);
      });
    });
    f.goIf(stop, i32.eqz(endsHere(cursor, last)));
    f.do(end.set(at.get), rework.set(nothing));
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
  const { f, start, end, rework, n, b, line, stop } = cursor;
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
    f.if(rework.get, () => {
      reworkText(cursor, place, to);
      f.go(copied);
    });
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
/** Copies a text without the quotes and carriage returns that are not of it; `b` becomes its length. */
function reworkText({ f, start, end, n, b }: Cursor, place: ColumnPlace, to: Local): void {
  const isNext = (byte: Code): Code => i32.eq(i32.load8(start.get, 1), byte);
  const byte = f.local();
  f.block((done) => {
    f.loop((again) => {
      f.goIf(done, i32.ge(start.get, end.get));
      f.do(byte.set(i32.load8(start.get)));
      const twice = i32.and(i32.eq(byte.get, quote), isNext(quote));
      const returned = i32.and(i32.eq(byte.get, carriageReturn), isNext(newline));
      // Of two quotes the second is written, of two bytes of a line break, too.
      f.do(start.set(i32.add(start.get, i32.or(twice, returned))));
      f.do(i32.store8(i32.add(to.get, n.get), i32.load8(start.get), place.texts));
      f.do(n.set(i32.add(n.get, one)), start.set(i32.add(start.get, one)));
      f.go(again);
    });
  });
  f.do(b.set(n.get));
}

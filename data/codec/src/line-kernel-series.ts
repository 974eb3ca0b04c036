import type { LineCursor } from "./line-kernel-code.ts";
import { knownSeries, place } from "./line-kernel-plan.ts";
import { call, type Code, i32, i64, type Local, WasmFunction } from "./wasm-code.ts";

const nothing = i32.const(0);
const one = i32.const(1);
const eight = i32.const(8);
const blanks = i64.const(0x2020202020202020n);
const lowBits = i64.const(0x0101010101010101n);
const highBits = i64.const(-0x7f7f7f7f7f7f7f80n);
/** Odd, and its bits look like chance. */
const mixer = i64.const(-0x61c8864680b583ebn);
const backslash = i32.const(0x5c);

/** Number of the function that tells whether `n` bytes at two addresses are the same. */
export const same = 0;

export function sameFunction(): WasmFunction {
  const f = new WasmFunction(3);
  const [a, b, n] = f.parameters;
  const result = f.local();
  f.block((end) => {
    f.loop((again) => {
      f.block((rest) => {
        f.goIf(rest, i32.lt(n.get, eight));
        f.goIf(end, i64.ne(i64.load(a.get), i64.load(b.get)));
        f.do(a.set(i32.add(a.get, eight)), b.set(i32.add(b.get, eight)));
        f.do(n.set(i32.sub(n.get, eight)));
        f.go(again);
      });
    });
    f.do(result.set(i32.eqz(n.get)));
    f.goIf(end, result.get);
    const unlike = i64.xor(i64.load(a.get), i64.load(b.get));
    f.do(
      result.set(i64.eqz(i64.shl(unlike, i64.of(i32.sub(i32.const(64), i32.mul(n.get, eight)))))),
    );
  });
  f.do(result.get);
  return f;
}

/** Moves on to the blank behind the series, and sets `series` to what is known of it. */
export function findSeries(cursor: LineCursor, series: Local): void {
  const { f, at, start, n, b, stop } = cursor;
  const hash = hashSeries(cursor);
  const slot = f.local();
  f.do(
    n.set(i32.sub(at.get, start.get)),
    b.set(i32.of(i64.shr(hash.get, i64.const(32n)))),
    slot.set(b.get),
  );
  f.block((found) => {
    f.loop((again) => {
      const inTable = i32.mul(i32.and(slot.get, i32.load(nothing, place.mask)), eight);
      f.do(slot.set(i32.and(slot.get, i32.load(nothing, place.mask))));
      const entry = i32.add(i32.load(nothing, place.table), inTable);
      f.do(series.set(i32.load(entry, 4)));
      f.if(i32.eqz(series.get), () => {
        f.do(i32.store(nothing, b.get, place.hash), i32.store(nothing, at.get, place.seriesEnd));
        f.go(stop);
      });
      const alike: Code = i32.and(
        i32.eq(i32.load(entry), b.get),
        i32.eq(i32.load(series.get, knownSeries.length), n.get),
      );
      f.if(alike, () => {
        const bytes = i32.add(series.get, i32.const(knownSeries.bytes));
        f.goIf(found, call(same, start.get, bytes, n.get));
      });
      f.do(slot.set(i32.add(slot.get, one)));
      f.go(again);
    });
  });
}

/** Eight bytes at a time up to the first blank that has no backslash before it. */
function hashSeries({ f, at, to, start, n, stop }: LineCursor): Local {
  const [hash, word, zeros] = [f.local("i64"), f.local("i64"), f.local("i64")];
  const take = (bytes: Code): Code => hash.set(i64.mul(i64.xor(hash.get, bytes), mixer));
  f.do(hash.set(i64.const(0n)));
  f.loop((again) => {
    f.goIf(stop, i32.ge(at.get, to.get));
    f.do(word.set(i64.load(at.get)), zeros.set(i64.xor(word.get, blanks)));
    const without = i64.xor(zeros.get, i64.const(-1n));
    f.do(zeros.set(i64.and(i64.and(i64.sub(zeros.get, lowBits), without), highBits)));
    f.if(i64.eqz(zeros.get), () => {
      f.do(take(word.get), hash.set(i64.xor(hash.get, i64.shr(hash.get, i64.const(29n)))));
      f.do(at.set(i32.add(at.get, eight)));
      f.go(again);
    });
    f.do(n.set(i32.shr(i32.of(i64.trailingZeros(zeros.get)), i32.const(3))));
    f.do(at.set(i32.add(at.get, n.get)));
    const escaped = i32.eq(i32.load8(i32.sub(at.get, one)), backslash);
    f.if(i32.and(i32.gt(at.get, start.get), escaped), () => {
      f.do(n.set(i32.add(n.get, one)), at.set(i32.add(at.get, one)));
      f.do(take(lowest(word, n)));
      f.go(again);
    });
    f.do(take(lowest(word, n)));
  });
  return hash;
}

/** The lowest `n` bytes, of at most eight. */
function lowest(word: Local, n: Local): Code {
  // In two steps: a shift by 64 bits would be one by none.
  const bits = i64.of(i32.sub(i32.const(32), i32.mul(n.get, i32.const(4))));
  const up = i64.shl(i64.shl(word.get, bits), bits);
  return i64.shr(i64.shr(up, bits), bits);
}

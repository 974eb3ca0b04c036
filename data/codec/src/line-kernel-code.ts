import type { NumberCursor } from "./csv-kernel-numbers.ts";
import { knownKey, knownSeries, place } from "./line-kernel-plan.ts";
import { findSeries, same, sameFunction } from "./line-kernel-series.ts";
import { readTime, readValue } from "./line-kernel-values.ts";
import { call, i32, i64, type Label, type Local, WasmFunction, wasmModule } from "./wasm-code.ts";

const nothing = i32.const(0);
const one = i32.const(1);
const comma = i32.const(0x2c);

/** The variables of the kernel's loop. `line`, by which numbers are put down, counts values. */
export interface LineCursor extends NumberCursor {
  /** Behind the last byte. */
  readonly to: Local;
  readonly textEnd: Local;
  /** All bits of the bytes of texts. */
  readonly textBits: Local;
  /** The line is not read. */
  readonly stop: Label;
  readonly odd: Label;
}

/** Keys that are looked at before a line counts as odd. */
const keysTried = 16;

/** Moves `key` on to the one that stands at `at`, and `at` behind its `=`. */
function findKey({ f, at, n, b, odd }: LineCursor, key: Local, number: Local): void {
  f.do(b.set(i32.const(keysTried)));
  f.block((found) => {
    f.loop((again) => {
      const length = i32.load(key.get, knownKey.length);
      f.do(n.set(length));
      const bytes = i32.add(key.get, i32.const(knownKey.bytes));
      f.goIf(found, call(same, at.get, bytes, n.get));
      f.do(key.set(i32.load(key.get, knownKey.next)), b.set(i32.sub(b.get, one)));
      f.goIf(again, b.get);
    });
    f.go(odd);
  });
  // A key that occurs twice.
  f.goIf(odd, i32.eq(i32.load(key.get, knownKey.line), number.get));
  f.do(i32.store(key.get, number.get, knownKey.line), at.set(i32.add(at.get, n.get)));
}

/** Gives each value of a line its time; there is one. */
function putTimes({ f }: LineCursor, from: Local, { time, to }: { time: Local; to: Local }): void {
  f.loop((again) => {
    f.do(i64.store(i32.mul(from.get, i32.const(8)), time.get, place.times));
    f.do(from.set(i32.add(from.get, one)));
    f.goIf(again, i32.lt(from.get, to.get));
  });
}

/**
 * The module that reads lines of known series and keys. `run(from, to)` reads the lines in the bytes
 * `from .. to`, behind which a line break stands, up to one that it cannot read or that is not whole;
 * it gives how many it read.
 */
export function lineKernelModule(pages: number): Uint8Array {
  const f = new WasmFunction(2);
  const [at, to] = f.parameters;
  const [start, b, n, row, points] = [f.local(), f.local(), f.local(), f.local(), f.local()];
  const [begin, kept, textEnd, textBits] = [f.local(), f.local(), f.local(), f.local()];
  const [series, key, number, time] = [f.local(), f.local(), f.local(), f.local("i64")];
  const store = (at: number, local: Local): void => f.do(i32.store(nothing, local.get, at));
  f.do(begin.set(at.get), number.set(i32.load(nothing, place.line)));
  f.do(i32.store(nothing, nothing, place.seriesEnd));
  f.block((stop) => {
    const cursor: LineCursor = {
      f,
      layout: place,
      at,
      to,
      start,
      b,
      n,
      line: row,
      textEnd,
      textBits,
      stop,
      odd: stop,
    };
    f.loop((again) => {
      f.do(start.set(at.get));
      findSeries(cursor, series);
      f.do(at.set(i32.add(at.get, one)), key.set(i32.load(series.get, knownSeries.firstKey)));
      f.loop((more) => {
        findKey(cursor, key, number);
        readValue(cursor, key);
        const word = i32.mul(row.get, i32.const(4));
        f.do(i32.store(word, i32.load(key.get, knownKey.code), place.codes));
        f.do(i32.store(word, points.get, place.lines));
        f.do(row.set(i32.add(row.get, one)), key.set(i32.load(key.get, knownKey.next)));
        f.do(b.set(i32.load8(at.get)), at.set(i32.add(at.get, one)));
        f.goIf(more, i32.eq(b.get, comma));
      });
      readTime(cursor, time);
      // The line break behind the bytes is none of theirs.
      f.goIf(stop, i32.gt(at.get, to.get));
      putTimes(cursor, kept, { time, to: row });
      f.do(begin.set(at.get));
      f.do(points.set(i32.add(points.get, one)), number.set(i32.add(number.get, one)));
      f.go(again);
    });
  });
  store(place.stop, begin);
  store(place.rows, kept);
  store(place.textBits, textBits);
  f.do(i32.store(nothing, i32.add(number.get, one), place.line));
  f.do(points.get);
  return wasmModule([sameFunction(), f], pages);
}

import { runBytesMax, type RunPlace } from "./csv-kernel-plan.ts";
import { endsHere, toCellEnd, type Cursor } from "./csv-kernel-cells.ts";
import { i32, i64 } from "./wasm-code.ts";

const one = i32.const(1);
const nothing = i32.const(0);

/** A run of group columns: nothing is read while its bytes repeat. */
export function readRun(cursor: Cursor, run: RunPlace, last: boolean): void {
  const { f, at, start, n, b } = cursor;
  const { broken } = cursor.layout;
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
      f.goIf(differs, i32.eqz(endsHere(cursor, last)));
      const breaks = i32.load(nothing, run.breaks);
      f.if(breaks, () =>
        f.do(i32.store(nothing, i32.add(i32.load(nothing, broken), breaks), broken)),
      );
      f.go(done);
    });
    readChange(cursor, run, last);
  });
}
/** Notes where the cells of another run are, and compares with it from then on. */
function readChange(cursor: Cursor, run: RunPlace, last: boolean): void {
  const { f, at, start, end, rework, line, n, b, stop } = cursor;
  const { broken } = cursor.layout;
  const from = f.local();
  const before = f.local();
  const change = f.local();
  f.do(
    from.set(start.get),
    before.set(i32.load(nothing, broken)),
    change.set(i32.mul(i32.load(nothing, run.changed), i32.const(run.changeBytes))),
    i32.store(change.get, line.get, run.changes),
  );
  for (let cell = 0; cell < run.cells; cell++) {
    if (cell > 0) f.do(start.set(i32.add(at.get, one)));
    toCellEnd(cursor, last && cell === run.cells - 1);
    f.goIf(stop, rework.get);
    f.do(i32.store(change.get, start.get, run.changes + 4 + 8 * cell));
    f.do(i32.store(change.get, end.get, run.changes + 8 + 8 * cell));
  }
  f.do(b.set(i32.sub(at.get, from.get)));
  f.goIf(stop, i32.gt(b.get, i32.const(runBytesMax)));
  f.do(
    i32.store(nothing, b.get, run.length),
    i32.store(nothing, i32.sub(i32.load(nothing, broken), before.get), run.breaks),
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

import { knownLength, runBytesMax, type RunPlace } from "./csv-kernel-plan.ts";
import { endsHere, toCellEnd, type Cursor } from "./csv-kernel-cells.ts";
import { type Code, i32, i64, type Label, type Local, v128 } from "./wasm-code.ts";

const one = i32.const(1);
const nothing = i32.const(0);
const sixteen = i32.const(16);

/** Reads a run of group columns, whose cells are not looked at while its bytes repeat. */
export function readRun(cursor: Cursor, run: RunPlace, last: boolean): void {
  const { f, at, start } = cursor;
  const { broken } = cursor.layout;
  const length = f.local();
  f.do(start.set(at.get), length.set(i32.load(nothing, run.length)));
  f.block((done) => {
    f.block((differs) => {
      f.block((alike) => {
        f.block((long) => {
          f.goIf(long, i32.gt(length.get, sixteen));
          const few = v128.load(i32.sub(i32.const(ofOnes(cursor)), length.get));
          f.goIf(differs, v128.anyTrue(v128.and(unlikeAt(cursor, run, nothing), few)));
          f.go(alike);
        });
        compareLong(cursor, run, length, differs);
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
/** The address between ones and zeros: n bytes before it begins a mask of n ones followed by zeros. */
const ofOnes = ({ layout }: Cursor): number => layout.ones + knownLength;
/** Sixteen bytes, zero where they are those of the run before. */
const unlikeAt = ({ start }: Cursor, run: RunPlace, from: Code): Code =>
  v128.xor(v128.load(i32.add(start.get, from)), v128.load(from, run.bytes));

/** Compares more than sixteen bytes; the last sixteen may overlap those before. */
function compareLong(cursor: Cursor, run: RunPlace, length: Local, differs: Label): void {
  const { f, n } = cursor;
  const unlike = v128.anyTrue(unlikeAt(cursor, run, n.get));
  f.goIf(differs, i32.eq(length.get, i32.const(-1)));
  f.do(n.set(nothing));
  f.loop((again) => {
    f.goIf(differs, unlike);
    f.do(n.set(i32.add(n.get, sixteen)));
    f.goIf(again, i32.le(i32.add(n.get, sixteen), length.get));
  });
  f.do(n.set(i32.sub(length.get, sixteen)));
  f.goIf(differs, unlike);
}
/** Notes where the cells of a run that differs are; the next ones are compared with it. */
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

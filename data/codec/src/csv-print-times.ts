import type { PrintPlace } from "./csv-print-plan.ts";
import { ofRow, padded, type Printing, stripped } from "./csv-printing.ts";
import { call, i32, i64, type Code, type Local, type WasmFunction } from "./wasm-code.ts";

const nothing = i32.const(0);
const one = i32.const(1);
const ten = i32.const(10);
const billion = i64.const(1_000_000_000n);
const dayNanoseconds = i64.const(86_400_000_000_000n);

/** RFC 3339 in UTC, with as many digits of a second as it has. */
export function printTime(printing: Printing, { values, date }: PrintPlace): void {
  const { f, at, stop } = printing;
  // Far enough from the ends of what 64 bits hold that no difference of two times overflows.
  const far = 2n ** 63n - 2n * 86_400_000_000_000n;
  const [midnight, inDay] = [f.local("i64"), f.local("i64")];
  const [known, second, minute, fraction] = [f.local(), f.local(), f.local(), f.local()];
  const fromEnd = i64.add(i64.load(ofRow(printing, 8), values), i64.const(far));
  f.goIf(stop, i64.ge(fromEnd, i64.const(BigInt.asIntN(64, 2n * far))));
  f.do(inDay.set(i64.sub(i64.load(ofRow(printing, 8), values), midnight.get)));
  const stale = i32.or(i32.eqz(known.get), i64.ge(inDay.get, dayNanoseconds));
  f.if(stale, () => {
    const time = inDay;
    f.do(time.set(i64.load(ofRow(printing, 8), values)));
    printDate(f, date, time, midnight);
    f.do(inDay.set(i64.sub(time.get, midnight.get)), known.set(one));
  });
  const two = (digits: Code): Code => {
    const tens = i32.div(digits, ten);
    const ones = i32.sub(digits, i32.mul(tens, ten));
    return i32.add(i32.or(tens, i32.shl(ones, i32.const(8))), i32.const(0x3030));
  };
  f.do(
    second.set(i32.of(i64.div(inDay.get, billion))),
    fraction.set(i32.of(i64.sub(inDay.get, i64.mul(i64.of(second.get), billion)))),
    i64.store(at.get, i64.load(nothing, date)),
    i64.store(at.get, i64.load(nothing, date + 3), 3),
    minute.set(i32.div(second.get, i32.const(60))),
    second.set(i32.sub(second.get, i32.mul(minute.get, i32.const(60)))),
    i32.store16(at.get, two(i32.div(minute.get, i32.const(60))), 11),
    i32.store8(at.get, i32.const(0x3a), 13),
    i32.store16(at.get, two(i32.rem(minute.get, i32.const(60))), 14),
    i32.store8(at.get, i32.const(0x3a), 16),
    i32.store16(at.get, two(second.get), 17),
    at.set(i32.add(at.get, i32.const(19))),
  );
  f.if(fraction.get, () => {
    f.do(at.set(call(stripped, fraction.get, i32.const(9), at.get)));
  });
  f.do(i32.store8(at.get, i32.const(0x5a)), at.set(i32.add(at.get, one)));
}
/** Puts `2026-01-31T` of a time where dates are copied from; `midnight` becomes its day's beginning. */
function printDate(f: WasmFunction, date: number, time: Local, midnight: Local): void {
  const day = f.local("i64");
  const [z, era, doe, yoe, doy, mp] = Array.from({ length: 6 }, () => f.local());
  const c = i32.const;
  f.do(day.set(i64.divSigned(time.get, dayNanoseconds)));
  // Divisions go towards zero, days begin at their midnight.
  f.if(i64.ltSigned(time.get, i64.mul(day.get, dayNanoseconds)), () => {
    f.do(day.set(i64.sub(day.get, i64.const(1n))));
  });
  // Years are taken to begin in March, and counted from the year 0 on.
  f.do(
    midnight.set(i64.mul(day.get, dayNanoseconds)),
    z.set(i32.add(i32.of(day.get), c(719_468))),
    era.set(i32.div(z.get, c(146_097))),
    doe.set(i32.sub(z.get, i32.mul(era.get, c(146_097)))),
    yoe.set(i32.sub(i32.add(doe.get, i32.div(doe.get, c(36_524))), i32.div(doe.get, c(1460)))),
    yoe.set(i32.div(i32.sub(yoe.get, i32.div(doe.get, c(146_096))), c(365))),
    doy.set(i32.add(i32.mul(yoe.get, c(365)), i32.div(yoe.get, c(4)))),
    doy.set(i32.sub(doe.get, i32.sub(doy.get, i32.div(yoe.get, c(100))))),
    mp.set(i32.div(i32.add(i32.mul(doy.get, c(5)), c(2)), c(153))),
    doy.set(i32.sub(doy.get, i32.div(i32.add(i32.mul(mp.get, c(153)), c(2)), c(5)))),
    mp.set(i32.add(mp.get, c(3))),
    yoe.set(i32.add(yoe.get, i32.mul(era.get, c(400)))),
  );
  f.if(i32.gt(mp.get, c(12)), () => {
    f.do(mp.set(i32.sub(mp.get, c(12))), yoe.set(i32.add(yoe.get, one)));
  });
  const put = (value: Code, width: number, at: number): Code => [
    call(padded, value, c(width), c(date + at)),
    0x1a,
  ];
  f.do(
    put(yoe.get, 4, 0),
    put(mp.get, 2, 5),
    put(i32.add(doy.get, one), 2, 8),
    i32.store8(nothing, c(0x2d), date + 4),
    i32.store8(nothing, c(0x2d), date + 7),
    i32.store8(nothing, c(0x54), date + 10),
  );
}

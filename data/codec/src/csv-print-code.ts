import { type PrintLayout, type PrintPlace } from "./csv-print-plan.ts";
import {
  call,
  type Code,
  f64,
  i32,
  i64,
  type Label,
  type Local,
  WasmFunction,
  wasmModule,
} from "./wasm-code.ts";

const nothing = i32.const(0);
const one = i32.const(1);
const ten = i32.const(10);
const zero = i32.const(0x30);
const billion = i64.const(1_000_000_000n);
const dayNanoseconds = i64.const(86_400_000_000_000n);

/** Functions of the module, by their number. */
const padded = 0;
const number = 1;
const copied = 2;
const stripped = 3;

/** `padded(value, width, at)`: so many digits; gives the end. */
function paddedFunction(): WasmFunction {
  const f = new WasmFunction(3);
  const [value, width, at] = f.parameters;
  const [next, to] = [f.local(), f.local()];
  f.do(to.set(i32.add(at.get, width.get)), width.set(to.get));
  f.loop((again) => {
    const digit = i32.sub(value.get, i32.mul(next.get, ten));
    f.do(
      to.set(i32.sub(to.get, one)),
      next.set(i32.div(value.get, ten)),
      i32.store8(to.get, i32.add(digit, zero)),
      value.set(next.get),
    );
    f.goIf(again, i32.gt(to.get, at.get));
  });
  f.do(width.get);
  return f;
}
/** `number(value, at)`: its digits; gives the end. */
function numberFunction(): WasmFunction {
  const f = new WasmFunction(2);
  const [value, at] = f.parameters;
  const [width, power] = [f.local(), f.local()];
  f.do(width.set(one), power.set(ten));
  f.block((end) => {
    f.loop((again) => {
      f.goIf(end, i32.lt(value.get, power.get));
      f.do(width.set(i32.add(width.get, one)));
      f.goIf(end, i32.eq(width.get, ten));
      f.do(power.set(i32.mul(power.get, ten)));
      f.go(again);
    });
  });
  f.do(call(padded, value.get, width.get, at.get));
  return f;
}
/** `copied(from, length, at)`: copies bytes, and up to seven more; gives the end. */
function copiedFunction(): WasmFunction {
  const f = new WasmFunction(3);
  const [from, length, at] = f.parameters;
  const n = f.local();
  f.block((end) => {
    f.loop((again) => {
      f.goIf(end, i32.ge(n.get, length.get));
      f.do(i64.store(i32.add(at.get, n.get), i64.load(i32.add(from.get, n.get))));
      f.do(n.set(i32.add(n.get, i32.const(8))));
      f.go(again);
    });
  });
  f.do(i32.add(at.get, length.get));
  return f;
}
/** `stripped(fraction, width, at)`: a point and so many digits, without zeros at the end; gives the end. */
function strippedFunction(): WasmFunction {
  const f = new WasmFunction(3);
  const [fraction, width, at] = f.parameters;
  f.block((end) => {
    f.loop((again) => {
      f.goIf(end, i32.rem(fraction.get, ten));
      f.do(fraction.set(i32.div(fraction.get, ten)), width.set(i32.sub(width.get, one)));
      f.go(again);
    });
  });
  f.do(i32.store8(at.get, i32.const(0x2e)));
  f.do(call(padded, fraction.get, width.get, i32.add(at.get, one)));
  return f;
}

/** The variables of the loop over rows that all cells use. */
interface Printing {
  readonly f: WasmFunction;
  readonly layout: PrintLayout;
  readonly row: Local;
  /** Where the next byte goes. */
  readonly at: Local;
  /** The row is left to others. */
  readonly stop: Label;
}

const ofRow = ({ row }: Printing, bytes: number): Code => i32.mul(row.get, i32.const(bytes));

/** A double below 10^9 that has at most six digits behind the point: see `writeFloat`. */
function printFloat(printing: Printing, { values }: PrintPlace): void {
  const { f, at, stop } = printing;
  const value = f.local("f64");
  const magnitude = f.local("f64");
  const scaled = f.local("f64");
  const millionths = f.local("i64");
  const [whole, fraction] = [f.local(), f.local()];
  f.do(
    value.set(f64.load(ofRow(printing, 8), values)),
    magnitude.set(f64.abs(value.get)),
    scaled.set(f64.floor(f64.add(f64.mul(magnitude.get, f64.const(1e6)), f64.const(0.5)))),
  );
  f.goIf(stop, i32.eqz(f64.lt(magnitude.get, f64.const(1e9))));
  f.goIf(stop, f64.ne(f64.div(scaled.get, f64.const(1e6)), magnitude.get));
  f.if(i64.ltSigned(i64.bitsOf(value.get), i64.const(0n)), () => {
    f.do(i32.store8(at.get, i32.const(0x2d)), at.set(i32.add(at.get, one)));
  });
  const million = i64.const(1_000_000n);
  f.do(
    millionths.set(i64.ofFloat(scaled.get)),
    whole.set(i32.of(i64.div(millionths.get, million))),
    fraction.set(i32.of(i64.sub(millionths.get, i64.mul(i64.of(whole.get), million)))),
    at.set(call(number, whole.get, at.get)),
  );
  f.if(fraction.get, () => {
    f.do(at.set(call(stripped, fraction.get, i32.const(6), at.get)));
  });
}

function printInt(printing: Printing, { values, kind }: PrintPlace): void {
  const { f, at } = printing;
  const [value, upper, top] = [f.local("i64"), f.local("i64"), f.local("i64")];
  f.do(value.set(i64.load(ofRow(printing, 8), values)));
  if (kind === "int")
    f.if(i64.ltSigned(value.get, i64.const(0n)), () => {
      f.do(i32.store8(at.get, i32.const(0x2d)), at.set(i32.add(at.get, one)));
      f.do(value.set(i64.sub(i64.const(0n), value.get)));
    });
  const below = (all: Local, over: Local): Code =>
    i32.of(i64.sub(all.get, i64.mul(over.get, billion)));
  const nine = i32.const(9);
  f.do(upper.set(i64.div(value.get, billion)), top.set(i64.div(upper.get, billion)));
  f.block((done) => {
    f.block((long) => {
      f.goIf(long, i32.eqz(i64.eqz(upper.get)));
      f.do(at.set(call(number, i32.of(value.get), at.get)));
      f.go(done);
    });
    f.block((longest) => {
      f.block((longer) => {
        f.goIf(longer, i32.eqz(i64.eqz(top.get)));
        f.do(at.set(call(number, i32.of(upper.get), at.get)));
        f.go(longest);
      });
      f.do(at.set(call(number, i32.of(top.get), at.get)));
      f.do(at.set(call(padded, below(upper, top), nine, at.get)));
    });
    f.do(at.set(call(padded, below(value, upper), nine, at.get)));
  });
}

/** RFC 3339 in UTC, with as many digits of a second as it has. */
function printTime(printing: Printing, { values, date }: PrintPlace): void {
  const { f, at, stop } = printing;
  // So far from the ends of what 64 bits hold that no difference of two times counts.
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

function printBool(printing: Printing, { values }: PrintPlace): void {
  const { f, at, row } = printing;
  f.block((done) => {
    f.block((no) => {
      f.goIf(no, i32.eqz(i32.load8(row.get, values)));
      f.do(i32.store(at.get, i32.const(0x65757274)), at.set(i32.add(at.get, i32.const(4))));
      f.go(done);
    });
    f.do(i32.store(at.get, i32.const(0x736c6166)), i32.store8(at.get, i32.const(0x65), 4));
    f.do(at.set(i32.add(at.get, i32.const(5))));
  });
}

function printText(printing: Printing, { values, offsets }: PrintPlace): void {
  const { f, at } = printing;
  const [entry, from] = [f.local(), f.local()];
  f.do(
    entry.set(i32.mul(i32.load(ofRow(printing, 4), values), i32.const(4))),
    from.set(i32.load(entry.get, offsets)),
  );
  const length = i32.sub(i32.load(entry.get, offsets + 4), from.get);
  f.do(at.set(call(copied, from.get, length, at.get)));
}

function printCell(printing: Printing, place: PrintPlace): void {
  switch (place.kind) {
    case "float":
      return printFloat(printing, place);
    case "time":
      return printTime(printing, place);
    case "bool":
      return printBool(printing, place);
    case "text":
      return printText(printing, place);
    default:
      return printInt(printing, place);
  }
}

/**
 * The module that prints rows of one kind. `run(from, to)` prints the rows `from .. to` to where `to` of
 * the layout says, until one would not fit or has a cell that it leaves to others; it gives that row.
 */
export function printModule(layout: PrintLayout, pages: number): Uint8Array {
  const f = new WasmFunction(2);
  const [row, end] = f.parameters;
  const at = f.local();
  f.block((stop) => {
    const printing = { f, layout, row, at, stop };
    f.loop((again) => {
      f.goIf(stop, i32.ge(row.get, end.get));
      f.do(at.set(i32.load(nothing, layout.to)));
      f.goIf(stop, i32.gt(at.get, i32.load(nothing, layout.limit)));
      for (const place of layout.places) {
        const length = i32.load(nothing, place.fixedLength);
        f.do(at.set(call(copied, i32.const(place.fixed), length, at.get)));
        f.block((absent) => {
          f.if(i32.load(nothing, place.holes), () => {
            const byte = i32.load8(i32.shr(row.get, i32.const(3)), place.valid);
            const bit = i32.shr(byte, i32.and(row.get, i32.const(7)));
            f.goIf(absent, i32.eqz(i32.and(bit, one)));
          });
          printCell(printing, place);
        });
      }
      const length = i32.load(nothing, layout.restLength);
      f.do(i32.store(nothing, call(copied, i32.const(layout.rest), length, at.get), layout.to));
      f.do(row.set(i32.add(row.get, one)));
      f.go(again);
    });
  });
  f.do(row.get);
  const helpers = [paddedFunction(), numberFunction(), copiedFunction(), strippedFunction()];
  return wasmModule([...helpers, f], pages);
}

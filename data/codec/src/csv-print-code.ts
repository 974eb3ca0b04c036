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

/** A double below 10^9. With at most six digits behind the point it is printed at once: see `writeFloat`. */
function printFloat(printing: Printing, { values }: PrintPlace): void {
  const { f, at, stop } = printing;
  const [value, magnitude, scaled] = [f.local("f64"), f.local("f64"), f.local("f64")];
  const millionths = f.local("i64");
  const [whole, fraction] = [f.local(), f.local()];
  f.do(
    value.set(f64.load(ofRow(printing, 8), values)),
    magnitude.set(f64.abs(value.get)),
    scaled.set(f64.floor(f64.add(f64.mul(magnitude.get, f64.const(1e6)), f64.const(0.5)))),
  );
  f.goIf(stop, i32.eqz(f64.lt(magnitude.get, f64.const(1e9))));
  f.if(i64.ltSigned(i64.bitsOf(value.get), i64.const(0n)), () => {
    f.do(i32.store8(at.get, i32.const(0x2d)), at.set(i32.add(at.get, one)));
  });
  f.block((done) => {
    f.if(f64.ne(f64.div(scaled.get, f64.const(1e6)), magnitude.get), () => {
      printLong(printing, magnitude);
      f.go(done);
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
  });
}

/** The shortest text of a double that needs many digits, where that is certain: see `writeShortest`. */
function printLong(printing: Printing, magnitude: Local): void {
  const { f, layout, stop } = printing;
  const local = (): Local => f.local("f64");
  const [power, product, upper, lower, a, b] = [
    local(),
    local(),
    local(),
    local(),
    local(),
    local(),
  ];
  const bits = f.local("i64");
  const [exponent, p] = [f.local(), f.local()];
  f.goIf(stop, f64.lt(magnitude.get, f64.const(1e-6)));
  f.do(bits.set(i64.bitsOf(magnitude.get)));
  // The neighbour below a power of two is nearer.
  f.goIf(stop, i64.eqz(i64.shl(bits.get, i64.const(12n))));
  const biased = i32.of(i64.div(bits.get, i64.const(1n << 52n)));
  const eight = i32.const(8);
  const scaled = (): void =>
    f.do(
      power.set(f64.load(i32.mul(p.get, eight), layout.powers)),
      product.set(f64.mul(magnitude.get, power.get)),
    );
  f.do(exponent.set(i32.sub(biased, i32.const(1003))));
  f.do(p.set(i32.load8(exponent.get, layout.scales)));
  scaled();
  f.if(i32.eqz(f64.lt(product.get, f64.const(1e17))), () => {
    f.do(p.set(i32.sub(p.get, one)));
    scaled();
  });
  f.goIf(stop, f64.lt(product.get, f64.const(1e16)));
  f.goIf(stop, i32.eqz(f64.lt(product.get, f64.const(1e17))));
  const shifted = f64.mul(magnitude.get, f64.const(134217729));
  f.do(
    upper.set(f64.floor(f64.div(product.get, f64.const(1e8)))),
    a.set(f64.sub(shifted, f64.sub(shifted, magnitude.get))),
    b.set(f64.load(i32.mul(p.get, eight), layout.halves)),
  );
  const [restA, restB] = [f64.sub(magnitude.get, a.get), f64.sub(power.get, b.get)];
  const lost = [f64.mul(a.get, restB), f64.mul(restA, b.get), f64.mul(restA, restB)].reduce(
    f64.add,
    f64.sub(f64.mul(a.get, b.get), product.get),
  );
  f.do(lower.set(f64.add(f64.sub(product.get, f64.mul(upper.get, f64.const(1e8))), lost)));
  const reach = b;
  f.do(reach.set(f64.mul(f64.load(i32.mul(exponent.get, eight), layout.gaps), power.get)));
  const found = nearest(printing, lower, reach);
  const whole = (value: Local): Code => i32.of(i64.ofFloat(value.get));
  printDigits(printing, { upper: whole(upper), lower: whole(found), p });
}

/** The roundest whole number that is nearer than `reach`, of those the nearest, where that is certain. */
function nearest({ f, stop }: Printing, exact: Local, reach: Local): Local {
  const local = (): Local => f.local("f64");
  const [found, step, candidate, distance] = [local(), local(), local(), local()];
  const doubtful = (difference: Code): void =>
    f.goIf(stop, f64.lt(f64.abs(difference), f64.const(1e-6)));
  const rounded = f64.floor(f64.add(f64.div(exact.get, step.get), f64.const(0.5)));
  f.do(found.set(f64.const(-1)), step.set(f64.const(1)));
  f.block((end) => {
    f.loop((again) => {
      f.do(
        candidate.set(f64.mul(rounded, step.get)),
        distance.set(f64.abs(f64.sub(candidate.get, exact.get))),
      );
      doubtful(f64.sub(distance.get, reach.get));
      f.goIf(end, f64.gt(distance.get, reach.get));
      doubtful(f64.sub(distance.get, f64.mul(step.get, f64.const(0.5))));
      f.do(found.set(candidate.get), step.set(f64.mul(step.get, f64.const(10))));
      f.goIf(again, f64.lt(step.get, f64.const(1e9)));
    });
  });
  // What rounds up into the upper digits is rare.
  f.goIf(stop, f64.lt(found.get, f64.const(0)));
  f.goIf(stop, i32.eqz(f64.lt(found.get, f64.const(1e8))));
  return found;
}

/** Prints the 17 digits `upper`, `lower` over 10^p without the zeros at their end. */
function printDigits(
  { f, at }: Printing,
  { upper, lower, p }: { readonly upper: Code; readonly lower: Code; readonly p: Local },
): void {
  const [end, n] = [f.local(), f.local()];
  const digits = (from: Code): void => {
    const nine = call(padded, upper, i32.const(9), from);
    f.do(end.set(call(padded, lower, i32.const(8), nine)));
    f.loop((again) => {
      f.do(end.set(i32.sub(end.get, one)));
      f.goIf(again, i32.eq(i32.load8(end.get), zero));
    });
    f.do(end.set(i32.add(end.get, one)));
  };
  const seventeen = i32.const(17);
  f.block((done) => {
    f.block((above) => {
      f.goIf(above, i32.lt(p.get, seventeen));
      f.do(i32.store16(at.get, i32.const(0x2e30)), at.set(i32.add(at.get, i32.const(2))));
      f.block((enough) => {
        f.loop((again) => {
          f.goIf(enough, i32.eq(p.get, seventeen));
          f.do(i32.store8(at.get, zero), at.set(i32.add(at.get, one)), p.set(i32.sub(p.get, one)));
          f.go(again);
        });
      });
      digits(at.get);
      f.do(at.set(end.get));
      f.go(done);
    });
    // The whole part moves to the left by one: in between goes the point.
    digits(i32.add(at.get, one));
    f.do(n.set(p.get));
    f.loop((again) => {
      f.do(i32.store8(at.get, i32.load8(at.get, 1)), at.set(i32.add(at.get, one)));
      f.do(n.set(i32.add(n.get, one)));
      f.goIf(again, i32.lt(n.get, seventeen));
    });
    f.goIf(done, i32.le(end.get, i32.add(at.get, one)));
    f.do(i32.store8(at.get, i32.const(0x2e)), at.set(end.get));
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

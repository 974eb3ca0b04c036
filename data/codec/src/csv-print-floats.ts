import type { PrintPlace } from "./csv-print-plan.ts";
import { number, ofRow, padded, type Printing, stripped } from "./csv-printing.ts";
import { call, f64, i32, i64, type Code, type Local } from "./wasm-code.ts";

const one = i32.const(1);
const zero = i32.const(0x30);

/** A double below 10^9. With at most six digits behind the point it is printed at once: see `writeFloat`. */
export function printFloat(printing: Printing, { values }: PrintPlace): void {
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

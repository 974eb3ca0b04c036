import { type Cursor, ofLine } from "./csv-kernel-cells.ts";
import { readDigits, ShortNumber } from "./csv-kernel-digits.ts";
import type { ColumnPlace, KernelLayout } from "./csv-kernel-plan.ts";
import {
  type Code,
  f64,
  i32,
  i64,
  type Label,
  type Local,
  type WasmFunction,
} from "./wasm-code.ts";

const minus = i32.const(0x2d);
const point = i32.const(0x2e);
const one = i32.const(1);

/** What reading numbers takes of a cursor. */
export interface NumberCursor extends Pick<
  Cursor,
  "f" | "at" | "start" | "b" | "n" | "line" | "behind"
> {
  readonly layout: Pick<KernelLayout, "powers" | "halves">;
}
interface NumberPlace extends Pick<ColumnPlace, "values"> {
  readonly column: Pick<ColumnPlace["column"], "kind" | "unread">;
}

/** Reads plain digits, perhaps with a minus, as many as always fit into 64 bits. */
export function readInt(cursor: NumberCursor, { values, column }: NumberPlace, odd: Label): void {
  const { f, at, start, n } = cursor;
  const number = f.local("i64");
  const signed = column.kind === "int";
  f.do(number.set(i64.const(0n)), n.set(i32.const(0)));
  if (signed) readSign(cursor);
  f.block((read) => {
    f.block((long) => {
      new ShortNumber(cursor).readWhole(column.unread ? undefined : number, long);
      f.go(read);
    });
    readDigits(cursor, number);
  });
  f.do(n.set(i32.sub(i32.sub(at.get, start.get), n.get)));
  f.goIf(odd, i32.gt(i32.sub(n.get, one), i32.const(17)));
  if (column.unread) return;
  if (signed)
    f.if(i32.eq(i32.load8(start.get), minus), () => {
      f.do(number.set(i64.sub(i64.const(0n), number.get)));
    });
  f.do(i64.store(ofLine(cursor, 8), number.get, values));
}
/** Moves over a minus; `n` becomes 1 if there is one, else 0. */
function readSign({ f, at, n }: NumberCursor): void {
  f.do(n.set(i32.const(0)));
  f.if(i32.eq(i32.load8(at.get), minus), () => {
    f.do(n.set(one), at.set(i32.add(at.get, one)));
  });
}

interface Decimal {
  readonly f: WasmFunction;
  readonly digits: Local;
  /** How many of the digits are behind the point; negative if zeros follow them. `evaluate` makes bytes of it. */
  readonly scale: Local;
  readonly value: Local;
}

/** Reads a decimal of up to 19 digits, perhaps with an exponent. */
export function readFloat(cursor: NumberCursor, { values, column }: NumberPlace, odd: Label): void {
  const { f, layout, n } = cursor;
  const [digits, value] = [f.local("i64"), f.local("f64")];
  const scale = f.local();
  const decimal = { f, digits, scale, value };
  readSign(cursor);
  f.do(digits.set(i64.const(0n)), scale.set(i32.const(0)));
  f.block((done) => {
    f.block((other) => {
      f.block((long) => {
        new ShortNumber(cursor).readDecimal(column.unread ? undefined : digits, scale, long);
        f.goIf(other, isExponent(cursor));
        if (!column.unread) {
          const power = f64.load(i32.shl(scale.get, i32.const(3)), layout.powers);
          f.do(value.set(f64.div(f64.ofSigned(digits.get), power)));
        }
        f.go(done);
      });
      readLong(cursor, decimal, odd);
    });
    readExponent(cursor, decimal, odd);
    if (!column.unread) evaluate(cursor, decimal, odd);
  });
  if (column.unread) return;
  f.if(n.get, () => f.do(value.set(f64.neg(value.get))));
  f.do(f64.store(ofLine(cursor, 8), value.get, values));
}
/** Computes the value of digits and scale. */
function evaluate(cursor: NumberCursor, decimal: Decimal, odd: Label): void {
  const { layout } = cursor;
  const { f, digits, scale, value } = decimal;
  f.do(scale.set(i32.mul(scale.get, i32.const(8))), value.set(f64.of(digits.get)));
  // Up to 2^53 digits and power are exact, so that one operation rounds correctly. A whole number is rounded already.
  f.if(scale.get, () => {
    f.block((done) => {
      f.if(i32.eqz(i64.gt(digits.get, i64.const(1n << 53n))), () => {
        f.if(i32.gt(scale.get, i32.const(8 * 22)), () => {
          const power = i32.sub(i32.const(0), scale.get);
          f.do(value.set(f64.mul(value.get, f64.load(power, layout.powers))));
          f.go(done);
        });
        f.do(value.set(f64.div(value.get, f64.load(scale.get, layout.powers))));
        f.go(done);
      });
      longQuotient(cursor, decimal, odd);
    });
  });
}

/** Reads up to 19 digits one after the other. */
function readLong(
  cursor: NumberCursor,
  { digits, scale }: Pick<Decimal, "digits" | "scale">,
  odd: Label,
): void {
  const { f, at } = cursor;
  const [from, whole] = [f.local(), f.local()];
  f.do(from.set(at.get));
  readDigits(cursor, digits);
  f.goIf(odd, i32.eq(at.get, from.get));
  f.do(whole.set(at.get));
  f.if(i32.eq(i32.load8(at.get), point), () => {
    f.do(at.set(i32.add(at.get, one)));
    readDigits(cursor, digits);
    f.do(scale.set(i32.sub(i32.sub(at.get, whole.get), one)));
    f.do(from.set(i32.add(from.get, one)));
  });
  f.goIf(odd, i32.gt(i32.sub(at.get, from.get), i32.const(19)));
}

const isExponent = ({ at }: NumberCursor): Code =>
  i32.eq(i32.or(i32.load8(at.get), i32.const(0x20)), i32.const(0x65));

/**
 * Reads an exponent of one or two digits and subtracts it from the scale; only if digits and power of ten stay exact.
 */
function readExponent(cursor: NumberCursor, { f, digits, scale }: Decimal, odd: Label): void {
  const { at, b } = cursor;
  const [exponent, from] = [f.local("i64"), f.local()];
  f.if(isExponent(cursor), () => {
    f.goIf(odd, i64.gt(digits.get, i64.const(1n << 53n)));
    f.do(b.set(i32.load8(at.get, 1)));
    const [plus, less] = [i32.eq(b.get, i32.const(0x2b)), i32.eq(b.get, minus)];
    const sign = f.local();
    f.do(sign.set(less), at.set(i32.add(i32.add(at.get, one), i32.or(plus, less))));
    f.do(from.set(at.get), exponent.set(i64.const(0n)));
    readDigits(cursor, exponent);
    f.goIf(odd, i32.gt(i32.sub(i32.sub(at.get, from.get), one), one));
    const power = i32.of(exponent.get);
    f.do(from.set(i32.sub(scale.get, power)));
    f.if(sign.get, () => f.do(from.set(i32.add(scale.get, power))));
    f.goIf(odd, i32.gt(i32.add(from.get, i32.const(22)), i32.const(44)));
    f.do(scale.set(from.get));
  });
}

/**
 * Computes `digits` over a power of ten, rounded to nearest, as a sum of two doubles that is good to about 100 bits.
 * The cell is odd where that does not settle the rounding (see `parseFloatBytes`, which does the same).
 */
function longQuotient(
  { layout }: NumberCursor,
  { f, digits, scale, value }: Decimal,
  odd: Label,
): void {
  const local = (): Local => f.local("f64");
  const [power, p, quotient, q, product] = [local(), local(), local(), local(), local()];
  const [correction, doubt] = [local(), local()];
  const low = f64.ofSigned(i64.sub(digits.get, i64.ofFloat(value.get)));
  const shifted = f64.mul(quotient.get, f64.const(134217729));
  f.do(
    power.set(f64.load(scale.get, layout.powers)),
    p.set(f64.load(scale.get, layout.halves)),
    quotient.set(f64.div(value.get, power.get)),
    product.set(f64.mul(quotient.get, power.get)),
    q.set(f64.sub(shifted, f64.sub(shifted, quotient.get))),
  );
  const [restQ, restP] = [f64.sub(quotient.get, q.get), f64.sub(power.get, p.get)];
  const lost = [f64.mul(q.get, restP), f64.mul(restQ, p.get), f64.mul(restQ, restP)].reduce(
    f64.add,
    f64.sub(f64.mul(q.get, p.get), product.get),
  );
  const rest = f64.add(f64.sub(f64.sub(value.get, product.get), lost), low);
  f.do(
    correction.set(f64.div(rest, power.get)),
    doubt.set(f64.mul(quotient.get, f64.const(1e-29))),
    value.set(f64.add(quotient.get, correction.get)),
  );
  const less = f64.add(quotient.get, f64.sub(correction.get, doubt.get));
  const more = f64.add(quotient.get, f64.add(correction.get, doubt.get));
  f.goIf(odd, f64.ne(value.get, less));
  f.goIf(odd, f64.ne(value.get, more));
}

import { type Cursor, ofLine } from "./csv-kernel-cells.ts";
import { readDigits } from "./csv-kernel-digits.ts";
import { type ColumnPlace, knownMonth, knownMonths } from "./csv-kernel-plan.ts";
import { type Code, i32, i64, type Label, type Local, v128 } from "./wasm-code.ts";

const one = i32.const(1);
const dayNanoseconds = 86_400_000_000_000n;
/** Days from 0000-03-01 to 1970-01-01. */
const daysToEpoch = 719_468;

/** Writes the code for times in UTC such as 2026-01-31T09:30:00.25Z. */
export class TimeCode {
  readonly #cursor: Cursor;
  readonly #fraction: Local;
  readonly #word: Local;
  readonly #left: Local;
  readonly #right: Local;
  readonly #year: Local;
  readonly #month: Local;
  readonly #day: Local;

  constructor(cursor: Cursor) {
    const { f } = cursor;
    this.#cursor = cursor;
    [this.#fraction, this.#word] = [f.local("i64"), f.local("i64")];
    [this.#left, this.#right] = [f.local(), f.local()];
    [this.#year, this.#month, this.#day] = [f.local(), f.local(), f.local()];
  }
  /** Reads the time at `at` and moves to its end. */
  read({ values, column }: ColumnPlace, odd: Label): void {
    const cursor = this.#cursor;
    const { f, at, n } = cursor;
    // The first 16 bytes of the last time that was read, and when its minute began.
    const [bytes, begun] = [f.local("v128"), f.local("i64")];
    const fraction = this.#fraction;
    f.do(fraction.set(i64.const(0n)));
    f.block((ended) => {
      f.block((inMinute) => {
        f.block((other) => {
          f.goIf(other, v128.anyTrue(v128.xor(v128.load(at.get), bytes.get)));
          this.#second(other);
          f.goIf(inMinute, i32.ne(i32.load8(at.get, 19), i32.const(0x5a)));
          f.do(at.set(i32.add(at.get, i32.const(20))));
          f.go(ended);
        });
        this.#minute(begun, odd);
        f.do(bytes.set(v128.load(at.get)));
      });
      this.#rest(odd);
    });
    if (column.unread) return;
    const seconds = i64.mul(i64.ofSigned(n.get), i64.const(1_000_000_000n));
    const time = i64.add(i64.add(begun.get, seconds), fraction.get);
    f.do(i64.store(ofLine(cursor, 8), time, values));
  }

  /** Reads the second into `n`, of a time within the minute of the last one. */
  #second(other: Label): void {
    const { f, at, n } = this.#cursor;
    const word = this.#left;
    f.do(word.set(i32.xor(i32.load(at.get, 16), i32.const(0x0030303a))));
    const over = i32.or(word.get, i32.add(word.get, i32.const(0x00060600)));
    f.goIf(other, i32.and(over, i32.const(0x00f0f0ff)));
    const digit = (shift: number): Code =>
      i32.and(i32.shr(word.get, i32.const(shift)), i32.const(0xff));
    f.do(n.set(i32.add(i32.mul(digit(8), i32.const(10)), digit(16))));
    f.goIf(other, i32.gt(n.get, i32.const(59)));
  }
  /** Reads the beginning of the minute into `begun` and the second into `n`. */
  #minute(begun: Local, odd: Label): void {
    const { f, at, layout } = this.#cursor;
    const day = this.#day;
    const known = f.local();
    const { text, midnight, days } = knownMonth;
    const of = (part: number): number => layout.knownMonths + part;
    f.do(known.set(i32.mul(this.#monthSlot(), i32.const(knownMonth.bytes))));
    f.if(i64.ne(i64.load(at.get), i64.load(known.get, of(text))), () => {
      this.#readMonth(known, odd);
    });
    this.#number(day, 8, 10, odd);
    f.goIf(odd, i32.ge(i32.sub(day.get, one), i32.load(known.get, of(days))));
    this.#clock(odd);
    // `#clock` has left hours and minutes here.
    const minutes = i32.add(i32.mul(this.#year.get, i32.const(60)), this.#month.get);
    const sinceMidnight = i64.mul(i64.of(minutes), i64.const(60_000_000_000n));
    const sinceMonth = i64.mul(i64.of(day.get), i64.const(dayNanoseconds));
    const before = i64.load(known.get, of(midnight));
    f.do(begun.set(i64.add(i64.add(before, sinceMonth), sinceMidnight)));
  }
  /** The slot of a month among the known ones, by its two digits and whether its year is odd. */
  #monthSlot(): Code {
    const { at } = this.#cursor;
    const digits = i32.load16(at.get, 5);
    const [tens, ones] = [
      i32.and(digits, one),
      i32.and(i32.shr(digits, i32.const(8)), i32.const(15)),
    ];
    const year = i32.and(i32.load8(at.get, 3), one);
    const slot = i32.or(i32.shl(i32.or(i32.shl(year, one), tens), i32.const(4)), ones);
    return i32.and(slot, i32.const(knownMonths - 1));
  }
  /** Reads what follows the second: a fraction and the zone. */
  #rest(odd: Label): void {
    const cursor = this.#cursor;
    const { f, at, b, layout } = cursor;
    const fraction = this.#fraction;
    f.do(b.set(i32.load8(at.get, 19)), at.set(i32.add(at.get, i32.const(19))));
    f.if(i32.eq(b.get, i32.const(0x2e)), () => {
      const from = this.#left;
      f.do(at.set(i32.add(at.get, one)));
      f.do(from.set(at.get));
      readDigits(cursor, fraction);
      f.do(from.set(i32.sub(at.get, from.get)));
      f.goIf(odd, i32.gt(i32.sub(from.get, one), i32.const(8)));
      const unit = i64.load(i32.mul(from.get, i32.const(8)), layout.fractions);
      f.do(fraction.set(i64.mul(fraction.get, unit)));
    });
    this.#zone(odd);
  }

  /** Reads "HH:MM:SS" as one word: its digits, then its numbers of two digits; `n` becomes the second. */
  #clock(odd: Label): void {
    const { f, at, n } = this.#cursor;
    const word = this.#word;
    const anyOf = (bits: Code): Code => i32.eqz(i64.eqz(bits));
    f.do(word.set(i64.xor(i64.load(at.get, 11), i64.const(0x30303a30303a3030n))));
    const over = i64.or(word.get, i64.add(word.get, i64.const(0x0606000606000606n)));
    f.goIf(odd, anyOf(i64.and(over, i64.const(0xf0f0fff0f0fff0f0n))));
    f.goIf(odd, i32.ne(i32.load8(at.get, 10), i32.const(0x54)));
    const twos = i64.add(i64.mul(word.get, i64.const(10n)), i64.shr(word.get, i64.const(8n)));
    f.do(word.set(i64.and(twos, i64.const(0x00ff0000ff0000ffn))));
    // Hours above 23, and minutes and seconds above 59, set the upper bit of their byte.
    const much = i64.add(word.get, i64.const(0x0044000044000068n));
    f.goIf(odd, anyOf(i64.and(much, i64.const(0x0080000080000080n))));
    const [hour, minute] = [this.#year, this.#month];
    f.do(
      minute.set(i32.shr(i32.of(word.get), i32.const(24))),
      hour.set(i32.and(i32.of(word.get), i32.const(0xff))),
      n.set(i32.of(i64.shr(word.get, i64.const(48n)))),
    );
  }
  /** Reads `Z` or an offset from UTC such as +02:00, which is subtracted from `n` in seconds. */
  #zone(odd: Label): void {
    const { f, at, b, n } = this.#cursor;
    const [hours, minutes] = [this.#left, this.#right];
    f.do(b.set(i32.load8(at.get)), at.set(i32.add(at.get, one)));
    f.if(i32.ne(b.get, i32.const(0x5a)), () => {
      const [east, west] = [i32.eq(b.get, i32.const(0x2b)), i32.eq(b.get, i32.const(0x2d))];
      f.do(this.#year.set(east));
      f.goIf(odd, i32.eqz(i32.or(east, west)));
      this.#number(hours, 0, 2, odd);
      this.#number(minutes, 3, 5, odd);
      f.goIf(odd, i32.ne(i32.load8(at.get, 2), i32.const(0x3a)));
      f.goIf(odd, i32.gt(hours.get, i32.const(23)));
      f.goIf(odd, i32.gt(minutes.get, i32.const(59)));
      const offset = i32.mul(
        i32.add(i32.mul(hours.get, i32.const(60)), minutes.get),
        i32.const(60),
      );
      f.do(at.set(i32.add(at.get, i32.const(5))), minutes.set(offset));
      f.if(this.#year.get, () => f.do(minutes.set(i32.sub(i32.const(0), minutes.get))));
      f.do(n.set(i32.add(n.get, minutes.get)));
    });
  }
  /** Reads the digits `from .. to` after `at`. */
  #number(into: Local, from: number, to: number, odd: Label): void {
    const { f, at, b } = this.#cursor;
    f.do(into.set(i32.const(0)));
    for (let i = from; i < to; i++) {
      f.do(b.set(i32.sub(i32.load8(at.get, i), i32.const(0x30))));
      f.goIf(odd, i32.gt(b.get, i32.const(9)));
      f.do(into.set(i32.add(i32.mul(into.get, i32.const(10)), b.get)));
    }
  }
  /** Learns the month at `at`, if 64 bits hold the nanoseconds of all its days. */
  #readMonth(known: Local, odd: Label): void {
    const { f, at, b, layout } = this.#cursor;
    const [year, month] = [this.#year, this.#month];
    this.#number(year, 0, 4, odd);
    this.#number(month, 5, 7, odd);
    for (const dash of [4, 7]) f.goIf(odd, i32.ne(i32.load8(at.get, dash), i32.const(0x2d)));
    f.goIf(odd, i32.gt(i32.sub(year.get, i32.const(1678)), i32.const(2261 - 1678)));
    f.goIf(odd, i32.gt(i32.sub(month.get, one), i32.const(11)));
    f.do(b.set(i32.load8(month.get, layout.months)));
    const multiple = (of: number): Code => i32.eqz(i32.rem(year.get, i32.const(of)));
    const leap = i32.and(multiple(4), i32.or(i32.eqz(multiple(100)), multiple(400)));
    f.if(i32.and(i32.eq(month.get, i32.const(2)), leap), () => f.do(b.set(i32.const(29))));
    const { text, midnight, days } = knownMonth;
    f.do(
      i32.store(known.get, b.get, layout.knownMonths + days),
      i64.store(known.get, i64.load(at.get), layout.knownMonths + text),
    );
    const before = i64.mul(this.#daysBefore(), i64.const(dayNanoseconds));
    f.do(i64.store(known.get, before, layout.knownMonths + midnight));
  }
  /** Days since the epoch of the day before a month begins. The year is taken to begin in March. */
  #daysBefore(): Code {
    const { f } = this.#cursor;
    const [year, month] = [this.#year, this.#month];
    f.if(i32.lt(month.get, i32.const(3)), () => {
      f.do(year.set(i32.sub(year.get, one)), month.set(i32.add(month.get, i32.const(12))));
    });
    const parts = [
      i32.mul(year.get, i32.const(365)),
      i32.div(year.get, i32.const(4)),
      i32.div(year.get, i32.const(400)),
      i32.div(
        i32.add(i32.mul(i32.sub(month.get, i32.const(3)), i32.const(153)), i32.const(2)),
        i32.const(5),
      ),
    ].reduce(i32.add);
    const days = i32.sub(
      i32.sub(parts, i32.div(year.get, i32.const(100))),
      i32.const(daysToEpoch + 1),
    );
    return i64.ofSigned(days);
  }
}

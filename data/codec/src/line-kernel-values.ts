import { readDigits } from "./csv-kernel-digits.ts";
import { readFloat, readInt } from "./csv-kernel-numbers.ts";
import type { LineCursor } from "./line-kernel-code.ts";
import { kindNumbers, knownKey, place } from "./line-kernel-plan.ts";
import { type Code, i32, i64, type Local } from "./wasm-code.ts";

const one = i32.const(1);
const nothing = i32.const(0);
const newline = i32.const(0x0a);
const space = i32.const(0x20);
const quote = i32.const(0x22);
const backslash = i32.const(0x5c);

/** The value at `at`, as values of `key` were before; another one is odd. */
export function readValue(cursor: LineCursor, key: Local): void {
  const { f, at, start, odd } = cursor;
  const { values } = place;
  const isKind = (kind: keyof typeof kindNumbers): Code =>
    i32.eq(i32.load(key.get, knownKey.kind), i32.const(kindNumbers[kind]));
  f.do(start.set(at.get));
  f.block((done) => {
    f.if(isKind("float"), () => {
      readFloat(cursor, { values, column: { kind: "float", unread: false } }, odd);
      f.go(done);
    });
    for (const kind of ["int", "uint"] as const) {
      f.if(isKind(kind), () => {
        readInt(cursor, { values, column: { kind, unread: false } }, odd);
        f.goIf(odd, i32.ne(i32.load8(at.get), i32.const(kind === "int" ? 0x69 : 0x75)));
        f.do(at.set(i32.add(at.get, one)));
        f.go(done);
      });
    }
    f.if(isKind("string"), () => {
      readText(cursor);
      f.go(done);
    });
    readBool(cursor);
  });
}

/** The words `true` and `false`, and their first letters. */
function readBool({ f, at, line, odd }: LineCursor): void {
  const words: readonly (readonly [word: string, truth: bigint])[] = [
    ["true", 1n],
    ["false", 0n],
    ["t", 1n],
    ["f", 0n],
  ];
  f.block((done) => {
    for (const [word, truth] of words) {
      const [head, ...rest] = [...word].map((letter) => letter.charCodeAt(0));
      const letter = (code: number, behind: number): Code =>
        i32.eq(i32.load8(at.get, behind), i32.const(code));
      const alike = rest.reduce<Code>(
        (so, code, i) => i32.and(so, letter(code, i + 1)),
        letter(head, 0),
      );
      f.if(alike, () => {
        f.do(i64.store(i32.mul(line.get, i32.const(8)), i64.const(truth), place.values));
        f.do(at.set(i32.add(at.get, i32.const(word.length))));
        f.go(done);
      });
    }
    f.go(odd);
  });
}

/** A text without a backslash or line break: copied. */
function readText({ f, at, b, line, textEnd, textBits, odd }: LineCursor): void {
  f.goIf(odd, i32.ne(i32.load8(at.get), quote));
  f.do(at.set(i32.add(at.get, one)));
  f.block((closed) => {
    f.loop((again) => {
      f.do(b.set(i32.load8(at.get)));
      f.goIf(closed, i32.eq(b.get, quote));
      f.goIf(odd, i32.eq(b.get, backslash));
      f.goIf(odd, i32.eq(b.get, newline));
      f.do(i32.store8(textEnd.get, b.get, place.texts));
      f.do(textBits.set(i32.or(textBits.get, b.get)));
      f.do(at.set(i32.add(at.get, one)), textEnd.set(i32.add(textEnd.get, one)));
      f.go(again);
    });
  });
  f.do(at.set(i32.add(at.get, one)));
  f.do(i64.store(i32.mul(line.get, i32.const(8)), i64.of(textEnd.get), place.values));
}

/** Adds the digits at `at` to `number`, eight at a time, as long as there are eight. */
function readEights({ f, at }: LineCursor, number: Local): void {
  const [word, digits] = [f.local("i64"), f.local("i64")];
  const all = (byte: bigint): Code => i64.const(BigInt.asIntN(64, byte * 0x0101010101010101n));
  const pairs = (shift: bigint): Code =>
    i64.and(i64.shr(word.get, i64.const(shift)), i64.const(0x000000ff000000ffn));
  f.block((end) => {
    f.loop((again) => {
      f.do(digits.set(i64.xor(i64.load(at.get), all(0x30n))));
      const high = i64.or(i64.add(digits.get, all(0x76n)), digits.get);
      f.goIf(end, i32.eqz(i64.eqz(i64.and(high, all(0x80n)))));
      // Neighbours first, then pairs of them, then both halves.
      const tens = i64.mul(digits.get, i64.const(10n));
      f.do(word.set(i64.add(tens, i64.shr(digits.get, i64.const(8n)))));
      const upper = i64.mul(pairs(0n), i64.const(100n + (1_000_000n << 32n)));
      const lower = i64.mul(pairs(16n), i64.const(1n + (10_000n << 32n)));
      const eight = i64.shr(i64.add(upper, lower), i64.const(32n));
      f.do(number.set(i64.add(i64.mul(number.get, i64.const(100_000_000n)), eight)));
      f.do(at.set(i32.add(at.get, i32.const(8))));
      f.go(again);
    });
  });
}

/** The timestamp behind a blank, up to the line break; or none. */
export function readTime(cursor: LineCursor, time: Local): void {
  const { f, at, start, b, n, odd } = cursor;
  f.block((done) => {
    f.if(i32.eq(b.get, newline), () => {
      f.do(time.set(i64.load(nothing, place.now)));
      f.go(done);
    });
    f.goIf(odd, i32.ne(b.get, space));
    f.do(start.set(at.get), time.set(i64.const(0n)));
    readEights(cursor, time);
    readDigits(cursor, time);
    f.do(n.set(i32.sub(at.get, start.get)));
    f.goIf(odd, i32.gt(i32.sub(n.get, one), i32.const(18)));
    f.goIf(odd, i64.gt(time.get, i64.load(nothing, place.latest)));
    f.goIf(odd, i32.ne(i32.load8(at.get), newline));
    f.do(at.set(i32.add(at.get, one)));
    f.do(time.set(i64.mul(time.get, i64.load(nothing, place.unit))));
  });
}

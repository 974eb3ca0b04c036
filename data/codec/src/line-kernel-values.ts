import { readDigits, readFloat, readInt } from "./csv-kernel-numbers.ts";
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

/** A text of ASCII without a backslash or line break: copied. */
function readText({ f, at, b, line, textEnd, odd }: LineCursor): void {
  f.goIf(odd, i32.ne(i32.load8(at.get), quote));
  f.do(at.set(i32.add(at.get, one)));
  f.block((closed) => {
    f.loop((again) => {
      f.do(b.set(i32.load8(at.get)));
      f.goIf(closed, i32.eq(b.get, quote));
      f.goIf(odd, i32.eq(b.get, backslash));
      f.goIf(odd, i32.eq(b.get, newline));
      f.goIf(odd, i32.ge(b.get, i32.const(0x80)));
      f.do(i32.store8(textEnd.get, b.get, place.texts));
      f.do(at.set(i32.add(at.get, one)), textEnd.set(i32.add(textEnd.get, one)));
      f.go(again);
    });
  });
  f.do(at.set(i32.add(at.get, one)));
  f.do(i64.store(i32.mul(line.get, i32.const(8)), i64.of(textEnd.get), place.values));
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
    readDigits(cursor, time);
    f.do(n.set(i32.sub(at.get, start.get)));
    f.goIf(odd, i32.gt(i32.sub(n.get, one), i32.const(18)));
    f.goIf(odd, i64.gt(time.get, i64.load(nothing, place.latest)));
    f.goIf(odd, i32.ne(i32.load8(at.get), newline));
    f.do(at.set(i32.add(at.get, one)));
    f.do(time.set(i64.mul(time.get, i64.load(nothing, place.unit))));
  });
}

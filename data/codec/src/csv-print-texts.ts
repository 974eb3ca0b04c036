import type { PrintPlace } from "./csv-print-plan.ts";
import { copied, mustQuote, ofRow, placed, type Printing, quoted } from "./csv-printing.ts";
import { call, i32, i64, type Code, WasmFunction } from "./wasm-code.ts";

const nothing = i32.const(0);
const one = i32.const(1);
const two = i32.const(2);
const eight = i32.const(8);
const quote = i32.const(0x22);
const newline = i32.const(0x0a);
const carriageReturn = i32.const(0x0d);

/** The text of a code, as it stands in CSV. */
export function printCoded(printing: Printing, { values, offsets }: PrintPlace): void {
  const { f, at } = printing;
  const [entry, from] = [f.local(), f.local()];
  f.do(
    entry.set(placed(printing, i32.mul(i32.load(ofRow(printing, 4), values), i32.const(4)))),
    from.set(i32.load(entry.get, offsets)),
  );
  const length = i32.sub(i32.load(entry.get, offsets + 4), from.get);
  f.do(at.set(call(copied, from.get, length, at.get)));
}
/** A text of a row's own, in quotes where it needs them. The row stops where there is no room for it. */
export function printPlain(printing: Printing, { offsets, shift }: PrintPlace): void {
  const { f, at, layout, extra, comma, stop } = printing;
  const [from, length] = [f.local(), f.local()];
  f.do(
    from.set(i32.load(ofRow(printing, 4), offsets)),
    length.set(i32.sub(i32.load(ofRow(printing, 4), offsets + 4), from.get)),
    from.set(i32.add(from.get, i32.load(nothing, shift))),
    extra.set(i32.add(extra.get, i32.add(i32.mul(length.get, two), two))),
  );
  const begin = i32.load(nothing, layout.to);
  f.goIf(stop, i32.gt(i32.add(begin, extra.get), i32.load(nothing, layout.limit)));
  f.block((done) => {
    f.if(call(mustQuote, from.get, length.get, i32.const(comma)), () => {
      f.do(at.set(call(quoted, from.get, length.get, at.get)));
      f.go(done);
    });
    f.do(at.set(call(copied, from.get, length.get, at.get)));
  });
}

const each = (byte: bigint): Code => i64.const(BigInt.asIntN(64, byte * 0x0101010101010101n));

/** `mustQuote(from, length, comma)`: whether a text needs quotes, as `needsQuotes` has it. */
export function mustQuoteFunction(): WasmFunction {
  const f = new WasmFunction(3);
  const [from, length, comma] = f.parameters;
  const [n, answer] = [f.local(), f.local()];
  const [word, found, commas] = [f.local("i64"), f.local("i64"), f.local("i64")];
  // A byte that is zero in `x` has its highest bit set then.
  const zeros = (x: Code): Code => i64.and(i64.sub(x, each(1n)), i64.xor(x, i64.const(BigInt(-1))));
  const look = (pattern: Code): void =>
    f.do(found.set(i64.or(found.get, zeros(i64.xor(word.get, pattern)))));
  f.block((end) => {
    f.goIf(end, i32.eqz(length.get));
    f.do(commas.set(i64.mul(i64.of(comma.get), each(1n))));
    f.loop((again) => {
      f.do(word.set(i64.load(i32.add(from.get, n.get))));
      const left = i32.sub(length.get, n.get);
      f.if(i32.lt(left, eight), () => {
        const behind = i64.shl(i64.const(BigInt(-1)), i64.of(i32.mul(left, eight)));
        f.do(word.set(i64.or(word.get, behind)));
      });
      look(each(0x22n));
      look(each(0x0an));
      look(each(0x0dn));
      look(commas.get);
      f.do(n.set(i32.add(n.get, eight)));
      f.goIf(again, i32.lt(n.get, length.get));
    });
    f.do(answer.set(i32.eqz(i64.eqz(i64.and(found.get, each(0x80n))))));
    f.goIf(end, answer.get);
    f.do(answer.set(beginsOddly(from.get, length.get)));
  });
  f.do(answer.get);
  return f;
}
/** Whether a text begins with white space, or is `\.`. */
function beginsOddly(from: Code, length: Code): Code {
  const byte = (offset: number): Code => i32.load8(from, offset);
  const is = (offset: number, value: number): Code => i32.eq(byte(offset), i32.const(value));
  const upTo = (offset: number, low: number, high: number): Code =>
    i32.le(i32.sub(byte(offset), i32.const(low)), i32.const(high - low));
  const all = (first: Code, ...others: readonly Code[]): Code =>
    others.reduce((a, b) => i32.and(a, b), first);
  const any = (first: Code, ...others: readonly Code[]): Code =>
    others.reduce((a, b) => i32.or(a, b), first);
  const atLeast = (bytes: number): Code => i32.ge(length, i32.const(bytes));
  return any(
    is(0, 0x20),
    upTo(0, 0x09, 0x0d),
    all(is(0, 0x5c), is(1, 0x2e), i32.eq(length, two)),
    all(atLeast(2), is(0, 0xc2), any(is(1, 0x85), is(1, 0xa0))),
    all(atLeast(3), is(0, 0xe1), is(1, 0x9a), is(2, 0x80)),
    all(
      atLeast(3),
      is(0, 0xe2),
      is(1, 0x80),
      any(upTo(2, 0x80, 0x8a), is(2, 0xa8), is(2, 0xa9), is(2, 0xaf)),
    ),
    all(atLeast(3), is(0, 0xe2), is(1, 0x81), is(2, 0x9f)),
    all(atLeast(3), is(0, 0xe3), is(1, 0x80), is(2, 0x80)),
  );
}

/** `quoted(from, length, at)`: as `writeQuoted`; gives the end. */
export function quotedFunction(): WasmFunction {
  const f = new WasmFunction(3);
  const [from, length, at] = f.parameters;
  const [end, b, before] = [f.local(), f.local(), f.local()];
  const put = (byte: Code): void => f.do(i32.store8(at.get, byte), at.set(i32.add(at.get, one)));
  f.do(end.set(i32.add(from.get, length.get)));
  put(quote);
  f.block((done) => {
    f.loop((again) => {
      f.goIf(done, i32.ge(from.get, end.get));
      f.do(b.set(i32.load8(from.get)));
      f.if(i32.eq(b.get, quote), () => put(quote));
      const alone = i32.and(i32.eq(b.get, newline), i32.ne(before.get, carriageReturn));
      f.if(alone, () => put(carriageReturn));
      put(b.get);
      f.do(before.set(b.get), from.set(i32.add(from.get, one)));
      f.go(again);
    });
  });
  put(quote);
  f.do(at.get);
  return f;
}

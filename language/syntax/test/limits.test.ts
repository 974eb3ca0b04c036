import { format, parse } from "@tocsin/language/syntax";
import { seeded } from "@tocsin/platform/host";
import { expect, test } from "vitest";

const many = 100_000;

function codes(source: string): string[] {
  return parse(source).diagnostics.map(({ code }) => code);
}

test("an empty text is a script without statements", () => {
  for (const source of ["", "\n", "// only a comment", "\ufeff"]) {
    const { file, diagnostics } = parse(source);
    expect(diagnostics).toEqual([]);
    expect(file.body).toEqual([]);
  }
});

test.each([
  "(",
  "[",
  "{a:",
  "f(a:",
  "(a)=>",
  "(a)=>{",
  "-",
  "not ",
  "if ",
  '"${',
  "[[1],",
  "x = (y=(",
])("%j a hundred thousand times is nested too deep, not a crash", (piece) => {
  expect(codes(piece.repeat(many))).toContain("E0100");
});

test.each([".a", "+ a ", "|> f() ", "and a ", "[1]", "(b: 1)"])(
  "%j a hundred thousand times has too many steps",
  (piece) => {
    expect(codes(`a ${piece.repeat(many)}`)).toContain("E0100");
  },
);

test("what people write is within the limits", () => {
  const brackets = `x = ${"(".repeat(90)}1${")".repeat(90)}`;
  const conditions = `x = ${Array.from({ length: 400 }, (_, i) => `r.host == "${i}"`).join(" or ")}`;
  const pipes = `x = a ${"|> f() ".repeat(400)}`;
  const choices = `x = ${"if a then 1 else ".repeat(80)}2`;
  for (const source of [brackets, conditions, pipes, choices]) expect(codes(source)).toEqual([]);
});

test.each([
  ["bytes", 256],
  ["UTF-16 units", 65_536],
])("megabytes of random %s are refused with a bounded number of messages", (_, range) => {
  const random = seeded(range);
  const units = Uint16Array.from({ length: 1 << 20 }, () => random.next() * range);
  const found = codes(new TextDecoder("utf-16").decode(units).repeat(2));
  expect(found.length).toBeGreaterThan(0);
  expect(found.length).toBeLessThanOrEqual(201);
});

test("megabytes of random signs are refused with a bounded number of messages", () => {
  const random = seeded(7);
  const signs = 'abc ()[]{}"\\$/.,:=<>|-+*\n1 0smh@';
  const text = Array.from(
    { length: 1 << 20 },
    () => signs[Math.floor(random.next() * signs.length)],
  );
  const found = codes(text.join(""));
  expect(found.length).toBeGreaterThan(0);
  expect(found.length).toBeLessThanOrEqual(201);
});

test("a script of two hundred thousand lines is read", () => {
  const { file, diagnostics } = parse('x = f(a: 1) |> g(b: "c")\n'.repeat(200_000));
  expect(diagnostics).toEqual([]);
  expect(file.body).toHaveLength(200_000);
});

test("a quarter of a million repeated mistakes are no more than the limit", () => {
  for (const piece of ["f(a: 1 b: 2)\n", "x = )\n", "'\n", '"${a)" ', "x = [1, 2 3]\n"]) {
    expect(codes(piece.repeat(250_000)).length).toBeLessThanOrEqual(201);
  }
});

test("a text of blanks is written once, however long it is", () => {
  const source = `x = "${" ".repeat(300_000)}"\n`;
  expect(format(parse(source).file)).toBe(source);
});

test("long literals are no trouble", () => {
  expect(codes(`x = "${"a".repeat(1 << 22)}`)).toEqual(["E0106"]);
  expect(codes(`x = ${"9".repeat(100_000)}`)).toEqual(["E0108"]);
  expect(codes(`x = ${"1s".repeat(100_000)}`)).toEqual([]);
  expect(codes(`x = "${"\\x41".repeat(100_000)}"`)).toEqual([]);
});

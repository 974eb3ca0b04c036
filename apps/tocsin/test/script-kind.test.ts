import { expect, test } from "vitest";
import { kindOf } from "../src/script-kind.ts";

const script = `import "csv"
csv.from(file: "a.csv") |> filter(fn: (r) => r._value > 90.0) |> count()`;
const kind = (text: string, ...argv: string[]): string | undefined =>
  kindOf(["run", ...argv, "a.flux"], [text]);

test("scripts that call the same functions are of one kind, whatever they are given", () => {
  expect(kind(script)).toMatch(/^script-[0-9a-f]+$/u);
  expect(kind(script.replace("90.0", "20.5").replace("a.csv", "b.csv"))).toBe(kind(script));
  expect(kind(`${script} |> filter(fn: (r) => true)`)).toBe(kind(script));
});

test("other functions, packages, commands or options make another kind", () => {
  const others = [
    kind(script),
    kind(script.replace("count()", "sum()")),
    kind(`import "strings"\n${script}`),
    kind(script, "--dry-run"),
    kindOf(["check", "a.flux"], [script]),
  ];
  expect(new Set(others).size).toBe(others.length);
});

test("a command line without a script is of no kind", () => {
  expect(kindOf(["outbox", "list"], [])).toBeUndefined();
});

test("words that no call follows are looked at once", () => {
  const words = "x".repeat(100_000);
  expect(kindOf(["run"], [words, words, words])).toBe(kindOf(["run"], ["1"]));
});

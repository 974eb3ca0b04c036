import { type Diagnostic, applyFixes, renderText, SourceText } from "@tocsin/language/syntax";
import { expect, test } from "vitest";

function error(start: number, end: number, more: Partial<Diagnostic> = {}): Diagnostic {
  return { code: "E0999", severity: "error", span: { start, end }, message: "no", ...more };
}

test("wide characters and tabs keep the marks below what they point at", () => {
  const source = new SourceText('\t名 = "é" x\n', "a.flux");
  expect(renderText({ source, diagnostics: [error(9, 10)] })).toBe(
    [
      "error[E0999]: no",
      "  ┌─ a.flux:1:10",
      "  │",
      '1 │     名 = "é" x',
      `  │ ${" ".repeat(13)}^`,
      "",
    ].join("\n"),
  );
});

test("colours are only used when asked for, and a mask hides what it wants", () => {
  const source = new SourceText('url = "secret"\n');
  const report = { source, diagnostics: [error(0, 3)] };
  expect(renderText(report)).not.toContain("\u001b");
  expect(renderText(report, { color: true })).toContain("\u001b[1;31merror[E0999]");
  const masked = renderText(report, { mask: (line) => line.replace("secret", "••••••") });
  expect(masked).toContain('1 │ url = "••••••"');
});

test("a line is masked once, however many diagnostics point into it", () => {
  const source = new SourceText("one = 1\ntwo = 2\n");
  const seen: string[] = [];
  const mask = (line: string): string => (seen.push(line), line);
  const report = { source, diagnostics: [error(0, 1), error(2, 3), error(4, 5), error(8, 9)] };
  renderText(report, { mask });
  expect(seen).toEqual(["one = 1", "two = 2"]);
});

test("control characters of a script do not reach the terminal", () => {
  const source = new SourceText("x = \u001b[2J\n");
  // oxlint-disable-next-line no-control-regex
  expect(renderText({ source, diagnostics: [error(4, 5)] })).not.toMatch(/[\u0000-\u0009\u001b]/);
});

test("a place at the end of a text without a newline can be shown", () => {
  const source = new SourceText("x =");
  expect(renderText({ source, diagnostics: [error(3, 3)] })).toContain("1 │ x =\n  │    ^\n");
});

test("fixes are made together; one that collides with an earlier is left for the next time", () => {
  const fix = (start: number, end: number, text: string): Diagnostic =>
    error(start, end, { fix: { edits: [{ span: { start, end }, text }] } });
  expect(applyFixes("abcdef", [fix(4, 5, "E"), fix(0, 1, "A"), fix(0, 2, "X"), error(1, 2)])).toBe(
    "AbcdEf",
  );
  expect(applyFixes("ab", [fix(1, 1, ")"), fix(1, 1, "]")])).toBe("a)]b");
});

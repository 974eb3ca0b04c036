import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { applyFixes, parse, renderText } from "@tocsin/language/syntax";
import { expect, test } from "vitest";

// Scripts with mistakes, separated by lines of dashes; beside them what is said about each, and
// what the fixes make of it. Written anew with BLESS=1.
const scripts = new URL("mistakes.txt", import.meta.url);
const golden = new URL("mistakes.golden", import.meta.url);

function account(script: string): string {
  const { file, diagnostics } = parse(script, "alert.flux");
  const said = renderText({ source: file.source, diagnostics });
  const mended = applyFixes(script, diagnostics);
  const left = parse(mended).diagnostics.map(({ code }) => code);
  const verdict = left.length === 0 ? "nothing is left" : `${left.join(", ")} left`;
  const after = mended === script ? "" : `\nmended, ${verdict}:\n\n${mended}`;
  return `${said || "no mistake\n"}${after}`;
}

test("what is said about mistakes", () => {
  const sections = readFileSync(scripts, "utf8").split(/^-{4,}\n/m);
  const text = sections.map((script) => `${"-".repeat(80)}\n${account(script)}`).join("");
  if (process.env["BLESS"] || !existsSync(golden)) writeFileSync(golden, text);
  expect(text).toBe(readFileSync(golden, "utf8"));
});

test("a fix that can be made is never made worse by another", () => {
  for (const script of readFileSync(scripts, "utf8").split(/^-{4,}\n/m)) {
    const { diagnostics } = parse(script);
    if (diagnostics.length === 0 || diagnostics.some(({ fix }) => fix === undefined)) continue;
    const left = parse(applyFixes(script, diagnostics)).diagnostics;
    expect(left.length, script).toBeLessThan(diagnostics.length);
  }
});

test("no script with a mistake counts as well formed, and none throws at any cut", () => {
  for (const script of readFileSync(scripts, "utf8").split(/^-{4,}\n/m)) {
    for (let end = 0; end <= script.length; end += 1) {
      const { file, diagnostics } = parse(script.slice(0, end));
      const errors = diagnostics.filter(({ severity }) => severity === "error");
      expect(file.wellFormed).toBe(errors.length === 0);
      for (const { span } of errors) {
        expect(span.start).toBeLessThanOrEqual(span.end);
        expect(span.end).toBeLessThanOrEqual(end);
      }
    }
  }
});

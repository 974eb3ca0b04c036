import { type File, format, parse, printAst } from "@tocsin/language/syntax";
import { seeded } from "@tocsin/platform/host";
import fc from "fast-check";
import { expect, test } from "vitest";
import { generateProgram, mutations } from "./generate-program.ts";

// fast-check prints the seed and the path of a failure.
const program = fc
  .tuple(fc.nat(), fc.integer({ min: 1, max: 6 }))
  .map(([seed, size]) => generateProgram(seeded(seed), size));

function comments(file: File): string[] {
  return file.comments.map(({ text }) => text.trimEnd()).toSorted();
}

test("a generated program has no mistake", () => {
  fc.assert(
    fc.property(program, (text) => {
      const errors = parse(text).diagnostics.filter(({ severity }) => severity === "error");
      expect(errors).toEqual([]);
    }),
    { numRuns: 1500 },
  );
});

test("formatting keeps the tree and every comment, and changes nothing the second time", () => {
  fc.assert(
    fc.property(program, (text) => {
      const { file } = parse(text);
      const once = format(file);
      const again = parse(once);
      expect(again.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
      expect(printAst(again.file)).toBe(printAst(file));
      expect(comments(again.file)).toEqual(comments(file));
      expect(format(again.file)).toBe(once);
    }),
    { numRuns: 1500 },
  );
});

test("no damage makes the parser throw, and every place it names is in the text", () => {
  fc.assert(
    fc.property(program, fc.nat(), fc.nat(mutations.length - 1), (text, seed, index) => {
      const damaged = mutations[index].apply(text, seeded(seed));
      const { file, diagnostics } = parse(damaged);
      expect(file.wellFormed).toBe(diagnostics.every(({ severity }) => severity === "warning"));
      const edits = diagnostics.flatMap(({ fix }) => (fix ? fix.edits : []));
      const labels = diagnostics.flatMap((diagnostic) => diagnostic.labels ?? []);
      for (const { span } of [...diagnostics, ...edits, ...labels]) {
        expect(span.start).toBeGreaterThanOrEqual(0);
        expect(span.start).toBeLessThanOrEqual(span.end);
        expect(span.end).toBeLessThanOrEqual(damaged.length);
      }
    }),
    { numRuns: 3000 },
  );
});

test("a file with mistakes is not formatted", () => {
  const text = "x   =   (1\n";
  expect(format(parse(text).file)).toBe(text);
});

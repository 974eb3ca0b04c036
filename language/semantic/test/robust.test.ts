import { seeded } from "@tocsin/platform/host";
import { applyFixes, parse } from "@tocsin/language/syntax";
import { check } from "@tocsin/language/semantic";
import { expect, test } from "vitest";

import { generateProgram, mutations } from "../../syntax/test/generate-program.ts";
import { Chance, Generator } from "./generate-typed.ts";
import { signatures } from "./signatures-fixture.ts";

const seeds = Array.from({ length: 400 }, (_, at) => at + 1);

/** A program, whole or damaged, of either generator. */
function program(seed: number): string {
  const random = seeded(seed);
  const text =
    seed % 2 === 0 ? generateProgram(random, 8) : new Generator(new Chance(seed)).program().text;
  const damages = Math.floor(random.next() * 4);
  let damaged = text;
  for (let step = 0; step < damages; step += 1) {
    const { apply } = mutations[Math.floor(random.next() * mutations.length)];
    damaged = apply(damaged, random);
  }
  return damaged;
}

/** What is wrong with the answer for a text. */
function faults(text: string): string[] {
  const { file, diagnostics } = parse(text);
  const checked = check(file, signatures);
  const found: string[] = [];
  for (const { span, message, labels = [], fix } of checked.diagnostics) {
    const spans = [span, ...[...labels, ...(fix?.edits ?? [])].map((each) => each.span)];
    const outside = spans.some(({ start, end }) => start < 0 || end < start || end > text.length);
    if (outside) found.push(`points outside of the text: ${message}`);
    if (!/^\S.*[^.\s]$/s.test(message)) found.push(`no sentence: ${message}`);
  }
  const keys = checked.diagnostics.map(({ code, span }) => `${code} ${span.start} ${span.end}`);
  if (new Set(keys).size < keys.length) found.push(`said twice: ${keys.join(", ")}`);
  const all = [...diagnostics, ...checked.diagnostics];
  const severities = new Set(checked.diagnostics.map(({ severity }) => severity));
  if (severities.size > 1) found.push("warnings beside errors");
  applyFixes(text, all);
  if (checked.typed.names().some(({ type }) => type === "")) found.push("a type without text");
  return found;
}

test("whatever the text, a check ends and points into it", () => {
  console.log(`seeds 1 to ${seeds.length}`);
  const found = seeds.flatMap((seed) => faults(program(seed)).map((each) => `${seed}: ${each}`));
  expect(found).toEqual([]);
});

test("a type that holds another one a million times over is no trouble", () => {
  const doubled = (name: string, at: number, rest: string) => {
    const inner = `${name}${at - 1}`;
    return `${name}${at} = {x: ${inner}, y: ${inner}${rest}}`;
  };
  const lines = ["a0 = 1", "b0 = 1", "g0 = 1"];
  for (let at = 1; at <= 24; at += 1) {
    lines.push(doubled("a", at, ""), doubled("b", at, ""));
    // Each use of a generic function is a type of its own.
    lines.push(doubled("g", at, ", z: (n) => n"));
  }
  lines.push("c = [a24, b24] == [b24]", "d = g24.x.y.z(n: 1)", "e = c and d");
  const text = lines.join("\n");
  expect(faults(text)).toEqual([]);
  const { diagnostics, typed } = check(parse(text).file, signatures);
  expect(diagnostics).toEqual([]);
  expect(typed.names().at(-1)?.type).toBe("bool");
});

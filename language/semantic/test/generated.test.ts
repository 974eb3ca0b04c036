import { parse } from "@tocsin/language/syntax";
import { check } from "@tocsin/language/semantic";
import { expect, test } from "vitest";

import { canonicalType } from "./canonical-type.ts";
import { Chance, Generator } from "./generate-typed.ts";
import { Oracle } from "./oracle.ts";
import { productions, productionsOf } from "./productions.ts";
import { signatures } from "./signatures-fixture.ts";
import { upstreamErrors } from "./upstream-errors.ts";

const programs = 2000;
const firstSeed = 1;

/** What the generated programs were made of, and where the two checkers differ. */
class Tally {
  readonly productions = new Map<string, number>();
  readonly errors = new Map<string, number>();
  readonly differences: string[] = [];
  wellTyped = 0;
  types = 0;

  count(counts: Map<string, number>, name: string, by = 1): void {
    counts.set(name, (counts.get(name) ?? 0) + by);
  }
}

async function compare(oracle: Oracle, tally: Tally, seed: number): Promise<void> {
  const { text, names } = new Generator(new Chance(seed)).program();
  const parsed = parse(text);
  const checked = check(parsed.file, signatures);
  const found = [...parsed.diagnostics, ...checked.diagnostics];
  const errors = found.filter(({ severity }) => severity === "error");
  const verdict = await oracle.ask(text, errors.length === 0 ? names : []);
  if (!verdict) {
    tally.differences.push(`seed ${seed}: the oracle broke down over\n${text}`);
    return;
  }
  if (parsed.file.wellFormed) {
    for (const [name, count] of productionsOf(parsed.file)) {
      tally.count(tally.productions, name, count);
    }
  }
  for (const { message } of verdict.errors) {
    for (const [kind, pattern] of Object.entries(upstreamErrors)) {
      if (pattern.test(message)) tally.count(tally.errors, kind);
    }
  }
  if (errors.length > 0 !== verdict.errors.length > 0) {
    const [mine] = errors;
    const [theirs] = verdict.errors;
    tally.differences.push(`seed ${seed}: ${mine?.message} / ${theirs?.message} in\n${text}`);
  } else if (errors.length === 0) compareTypes(tally, seed, checked.typed.names(), verdict.types);
}

function compareTypes(
  tally: Tally,
  seed: number,
  names: readonly { readonly name: string; readonly type: string }[],
  theirs: ReadonlyMap<string, string>,
): void {
  tally.wellTyped += 1;
  for (const { name, type } of names) {
    const printed = theirs.get(name);
    if (printed === undefined) continue;
    tally.types += 1;
    // Upstream prints names of fields without quotes, whatever they hold.
    const readable = printed.replaceAll(/(?<!")odd name:/g, '"odd name":');
    if (canonicalType(type) !== canonicalType(readable)) {
      tally.differences.push(`seed ${seed}: ${name} is ${type}, upstream ${printed}`);
    }
  }
}

test("2,000 generated programs have the verdict and the types of the oracle", async () => {
  const oracle = await Oracle.start();
  const tally = new Tally();
  for (let seed = firstSeed; seed < firstSeed + programs; seed += 1) {
    await compare(oracle, tally, seed);
  }
  const used = productions.map((name) => [name, tally.productions.get(name) ?? 0] as const);
  const met = Object.keys(upstreamErrors).map((k) => [k, tally.errors.get(k) ?? 0] as const);
  const line = (counts: readonly (readonly [string, number])[]) =>
    counts.map(([name, count]) => `${name} ${count}`).join(", ");
  console.log(`seeds ${firstSeed} to ${firstSeed + programs - 1}`);
  console.log(`${tally.wellTyped} well typed programs, ${tally.types} types compared`);
  console.log(`productions: ${line(used)}`);
  console.log(`errors: ${line(met)}`);
  expect(tally.differences).toEqual([]);
  expect(used.filter(([, count]) => count < 20)).toEqual([]);
  expect(met.filter(([, count]) => count < 10)).toEqual([]);
  expect(tally.wellTyped).toBeGreaterThan(programs / 3);
}, 300_000);

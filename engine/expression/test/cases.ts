import type { RecordValue, Value } from "@tocsin/data/value";
import type { RowCompiler } from "@tocsin/engine/expression";
import { folderOutcome, mapperOutcome, type Outcome, predicateOutcome } from "./comparison.ts";
import { valuesOutcome } from "./comparison.ts";
import {
  allKinds,
  binaryOperators,
  type Dice,
  Generator,
  type Kind,
  kinds,
  sample,
} from "./generator.ts";
import { surroundings } from "./natives.ts";
import { functionOf, valueOf } from "./scripts.ts";

/** A row function to run both ways. */
export interface Case {
  readonly form: "predicate" | "mapper" | "folder";
  readonly source: string;
  readonly identity?: string;
  /** `operator left right`, when this case is there for one pair. */
  readonly pair?: string;
}

/** Every operator on every pair of kinds, each as a column of a map. */
export function pairCases(dice: Dice): Case[] {
  const cases: Case[] = [];
  const add = (pair: string, body: string): void => {
    cases.push({ form: "mapper", source: `it = (r) => ({v: ${body}})`, pair });
  };
  const generator = new Generator(dice);
  const leaf = (kind: Kind): string => generator.leaf(kind);
  for (const left of allKinds) {
    for (const right of allKinds) {
      for (const operator of [...binaryOperators, "and", "or"]) {
        add(`${operator} ${left} ${right}`, `${leaf(left)} ${operator} ${leaf(right)}`);
      }
      add(`if ${left} ${right}`, `if r.bn then ${leaf(left)} else ${leaf(right)}`);
    }
    for (const operator of ["-", "+", "not", "exists"]) {
      add(`${operator} ${left}`, `${operator} ${leaf(left)}`);
    }
    add(`interpolate ${left}`, `"\${${leaf(left)}}"`);
    add(`test ${left}`, `if ${leaf(left)} then 1 else 2`);
    add(`index ${left}`, `[1, 2][${leaf(left)}]`);
    add(`member ${left}`, `(${leaf(left)}).a`);
    add(`call ${left}`, `(${leaf(left)})(x: 1)`);
    add(`upper ${left}`, `upper(v: ${leaf(left)})`);
    add(`half ${left}`, `half(x: ${leaf(left)})`);
    add(`toFloat ${left}`, `toFloat(v: ${leaf(left)})`);
    add(`toText ${left}`, `toText(v: ${leaf(left)})`);
    add(`pipe ${left}`, `${leaf(left)} |> piped()`);
    add(`wrong argument ${left}`, `half(y: ${leaf(left)})`);
    add(`with ${left}`, `(() => { b = ${leaf(left)} return {b with a: 1} })().a`);
  }
  return cases;
}

/** A random row function. */
export function randomCase(dice: Dice): Case {
  const generator = new Generator(dice);
  const prelude = generator.prelude();
  const depth = 1 + dice.below(4);
  const roll = dice.below(100);
  const script = (fn: string): string =>
    fn.includes("g2(") ? `${prelude}\nit = ${fn}` : `it = ${fn}`;
  if (roll < 35) {
    return { form: "predicate", source: script(`(r) => ${generator.expression("bool", depth)}`) };
  }
  if (roll < 80) return { form: "mapper", source: script(`(r) => (${record(generator, depth)})`) };
  if (roll < 88) {
    const branches = `${record(generator, 1)} else ${record(generator, 1)}`;
    const test = generator.expression("bool", depth);
    return { form: "mapper", source: script(`(r) => if ${test} then ${branches}`) };
  }
  return folder(generator, dice, script);
}

function record(generator: Generator, depth: number): string {
  const { dice } = generator;
  const count = 1 + dice.below(3);
  const fields = Array.from({ length: count }, (_, i) => {
    const kind = dice.pick([...kinds, ...kinds, ...kinds, "null", "duration"] as const);
    const label = dice.chance(10) ? dice.pick(["ik", "s", "f"]) : `v${i}`;
    return [label, generator.expression(kind, depth)] as const;
  });
  const unique = [...new Map(fields)].map(([label, source]) => `${label}: ${source}`).join(", ");
  return dice.chance(40) ? `{r with ${unique}}` : `{${unique}}`;
}

function folder(generator: Generator, dice: Dice, script: (fn: string) => string): Case {
  const locals = [
    { name: "accumulator.n", kind: "int" as const },
    { name: "accumulator.x", kind: "float" as const },
    { name: "accumulator.s", kind: "string" as const },
  ];
  const fields = generator.within(locals, () => {
    const part = (kind: Kind): string => generator.expression(kind, dice.below(2));
    return [
      `n: if exists r.in then accumulator.n + ${part("int")} else accumulator.n`,
      `x: ${part("float")}`,
      `s: if r.b then ${part("string")} else accumulator.s`,
    ];
  });
  const source = script(`(r, accumulator) => ({${fields.join(", ")}})`);
  return { form: "folder", source, identity: '{n: 0, x: 1.0, s: "<"}' };
}

/** What a compiler makes of a case. */
export function outcomeOf(one: Case, rows: RowCompiler): Outcome {
  const fn = functionOf(one.source, surroundings);
  if (one.form === "predicate") return predicateOutcome(rows, fn, sample);
  if (one.form === "mapper") {
    const mapped = mapperOutcome(rows, fn, sample);
    // The same function as an endpoint runs it, of some.
    return one.source.length % 3 === 0 ? [...mapped, ...valuesOutcome(rows, fn, sample)] : mapped;
  }
  const identity: Value = valueOf(one.identity ?? "{}");
  return folderOutcome(rows, fn, { batch: sample, identity: identity as RecordValue });
}

import type { ConditionalExpression } from "@tocsin/language/syntax";
import { operandNames } from "../operations.ts";
import { boxed } from "./boxing.ts";
import type { Env } from "./env.ts";
import { compile } from "./expression.ts";
import { choose } from "./logic.ts";
import { conditionOf } from "./logical.ts";
import {
  NULL_TERM,
  nullScalar,
  type Scalar,
  scalar,
  type Struct,
  type Term,
  zero,
} from "./term.ts";
import type { Unit } from "./unit.ts";

/** `if … then … else …`. */
export function conditionalTerm(node: ConditionalExpression, env: Env, unit: Unit): Term {
  const holds = unit.short(conditionOf(node.test, operandNames.test, node, { env, unit }));
  if (holds === "true") return compile(node.consequent, env, unit);
  if (holds === "false") return compile(node.alternate, env, unit);
  const yes = unit.captured(() => compile(node.consequent, env, unit));
  const no = unit.captured(() => compile(node.alternate, env, unit));
  const a = yes.result;
  const b = no.result;
  const lines = { yes: yes.lines, no: no.lines };
  if (a.form === "struct" && b.form === "struct" && sameLabels(a, b)) {
    const labels = [...a.fields.keys()];
    const pairs = labels.map((label) => pairOf(a.fields.get(label), b.fields.get(label)));
    const terms = merged(holds, pairs, lines, unit);
    const fields = new Map(labels.map((label, i) => [label, terms[i]]));
    return { form: "struct", fields, row: a.row && b.row };
  }
  return merged(holds, [{ a, b }], lines, unit)[0];
}

interface Pair {
  readonly a: Term;
  readonly b: Term;
}

const pairOf = (a: Term = NULL_TERM, b: Term = NULL_TERM): Pair => ({ a, b });

/** Labels in the same order, too: a record keeps it. */
function sameLabels(a: Struct, b: Struct): boolean {
  const labels = [...b.fields.keys()];
  return (
    a.fields.size === labels.length && [...a.fields.keys()].every((one, i) => one === labels[i])
  );
}

/** One term for each pair: the first of it where `test` holds. */
function merged(
  test: string,
  pairs: readonly Pair[],
  lines: { yes: readonly string[]; no: readonly string[] },
  unit: Unit,
): Term[] {
  const yes = unit.captured(() => pairs.map(({ a, b }) => sideOf(a, b, unit)));
  const no = unit.captured(() => pairs.map(({ a, b }) => sideOf(b, a, unit)));
  const before = [...lines.yes, ...yes.lines];
  const otherwise = [...lines.no, ...no.lines];
  if (before.length + otherwise.length === 0) {
    const condition = unit.short(test);
    return pairs.map(
      (pair, i) => same(pair) ?? chosen(condition, yes.result[i], no.result[i], unit),
    );
  }
  const outcomes = pairs.map((pair, i) => outcomeOf(pair, yes.result[i], no.result[i], unit));
  unit.emit(`if (${test}) {`);
  before.forEach((line) => unit.emit(`  ${line}`));
  yes.result.forEach((side, i) => assign(outcomes[i], side, unit));
  unit.emit("} else {");
  otherwise.forEach((line) => unit.emit(`  ${line}`));
  no.result.forEach((side, i) => assign(outcomes[i], side, unit));
  unit.emit("}");
  return outcomes.map((outcome) => outcome.term);
}

/** The term of both branches when they are the same: a column that passes is still a column. */
function same({ a, b }: Pair): Term | undefined {
  if (a === b) return a;
  if (a.form === "null" && b.form === "null") return a;
  if (a.form !== "scalar" || b.form !== "scalar") return undefined;
  return a.column !== undefined && a.column === b.column ? a : undefined;
}

/** What one branch gives, in the form that both can have. */
type Side = { readonly kind: Scalar["kind"]; readonly code: string; readonly absent: string } | Box;
interface Box {
  readonly kind: "boxed";
  readonly code: string;
}

function sideOf(term: Term, other: Term, unit: Unit): Side {
  if (same({ a: term, b: other }) !== undefined) return { kind: "boxed", code: "undefined" };
  const kind = commonKind(term, other);
  if (kind === undefined) return { kind: "boxed", code: boxed(term, unit) };
  const one = term.form === "scalar" ? term : nullScalar(kind);
  return { kind, code: one.code, absent: one.absent };
}

function commonKind(a: Term, b: Term): Scalar["kind"] | undefined {
  if (a.form === "scalar" && b.form === "scalar") return a.kind === b.kind ? a.kind : undefined;
  if (a.form === "scalar" && b.form === "null") return a.kind;
  return a.form === "null" && b.form === "scalar" ? b.kind : undefined;
}

function chosen(condition: string, yes: Side, no: Side, unit: Unit): Term {
  if (yes.kind === "boxed" || no.kind === "boxed") {
    const code = unit.bound(choose(condition, yes.code, no.code), "b");
    return { form: "boxed", code };
  }
  const absent = unit.short(choose(condition, yes.absent, no.absent));
  return scalar(yes.kind, choose(condition, yes.code, no.code), absent);
}

interface Outcome {
  readonly term: Term;
  readonly code: string | undefined;
  readonly absent: string | undefined;
}

/** The variables that both branches assign. */
function outcomeOf(pair: Pair, yes: Side, no: Side, unit: Unit): Outcome {
  const unchanged = same(pair);
  if (unchanged !== undefined) return { term: unchanged, code: undefined, absent: undefined };
  if (yes.kind === "boxed" || no.kind === "boxed") {
    const code = unit.fresh("b");
    unit.emit(`let ${code} = NULL;`);
    return { term: { form: "boxed", code }, code, absent: undefined };
  }
  const code = unit.fresh("v");
  unit.emit(`let ${code} = ${zero[yes.kind]};`);
  if (yes.absent === "false" && no.absent === "false") {
    return { term: scalar(yes.kind, code), code, absent: undefined };
  }
  const absent = unit.fresh("v");
  unit.emit(`let ${absent} = false;`);
  return { term: scalar(yes.kind, code, absent), code, absent };
}

function assign({ code, absent }: Outcome, side: Side, unit: Unit): void {
  if (code !== undefined) unit.emit(`  ${code} = ${side.code};`);
  if (absent !== undefined && side.kind !== "boxed") unit.emit(`  ${absent} = ${side.absent};`);
}

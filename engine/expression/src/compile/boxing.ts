import { nullOf, Scope } from "@tocsin/data/value";
import { type Expression, type FunctionExpression, keyName } from "@tocsin/language/syntax";
import { childrenOf } from "../effect.ts";
import type { Env } from "./env.ts";
import { wrapped } from "./logic.ts";
import type { Lambda, Term } from "./term.ts";
import { constantTerm, type Unit } from "./unit.ts";

/** Code of the `Value` that a term stands for. What it emits cannot throw. */
export function boxed(term: Term, unit: Unit): string {
  switch (term.form) {
    case "boxed":
      return term.code;
    case "null":
      return "NULL";
    case "constant":
      return unit.constant(term.value);
    case "scalar": {
      const none = (): string => unit.constant(nullOf(term.kind));
      const { absent } = term;
      if (absent === "true") return none();
      const made = `box_${term.kind}(${term.code})`;
      return absent === "false" ? made : `(${wrapped(absent)} ? ${none()} : ${made})`;
    }
    case "struct": {
      if (term.row) return unit.rowValue();
      const labels = unit.constant([...term.fields.keys()]);
      const values = [...term.fields.values()].map((one) => boxed(one, unit));
      return unit.bound(`recordOf(${labels}, [${values.join(", ")}])`, "b");
    }
    case "lambda":
      return boxedLambda(term, unit);
  }
}

function boxedLambda({ node, env, file, name }: Lambda, unit: Unit): string {
  const scope = scopeFor(node, env, unit);
  const parts = [unit.constant(node), scope, unit.constant(file), unit.constant(name)];
  return unit.bound(`closureOf(${parts.join(", ")})`, "b");
}

/** A variable that holds a scope in which `node` can be walked: with the local names that it uses. */
export function scopeFor(node: Expression, env: Env, unit: Unit): string {
  const names = new Set<string>();
  collectNames(node, names);
  const local = [...names].flatMap((name) => {
    const term = env.local(name);
    return term === undefined ? [] : [{ name, term }];
  });
  const { entry } = env;
  if (local.length === 0) {
    return unit.constant(entry === undefined ? env.scope : new Scope(env.scope, entry));
  }
  const values = local.map(({ term }) => boxed(term, unit));
  const labels = unit.constant(local.map(({ name }) => name));
  return unit.bound(
    `scopeOf(${unit.constant(env.scope)}, ${labels}, [${values.join(", ")}], ${unit.constant(entry)})`,
    "s",
  );
}

/** All names that occur in `node`: more than are free in it, which does no harm. */
function collectNames(node: Expression, names: Set<string>): void {
  if (node.kind === "Identifier") names.add(node.name);
  else if (node.kind === "FunctionExpression") functionNames(node, names);
  else if (node.kind === "RecordExpression" || node.kind === "CallExpression") {
    const properties = node.kind === "CallExpression" ? node.arguments : node.properties;
    for (const one of properties) if (one.value === undefined) names.add(keyName(one.key));
  }
  for (const child of childrenOf(node)) collectNames(child, names);
}

function functionNames(node: FunctionExpression, names: Set<string>): void {
  for (const { default: preset } of node.parameters) {
    if (preset !== undefined) collectNames(preset, names);
  }
  if (node.body.kind !== "Block") return collectNames(node.body, names);
  for (const statement of node.body.body) {
    if (statement.kind === "VariableAssignment") collectNames(statement.value, names);
    else if (statement.kind === "ExpressionStatement") collectNames(statement.expression, names);
    else if (statement.kind === "ReturnStatement") collectNames(statement.argument, names);
  }
}

/** What a name stands for; undefined when nothing is called so. */
export function lookUp(name: string, env: Env, unit: Unit): Term | undefined {
  const local = env.local(name);
  if (local !== undefined) return local;
  const cell = env.outer(name);
  if (cell === undefined) return undefined;
  if (cell.option) unit.guards.push({ cell, value: cell.value });
  return constantTerm(cell.value, unit);
}

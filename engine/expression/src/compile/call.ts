import type { FunctionValue, Location, Native, RawForm, SourceFile } from "@tocsin/data/value";
import {
  type Block,
  type CallExpression,
  type Expression,
  type FunctionExpression,
  type Identifier,
  keyName,
  type PipeExpression,
} from "@tocsin/language/syntax";
import { isColumnForm } from "../column-form.ts";
import { boxed } from "./boxing.ts";
import { Env } from "./env.ts";
import { compile, named, walked } from "./expression.ts";
import { or, wrapped } from "./logic.ts";
import { type Coded, NULL_TERM, type Scalar, scalar, type Term, zero } from "./term.ts";
import { settled, type Unit } from "./unit.ts";

/** Deeper calls are walked: code would grow with every level. */
const inlineDepthMax = 8;

/** `input |> call`. */
export function pipedTerm(node: PipeExpression, env: Env, unit: Unit): Term {
  return callTerm(node.call, { node, input: compile(node.input, env, unit) }, env, unit);
}

interface Piped {
  readonly node: PipeExpression;
  readonly input: Term;
}

interface Call {
  readonly node: CallExpression;
  readonly env: Env;
  readonly unit: Unit;
  readonly args: ReadonlyMap<string, Term>;
}

/** A call, with the piped value if there is one. */
export function callTerm(
  node: CallExpression,
  piped: Piped | undefined,
  env: Env,
  unit: Unit,
): Term {
  const callee = compile(node.callee, env, unit);
  const target = targetOf(callee);
  const pipe = piped === undefined ? undefined : pipeName(target);
  const names = node.arguments.map(({ key }) => keyName(key));
  const repeated = new Set(pipe === undefined ? names : [pipe, ...names]).size < names.length;
  const isPlain = node.arguments.every(
    (one) => one.value !== undefined || one.key.kind === "Identifier",
  );
  if (target === undefined || repeated || !isPlain || (piped !== undefined && pipe === undefined)) {
    return walkedCall(node, piped, env, unit);
  }
  const args = new Map<string, Term>();
  if (piped !== undefined && pipe !== undefined) args.set(pipe, settled(piped.input, unit));
  for (const { key, value } of node.arguments) {
    const term = named(compile(value ?? (key as Expression), env, unit), keyName(key));
    args.set(keyName(key), settled(term, unit));
  }
  return applied(target, { node, env, unit, args });
}

/** What is not known until run time, or will fail: all of it by the walk, in the walk's order. */
function walkedCall(node: CallExpression, piped: Piped | undefined, env: Env, unit: Unit): Term {
  if (piped === undefined) return walked(node, env, unit);
  const inner = env.inner();
  inner.define(pipedName, piped.input);
  const input: Identifier = { kind: "Identifier", span: piped.node.input.span, name: pipedName };
  return walked({ ...piped.node, input }, inner, unit);
}

/** No script can write this name. */
const pipedName = "<-";

type Target =
  | { readonly form: "native"; readonly fn: Native }
  | {
      readonly form: "inline";
      readonly node: FunctionExpression;
      /** Makes the environment of the body: around the parameters. */
      readonly around: (call: Call) => Env;
      readonly term: Term;
    };

function targetOf(callee: Term): Target | undefined {
  if (callee.form === "lambda") {
    const { node, env } = callee;
    const around = (call: Call): Env => env.entered(entryOf(env.file, call));
    return { form: "inline", node, around, term: callee };
  }
  if (callee.form !== "constant" || callee.value.kind !== "function") return undefined;
  const fn: FunctionValue = callee.value;
  if (fn.form === "native") return { form: "native", fn };
  const around = (call: Call): Env => new Env(fn.scope, fn.file).entered(entryOf(fn.file, call));
  return { form: "inline", node: fn.node, around, term: callee };
}

/** Errors inside the library are reported where the script called into it. */
const entryOf = (file: SourceFile, { node, env }: Call): Location | undefined =>
  file.library === true ? env.place(node) : undefined;

function pipeName(target: Target | undefined): string | undefined {
  if (target?.form === "native") return target.fn.parameters.find((one) => one.pipe)?.name;
  return target?.node.parameters.find((one) => one.pipe)?.key.name;
}

function applied(target: Target, call: Call): Term {
  if (target.form === "native") return nativeCall(target.fn, call);
  const { args, unit } = call;
  if (!canInline(target.node, args) || unit.depth >= inlineDepthMax)
    return valueCall(target.term, call);
  unit.depth += 1;
  const result = inlined(target.node, target.around(call), args, unit);
  unit.depth -= 1;
  return result;
}

/** Whether a function takes arguments of these names, and has a body that code can be made of. */
export function canInline(
  node: FunctionExpression,
  names: { has(name: string): boolean; readonly size: number },
): boolean {
  const { parameters } = node;
  const complete = parameters.every((one) => one.default !== undefined || names.has(one.key.name));
  const known = parameters.filter((one) => names.has(one.key.name)).length === names.size;
  return complete && known && bodyCanBeCompiled(node);
}

const bodyCanBeCompiled = ({ body }: FunctionExpression): boolean =>
  body.kind !== "Block" || (body.body.every((one) => one.kind in statements) && returns(body));

const statements = { VariableAssignment: true, ExpressionStatement: true, ReturnStatement: true };

const returns = (block: Block): boolean =>
  block.body.filter((one) => one.kind === "ReturnStatement").length === 1;

/** The body of a function with its parameters bound to terms. */
export function inlined(
  node: FunctionExpression,
  around: Env,
  args: ReadonlyMap<string, Term>,
  unit: Unit,
): Term {
  isColumnForm(node);
  const env = around.inner();
  for (const { key, default: preset } of node.parameters) {
    const given = args.get(key.name);
    if (given !== undefined) env.define(key.name, given);
    else if (preset !== undefined) {
      env.define(key.name, settled(named(compile(preset, around, unit), key.name), unit));
    }
  }
  if (node.body.kind !== "Block") return compile(node.body, env, unit);
  let result: Term = NULL_TERM;
  for (const statement of node.body.body) {
    if (statement.kind === "VariableAssignment") {
      const { name } = statement.name;
      env.define(name, settled(named(compile(statement.value, env, unit), name), unit));
    } else if (statement.kind === "ExpressionStatement") compile(statement.expression, env, unit);
    else if (statement.kind === "ReturnStatement") result = compile(statement.argument, env, unit);
  }
  return result;
}

function nativeCall(fn: Native, call: Call): Term {
  const forms = fn.raw === undefined ? [] : [fn.raw].flat();
  for (const form of forms) {
    const term = rawCall(form, call);
    if (term !== undefined) return term;
  }
  const { args } = call;
  const fits = fn.parameters.every((one) => one.optional || args.has(one.name));
  const known = [...args.keys()].every((name) => fn.parameters.some((one) => one.name === name));
  if (fits && known) return nativeValueCall(fn, call);
  return valueCall({ form: "constant", value: fn }, call);
}

/** A native on cells without wrappers, when the arguments are of the kinds of this form. */
function rawCall(form: RawForm, { node, env, unit, args }: Call): Term | undefined {
  if (form.parameters.length !== args.size) return undefined;
  const { result } = form;
  const scalars: Scalar[] = [];
  for (const { name, kind } of form.parameters) {
    const term = args.get(name);
    if (term?.form !== "scalar" || term.kind !== kind) return undefined;
    scalars.push(term);
  }
  const absent = scalars.reduce((all, one) => or(all, one.absent), "false");
  const apply = unit.constant(form.apply);
  const codes = scalars.map((one) => one.code);
  unit.at(node, env);
  const made = memoised(scalars, apply, unit) ?? `${apply}(${codes.join(", ")})`;
  if (form.total === true) {
    const code = absent === "false" ? made : `${wrapped(absent)} ? ${zero[result]} : ${made}`;
    return scalar(result, unit.bound(code, "r"), absent);
  }
  const raw = unit.bound(absent === "false" ? made : `${wrapped(absent)} ? null : ${made}`, "r");
  const code = unit.bound(`${raw} === null ? ${zero[result]} : ${raw}`);
  return scalar(result, code, `${raw} === null`);
}

/** The result for a dictionary's string and constants: computed once for each string that a row holds. */
function memoised(scalars: readonly Scalar[], apply: string, unit: Unit): string | undefined {
  const coded = onlyVarying(scalars)?.coded;
  if (coded === undefined) return undefined;
  const parts = scalars.map((one) => (one.coded === undefined ? one.code : "text"));
  return onceCode(coded, `${apply}(${parts.join(", ")})`, unit);
}

/** The one argument that is not the same for all rows; undefined when there are more, or none. */
function onlyVarying(terms: readonly Term[]): Scalar | undefined {
  const varying = terms.filter((one) => !isSettled(one));
  const [first] = varying;
  return varying.length === 1 && first.form === "scalar" ? first : undefined;
}

/** Whether a term never changes. A function may: it can read an option. */
function isSettled(term: Term): boolean {
  if (term.form === "scalar") return term.constant !== undefined;
  if (term.form !== "constant") return false;
  const { kind } = term.value;
  return kind === "regexp" || kind === "duration" || kind === "bytes";
}

function onceCode({ code, dictionary }: Coded, work: string, unit: Unit): string {
  const known = unit.declared(
    `memo:${unit.fresh("m")}`,
    "m",
    (name) => `const ${name} = memo(${unit.constant(new WeakMap())}, ${dictionary});`,
  );
  return `once(${known}, ${dictionary}, ${code}, (text) => ${work})`;
}

/** A call with values, by the walk's rules: also what checks arguments that do not fit. */
function valueCall(target: Term, { node, env, unit, args }: Call): Term {
  const callee = boxed(target, unit);
  const labels = unit.constant([...args.keys()]);
  const values = [...args.values()].map((one) => boxed(one, unit));
  unit.at(node, env);
  const code = `called(${callee}, ${labels}, [${values.join(", ")}], at)`;
  return { form: "boxed", code: unit.bound(code, "b") };
}

/** A call of a native with the right arguments. */
function nativeValueCall(fn: Native, { node, env, unit, args }: Call): Term {
  const terms = [...args.values()];
  const labels = unit.constant([...args.keys()]);
  const callWith = (values: readonly string[]): string =>
    `calledNative(${unit.constant(fn)}, ${labels}, [${values.join(", ")}], at)`;
  const values = terms.map((one) => boxed(one, unit));
  unit.at(node, env);
  const varying = onlyVarying(terms);
  if (varying?.coded === undefined) {
    return { form: "boxed", code: unit.bound(callWith(values), "b") };
  }
  const ofText = terms.map((one, i) => (one === varying ? "box_string(text)" : values[i]));
  const once = onceCode(varying.coded, callWith(ofText), unit);
  const { absent } = varying;
  const made = absent === "false" ? once : `${wrapped(absent)} ? ${callWith(values)} : ${once}`;
  return { form: "boxed", code: unit.bound(made, "b") };
}

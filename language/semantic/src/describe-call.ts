import { keyName } from "@tocsin/language/syntax";
import type { CallExpression, Diagnostic, Edit, Fix, Property } from "@tocsin/language/syntax";

import { describeArgument } from "./describe-argument.ts";
import { describeEndless } from "./describe-clash.ts";
import { argumentOf, type Finding, renameKey } from "./finding.ts";
import { isBroken, isNameless } from "./broken.ts";
import { nearest } from "./near.ts";
import type { Near } from "./near.ts";
import { pipeOf, resolve } from "./type.ts";
import type { FunctionType, Type } from "./type.ts";
import type { Problem } from "./unify.ts";
import { list, name, nameText, say } from "./words.ts";
import type { World } from "./world.ts";

type Call = Extract<Finding, { kind: "call" }>;

/** The mistakes of one call; those that belong together are one diagnostic. */
export function describeCall(world: World, finding: Call): Diagnostic[] {
  const early = argumentsTooEarly(world, finding);
  const skipped = new Set<Problem>(early?.explained);
  const out: Diagnostic[] = early ? [early.diagnostic] : [];
  const open = () => finding.problems.filter((each) => !skipped.has(each));
  for (const describe of [ofTables, neverCalled, unexpectedArguments, missingArguments, pipes]) {
    const found = describe({ ...finding, problems: open() }, world);
    for (const { diagnostic, explained } of found) {
      out.push(diagnostic);
      for (const each of explained) skipped.add(each);
    }
  }
  return [...out, ...describeRest(world, { ...finding, problems: open() })];
}

type Explained = { readonly diagnostic: Diagnostic; readonly explained: readonly Problem[] };

/** What is left belongs to the value of one argument each, or to the result. */
function describeRest(world: World, finding: Call): Diagnostic[] {
  const byArgument = new Map<string, Problem[]>();
  for (const problem of finding.problems) {
    const [step] = problem.path;
    const key = step?.kind === "argument" ? step.name : "";
    byArgument.set(key, [...(byArgument.get(key) ?? []), problem]);
  }
  // A value without a name may be any of the arguments that are missing: that has been said.
  if (finding.call.arguments.some((each) => isNameless(each) || isBroken(each.key)))
    byArgument.delete("");
  return [...byArgument].flatMap(([argument, problems]) =>
    describeArgument(world, { ...finding, argument, problems }),
  );
}

/**
 * `endpoint(url: u, mapFn: f)`: the argument belongs to the function that this call gives back.
 * It moves into a call of its own.
 */
function argumentsTooEarly(world: World, finding: Call): Explained | undefined {
  const result = resultFunction(finding.callee);
  if (!result) return undefined;
  const { call, problems } = finding;
  const early = problems.filter(
    ({ path, clash }) =>
      path.length === 0 &&
      clash.kind === "extra argument" &&
      result.parameters.some((each) => each.mode !== "pipe" && each.name === clash.name),
  );
  if (early.length === 0) return undefined;
  const moved = early.flatMap(({ clash }) => {
    const found = clash.kind === "extra argument" ? argumentOf(call, clash.name) : undefined;
    return found ? [found] : [];
  });
  const names = moved.map((each) => keyName(each.key));
  const texts = moved.map((each) => world.source.slice(each.span));
  const { end } = call.span;
  const edits: Edit[] = moved.map((each) => removal(call, each));
  edits.push({ span: { start: end, end }, text: `(${texts.join(", ")})` });
  const callee = name(call.callee);
  const diagnostic: Diagnostic = {
    code: "E0225",
    severity: "error",
    span: moved[0].key.span,
    message: `${list(names)} belongs to the second call: what ${callee} gives back takes it`,
    hint: `write \`…(${names.map((each) => `${each}: …`).join(", ")})\` behind the call`,
    fix: { description: `move ${list(names)} into the second call`, edits },
  };
  const pipe = problems.filter(isMissingPipe);
  return { diagnostic, explained: [...early, ...pipe] };
}

/** Takes an argument out of a call together with one comma. */
function removal(call: CallExpression, argument: Property): Edit {
  const at = call.arguments.indexOf(argument);
  const before = call.arguments[at - 1];
  const after = call.arguments[at + 1];
  if (before) return { span: { start: before.span.end, end: argument.span.end }, text: "" };
  const end = after ? after.span.start : argument.span.end;
  return { span: { start: argument.span.start, end }, text: "" };
}

/** `toString(v: r.x)`: these convert the column of a table, and their like without `to` one value. */
function ofTables({ call, callee, input, problems }: Call, world: World): Explained[] {
  const one =
    call.callee.kind === "Identifier"
      ? /^to(String|Int|UInt|Float|Bool|Time)$/.exec(call.callee.name)?.[1]
      : undefined;
  const target = resolve(callee);
  if (one === undefined || input || target.kind !== "function" || !pipeOf(target)) return [];
  const wrong = problems.filter(
    ({ path, clash }) => path.length === 0 && clash.kind === "extra argument" && clash.name === "v",
  );
  if (wrong.length === 0) return [];
  const text = one.toLowerCase();
  for (const code of ["E0205", "E0206"]) world.explain(call, code);
  const diagnostic: Diagnostic = {
    code: "E0208",
    severity: "error",
    span: call.callee.span,
    message: `${name(call.callee)} takes tables, not one value`,
    hint: `one value is converted by \`${text}(v: …)\``,
    fix: { description: `write \`${text}\``, edits: [{ span: call.callee.span, text }] },
  };
  return [{ diagnostic, explained: [...wrong, ...missingIn(problems)] }];
}

/** `tables |> endpoint(mapFn: f)`: the function it gives back takes the tables. */
function neverCalled(finding: Call): Explained[] {
  const { call, input, callee, problems } = finding;
  const missing = problems.find(isMissingPipe);
  const result = resultFunction(callee);
  if (!missing || !input || !result || !pipeOf(result)) return [];
  const others = result.parameters.filter((each) => each.mode === "required");
  const { end } = call.span;
  const text = `(${others.map((each) => `${each.name}: `).join(", ")})`;
  const fix = { description: "add `()`", edits: [{ span: { start: end, end }, text }] };
  const inner = name(call.callee);
  const diagnostic: Diagnostic = {
    code: "E0224",
    severity: "error",
    span: call.span,
    message: `${inner} gives back a function that was never called: the tables do not reach it`,
    hint: `write \`${text}\` behind this call: that is the call which takes the tables`,
    ...(others.length === 0 ? { fix } : {}),
  };
  return [{ diagnostic, explained: [missing] }];
}

/** Arguments the function does not have; with the near name they also explain a missing one. */
function unexpectedArguments(finding: Call): Explained[] {
  const { call, problems } = finding;
  const missing = missingIn(problems);
  return problems.flatMap((problem) => {
    const { path, clash } = problem;
    if (path.length > 0 || clash.kind !== "extra argument") return [];
    const property = argumentOf(call, clash.name);
    const near = nearest(clash.name, clash.free) ?? onlyOne(finding, problems);
    const meant = near && missing.find((each) => nameOf(each) === near.name);
    const callee = name(call.callee);
    const hint = near ? `did you mean \`${near.name}\`?` : takes(finding.callee, clash.free);
    const span = property?.key.span ?? call.span;
    const edit = property && near && renameKey(property, near.name);
    const certain = edit && near.sure;
    const diagnostic: Diagnostic = {
      code: "E0208",
      severity: "error",
      span,
      message: `${callee} takes no argument \`${clash.name}\``,
      hint,
      ...(certain ? { fix: { description: `write \`${near.name}\``, edits: [edit] } } : {}),
    };
    return [{ diagnostic, explained: meant ? [problem, meant] : [problem] }];
  });
}

/** Where one argument is missing and one is too many, the one may be meant by the other. */
function onlyOne(finding: Call, problems: readonly Problem[]): Near | undefined {
  const target = resolve(finding.callee);
  const pipe = target.kind === "function" ? pipeOf(target)?.name : undefined;
  const missing = missingIn(problems).filter((each) => nameOf(each) !== pipe);
  const extra = problems.filter(
    ({ path, clash }) => path.length === 0 && clash.kind === "extra argument",
  );
  if (missing.length !== 1 || extra.length !== 1) return undefined;
  return { name: nameOf(missing[0]), sure: false };
}

function takes(callee: Type, free: readonly string[]): string {
  if (free.length > 0) return `it also takes ${list(free)}`;
  const target = resolve(callee);
  const none = target.kind === "function" && target.parameters.length === 0;
  return none ? "it takes no arguments" : "leave it out";
}

function missingArguments(finding: Call, world: World): Explained[] {
  const { call, callee, input, problems } = finding;
  const missing = missingIn(problems);
  if (missing.length === 0) return [];
  const nameless = namelessArgument(finding, world);
  if (nameless) return [{ diagnostic: nameless, explained: missing }];
  // What could not be read may have been the argument; what is piped may be meant as the argument.
  if (call.arguments.some(isBroken)) return [];
  if (missing.length === 1 && problems.some(isMissingPipe)) return [];
  const target = resolve(callee);
  const pipe = target.kind === "function" ? pipeOf(target) : undefined;
  const names = missing.map(nameOf);
  const unpiped = pipe && !input && names.includes(pipe.name);
  const fix = unpiped ? forgottenPipe(call, world) : undefined;
  const hint = unpiped
    ? fix
      ? "write `|>` before it: nothing is piped into it from the line above"
      : `pipe it in: \`${pipe.name} |> …\`; or give it as \`${pipe.name}: …\``
    : undefined;
  const words = names.length > 1 ? "arguments" : "argument";
  const diagnostic: Diagnostic = {
    code: "E0207",
    severity: "error",
    span: call.span,
    message: `${name(call.callee)} needs the ${words} ${list(names)}`,
    ...(hint ? { hint } : {}),
    ...(fix ? { fix } : {}),
  };
  return [{ diagnostic, explained: missing }];
}

/** `string(r.x)`: one value without a name, and one name without a value. */
function namelessArgument(
  { call, callee, problems }: Call,
  { source }: World,
): Diagnostic | undefined {
  const target = resolve(callee);
  const pipe = target.kind === "function" ? pipeOf(target)?.name : undefined;
  const missing = missingIn(problems)
    .map(nameOf)
    .filter((each) => each !== pipe);
  const given = call.arguments.filter(isPositional);
  if (missing.length !== 1 || given.length !== 1) return undefined;
  const [{ span }] = given;
  const [needed] = missing;
  const { start } = span;
  // Parameters that lack their parentheses get them first.
  const bare = /^\w+\s*=>/.test(source.slice(span));
  return {
    code: "E0207",
    severity: "error",
    span,
    message: `${name(call.callee)} needs the argument \`${needed}\`, found a value without a name`,
    hint: `arguments are given by name: write \`${needed}: ${brief(source.slice(span))}\``,
    ...(bare
      ? {}
      : {
          fix: {
            description: `write \`${needed}:\``,
            edits: [{ span: { start, end: start }, text: `${needed}: ` }],
          },
        }),
  };
}

/** A value that stands where an argument should, without its name. */
function isPositional(argument: Property): boolean {
  return isNameless(argument) || (argument.key.kind === "Identifier" && argument.key.name === "");
}

function brief(text: string): string {
  return text.length > 40 || text.includes("\n") ? "…" : text;
}

/** A call on a line of its own, below one that is piped on and as far to the right. */
function forgottenPipe({ span }: CallExpression, { source }: World): Fix | undefined {
  const lines = source.text.slice(0, span.start).split("\n");
  const indentation = lines.at(-1) ?? "";
  const above = lines.at(-2) ?? "";
  if (!/^[ \t]+$/.test(indentation) || !above.startsWith(`${indentation}|>`)) return undefined;
  const { start } = span;
  return { description: "pipe into it", edits: [{ span: { start, end: start }, text: "|> " }] };
}

function pipes(finding: Call): Explained[] {
  const { call, problems } = finding;
  const endless = problems.find(({ path, clash }) => path.length === 0 && clash.kind === "endless");
  if (endless?.clash.kind === "endless") {
    return [{ diagnostic: describeEndless(call.span, endless.clash.found), explained: [endless] }];
  }
  const pipe = problems.find(isMissingPipe);
  if (!pipe) return [];
  const missing = missingIn(problems);
  const calls = callsToPipe(finding.callee);
  const hint =
    missing.length === 1
      ? `give it as an argument: \`${nameOf(missing[0])}: …\``
      : calls
        ? `it gives back a function, which is called in its turn: \`|> ${nameText(call.callee) ?? "…"}(…)${calls}\``
        : "only a function with a parameter like `tables=<-` takes a piped value";
  const diagnostic: Diagnostic = {
    code: "E0209",
    severity: "error",
    span: call.span,
    message: `${name(call.callee)} takes nothing piped into it`,
    hint,
  };
  return [{ diagnostic, explained: [pipe, ...missing] }];
}

/** The calls that lead from what a function gives back to one that takes what is piped. */
function callsToPipe(callee: Type): string | undefined {
  let calls = "";
  for (let at = resultFunction(callee); at; at = resultFunction(at)) {
    const needed = at.parameters.filter(({ mode }) => mode === "required");
    calls += `(${needed.map((each) => `${each.name}: …`).join(", ")})`;
    if (pipeOf(at)) return calls;
  }
  return undefined;
}

function isMissingPipe({ path, clash }: Problem): boolean {
  return path.length === 0 && clash.kind === "missing pipe";
}

/** A call of something that is no function. */
export function describeNotFunction(
  world: World,
  { call, found }: { readonly call: CallExpression; readonly found: Type },
): Diagnostic {
  const called = name(call.callee);
  const newline = world.source.slice({ start: call.callee.span.end, end: call.span.end });
  const extra = onceTooOften(world, call, found);
  const hint = /^\s*\n\s*\(/.test(newline)
    ? "a newline does not end a statement: the parentheses below are read as a call"
    : extra && "it is called once too often: leave the last `()` out";
  return {
    code: "E0210",
    severity: "error",
    span: call.callee.span,
    message: `${called} is called, but it is ${say(found)}`,
    ...(hint ? { hint } : {}),
    ...(extra ? { fix: { description: "leave `()` out", edits: [extra] } } : {}),
  };
}

/** `endpoint(mapFn: f)()()`: then the call before gets nothing piped, too. */
function onceTooOften(
  world: World,
  { arguments: given, callee, span }: CallExpression,
  found: Type,
): Edit | undefined {
  if (callee.kind !== "CallExpression" || given.length > 0 || resolve(found).kind !== "stream")
    return undefined;
  world.explain(callee, "E0207");
  return { span: { start: callee.span.end, end: span.end }, text: "" };
}

function resultFunction(callee: Type): FunctionType | undefined {
  const target = resolve(callee);
  if (target.kind !== "function") return undefined;
  const result = resolve(target.result);
  return result.kind === "function" ? result : undefined;
}

function missingIn(problems: readonly Problem[]): Problem[] {
  return problems.filter(
    ({ path, clash }) => path.length === 0 && clash.kind === "missing argument",
  );
}

function nameOf({ clash }: Problem): string {
  return clash.kind === "missing argument" ? clash.name : "";
}

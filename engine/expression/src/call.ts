import {
  type CallSite,
  type Closure,
  type FunctionValue,
  invalid,
  type Native,
  NULL,
  Scope,
  type Value,
} from "@tocsin/data/value";
import { type Awaitable, inOrder, after } from "./awaitable.ts";
import { isColumnForm } from "./column-form.ts";
import { present } from "./operations.ts";
import { errorAt } from "./place.ts";
import { evaluate, runBody } from "./walk.ts";

/**
 * Calls a function with arguments by name; a piped value comes under the pipe parameter's name. Gives
 * a promise only when the function acts or reads. Throws `FluxError`.
 */
export function callFunction(
  fn: FunctionValue,
  args: ReadonlyMap<string, Value>,
  site: CallSite,
): Awaitable<Value> {
  try {
    return fn.form === "closure" ? callClosure(fn, args, site) : callNative(fn, args, site);
  } catch (thrown) {
    throw errorAt(thrown, site.at);
  }
}

/** The name of a function in messages. */
const functionName = (fn: FunctionValue): string =>
  fn.name === undefined ? "this function" : fn.name;

/** The name of the parameter that takes the piped value. Throws when there is none. */
export function pipeParameter(fn: FunctionValue): string {
  const name =
    fn.form === "native"
      ? fn.parameters.find((one) => one.pipe)?.name
      : fn.node.parameters.find((one) => one.pipe)?.key.name;
  if (name === undefined) throw invalid(`${functionName(fn)} takes no piped value`);
  return name;
}

function callClosure(
  fn: Closure,
  args: ReadonlyMap<string, Value>,
  site: CallSite,
): Awaitable<Value> {
  const { node, file } = fn;
  isColumnForm(node);
  const scope = new Scope(fn.scope, file.library === true ? site.at : undefined);
  const pending = bindParameters(fn, args, scope);
  if (pending instanceof Promise) return pending.then(() => runBody(node, scope, file));
  return runBody(node, scope, file);
}

function bindParameters(
  fn: Closure,
  args: ReadonlyMap<string, Value>,
  scope: Scope,
): Awaitable<void> {
  const { parameters } = fn.node;
  const missing = parameters.filter((one) => one.default === undefined && !args.has(one.key.name));
  if (missing.length > 0)
    throw missingArguments(
      fn,
      missing.map((one) => one.key.name),
    );
  let used = 0;
  for (const { key } of parameters) if (args.has(key.name)) used += 1;
  if (used < args.size) throw unusedArguments(fn, args);
  return inOrder(parameters, ({ key, default: preset }) => {
    const given = args.get(key.name);
    if (given !== undefined || preset === undefined) {
      scope.define(key.name, given ?? NULL);
      return;
    }
    // A default sees the scope around the function, not the other arguments.
    return after(
      evaluate(preset, fn.scope, fn.file, key.name),
      (value) => void scope.define(key.name, value),
    );
  });
}

function callNative(
  fn: Native,
  args: ReadonlyMap<string, Value>,
  site: CallSite,
): Awaitable<Value> {
  let used = 0;
  const missing: string[] = [];
  for (const { name, optional } of fn.parameters) {
    if (args.has(name)) used += 1;
    else if (!optional) missing.push(name);
  }
  if (missing.length > 0) throw missingArguments(fn, missing);
  if (used < args.size) throw unusedArguments(fn, args);
  for (const value of args.values()) present(value);
  return fn.call(args, site);
}

/** Names all missing arguments at once, so that nobody has to run the script again to learn of the next. */
function missingArguments(fn: FunctionValue, names: readonly string[]): Error {
  const [first, ...more] = names;
  const list = more.length === 0 ? `"${first}"` : names.map((name) => `"${name}"`).join(", ");
  const noun = more.length === 0 ? "argument" : "arguments";
  return invalid(`missing required keyword ${noun} ${list}`, `${functionName(fn)} needs it`);
}

function unusedArguments(fn: FunctionValue, args: ReadonlyMap<string, Value>): Error {
  const known = parameterNames(fn);
  const unused = [...args.keys()].filter((name) => !known.includes(name));
  return invalid(
    `unused arguments [${unused.join(" ")}]`,
    `${functionName(fn)} takes ${known.length === 0 ? "no arguments" : known.join(", ")}`,
  );
}

/** The names of a function's parameters, in the order in which they were declared. */
function parameterNames(fn: FunctionValue): string[] {
  return fn.form === "native"
    ? fn.parameters.map((one) => one.name)
    : fn.node.parameters.map((one) => one.key.name);
}

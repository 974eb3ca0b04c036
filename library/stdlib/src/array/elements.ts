import { array, type FunctionValue, invalid, kindName, type Value } from "@tocsin/data/value";
import { callFunction } from "@tocsin/engine/expression";
import { type Arguments, native } from "@tocsin/engine/interpret";

/** Calls `fn` for each element, in order. A promise only when `fn` acts or reads. */
function results(args: Arguments, fn: FunctionValue): Value[] | Promise<Value[]> {
  const { elements } = args.array("arr");
  const made: Value[] = [];
  const callAt = (i: number): Value | Promise<Value> =>
    callFunction(fn, new Map([["x", elements[i]]]), args.site);
  for (let i = 0; i < elements.length; i++) {
    const result = callAt(i);
    if (result instanceof Promise)
      return rest(made, result, { from: i + 1, to: elements.length, callAt });
    made.push(result);
  }
  return made;
}

async function rest(
  made: Value[],
  pending: Promise<Value>,
  left: { from: number; to: number; callAt: (i: number) => Value | Promise<Value> },
): Promise<Value[]> {
  made.push(await pending);
  for (let i = left.from; i < left.to; i++) made.push(await left.callAt(i));
  return made;
}

export const concat = native({
  name: "concat",
  type: "(<-arr: [A], v: [A]) => [A]",
  docs: "The elements of `arr` and, after them, those of `v`, as a new array.",
  example: `import "array"
array.from(rows: [1, 2] |> array.concat(v: [3]) |> array.map(fn: (x) => ({_value: x})))`,
  call: (args) => array([...args.array("arr").elements, ...args.array("v").elements]),
});

export const map = native({
  name: "map",
  type: "(<-arr: [A], fn: (x: A) => B) => [B]",
  docs: "What `fn` returns for each element, as a new array.",
  example: `import "array"
array.from(rows: ["a", "b"] |> array.map(fn: (x) => ({name: x})))`,
  call: (args) => {
    const made = results(args, args.func("fn"));
    return made instanceof Promise ? made.then(array) : array(made);
  },
});

export const filter = native({
  name: "filter",
  type: "(<-arr: [A], fn: (x: A) => bool) => [A]",
  docs: "The elements for which `fn` is true, as a new array.",
  example: `import "array"
array.from(rows: [1, 2, 3] |> array.filter(fn: (x) => x > 1) |> array.map(fn: (x) => ({n: x})))`,
  call: (args) => {
    const { elements } = args.array("arr");
    const kept = (answers: Value[]): Value =>
      array(elements.filter((_, i) => holds(args, answers[i])));
    const answers = results(args, args.func("fn"));
    return answers instanceof Promise ? answers.then(kept) : kept(answers);
  },
});

function holds(args: Arguments, answer: Value): boolean {
  if (answer.kind === "null") return false;
  if (answer.kind === "bool") return answer.value;
  throw invalid(`${args.function}: fn should return a bool, but returns ${kindName(answer)}`);
}

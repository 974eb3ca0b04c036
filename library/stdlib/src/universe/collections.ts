import { array, bool, duration, float, int, invalid, kindName, nullOf } from "@tocsin/data/value";
import { equal } from "@tocsin/engine/expression";
import { type Arguments, constant, native } from "@tocsin/engine/interpret";

export const contains = native({
  name: "contains",
  type: "(value: A, set: [A]) => bool where A: Nullable",
  docs: "Whether `set` has an element that equals `value`. Null is in no set; of a set that is null, null.",
  example: `import "array"
array.from(rows: [{found: contains(value: 2, set: [1, 2, 3])}])`,
  call: (args) => {
    const value = args.value("value");
    if (args.optional("set")?.kind === "null") return nullOf("bool");
    return bool(args.array("set").elements.some((one) => equal(one, value)));
  },
});

export const length = native({
  name: "length",
  type: "(<-arr: [A]) => int",
  docs: "The number of elements of an array.",
  example: `import "array"
array.from(rows: [{n: length(arr: ["a", "b"])}])`,
  call: (args) => {
    const arr = args.value("arr");
    if (arr.kind === "null") return nullOf("int");
    if (arr.kind !== "array") throw invalid(`arr must be an array, got ${kindName(arr)}`);
    return int(BigInt(arr.elements.length));
  },
});

export const die = native({
  name: "die",
  type: "(msg: string) => A",
  docs: "Stops the script with an error that says `msg`.",
  call: (args) => {
    throw invalid(args.string("msg"));
  },
});

/** Longer than any time can be away from another: 292 years. */
export const inf = constant({
  name: "inf",
  type: "duration",
  docs: "An endless duration: `window(every: inf)` puts all rows of a table into one window.",
  value: duration({ months: 0n, nanoseconds: 2n ** 63n - 1n, negative: false }),
});

export const linearBins = native({
  name: "linearBins",
  type: "(start: float, width: float, count: int, ?infinity: bool) => [float]",
  docs:
    "Upper bounds of `count` bins of equal `width`, the first at `start`, and one more at infinity unless " +
    "`infinity` is false. For `histogram`.",
  example: `import "array"
array.from(rows: [{bins: display(v: linearBins(start: 0.0, width: 5.0, count: 2))}])`,
  call: (args) => {
    const start = args.float("start");
    const width = args.float("width");
    return bins(args, (i) => start + width * i);
  },
});

export const logarithmicBins = native({
  name: "logarithmicBins",
  type: "(start: float, factor: float, count: int, ?infinity: bool) => [float]",
  docs:
    "Upper bounds of `count` bins, the first at `start` and each `factor` times the one before, and one " +
    "more at infinity unless `infinity` is false. For `histogram`.",
  example: `import "array"
array.from(rows: [{bins: display(v: logarithmicBins(start: 1.0, factor: 2.0, count: 2))}])`,
  call: (args) => {
    const start = args.float("start");
    const factor = args.float("factor");
    return bins(args, (i) => start * factor ** i);
  },
});

/** More are a mistake, and would take all memory before anything asks for the time. */
const binsMax = 2 ** 22;

function bins(args: Arguments, bound: (i: number) => number) {
  const count = args.count("count");
  if (count < 0) throw invalid(`${args.function}: count must not be negative, but is ${count}`);
  if (count > binsMax) {
    throw invalid(`${args.function}: count must be at most ${binsMax}, but is ${count}`);
  }
  const bounds = Array.from({ length: count }, (_, i) => float(bound(i)));
  if (args.bool("infinity", true)) bounds.push(float(Infinity));
  return array(bounds);
}

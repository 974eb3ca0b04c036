import type { Batch } from "@tocsin/data/column";
import { invalid, NULL, nullOf, type ScalarKind, TRUE } from "@tocsin/data/value";
import { operatorKind, perBatchKind, wholeTableKind } from "@tocsin/engine/execute";
import { definePackage, flux, native, transformation } from "@tocsin/engine/interpret";

type Nothing = Record<string, never>;

const passKind = perBatchKind<Nothing>(
  { name: "pass", rowwise: true, keepsOrder: true },
  () => (batch: Batch) => batch,
);
const slurpKind = wholeTableKind<Nothing>({ name: "slurp" }, () => (table) => table);
const sinkKind = operatorKind<Nothing>({ name: "sink", rowwise: false }, () => ({
  push: () => undefined,
  finish: () => undefined,
}));

const pass = transformation({
  name: "pass",
  type: "(<-tables: stream[A]) => stream[A] where A: Record",
  docs: "Passes all rows on. A step that no rule of the planner looks through.",
  example: `import "internal/debug"
import "sampledata"
sampledata.int() |> debug.pass()`,
  kind: passKind,
  spec: () => ({}),
});

const opaque = transformation({
  name: "opaque",
  type: "(<-tables: stream[A]) => stream[B] where A: Record, B: Record",
  docs: "Passes all rows on, but hides their type from the checker: what follows may ask for any column.",
  example: `import "internal/debug"
import "sampledata"
sampledata.int() |> debug.opaque()`,
  kind: passKind,
  spec: () => ({}),
});

const slurp = transformation({
  name: "slurp",
  type: "(<-tables: stream[A]) => stream[A] where A: Record",
  docs: "Passes each table on as soon as all of it has come.",
  example: `import "internal/debug"
import "sampledata"
sampledata.int() |> debug.slurp()`,
  kind: slurpKind,
  spec: () => ({}),
});

const sink = transformation({
  name: "sink",
  type: "(<-tables: stream[A]) => stream[A] where A: Record",
  docs: "Takes all rows and passes none on.",
  example: `import "internal/debug"
import "sampledata"
sampledata.int() |> debug.sink()`,
  kind: sinkKind,
  spec: () => ({}),
});

const getOption = native({
  name: "getOption",
  type: "(pkg: string, name: string) => A",
  docs: "The present value of an option of a package, named by its import path.",
  effect: "reads",
  call: async (args, run) => {
    const instance = await run.importPackage(args.string("pkg"));
    const cell = instance?.cells.get(args.string("name"));
    if (cell?.option !== true) throw invalid("option does not exist");
    return cell.value;
  },
});

/** Switches of upstream that are always on here. */
const features = new Set([
  "labelPolymorphism",
  "optimizeAggregateWindow",
  "optimizeSetTransformation",
  "strictNullLogicalOps",
]);

const feature = native({
  name: "feature",
  type: "(key: string) => A",
  docs: "Whether one of upstream's feature switches is on: true or null.",
  call: (args) => (features.has(args.string("key")) ? TRUE : NULL),
});

const nullKinds: readonly ScalarKind[] = [
  "string",
  "bytes",
  "int",
  "uint",
  "float",
  "bool",
  "time",
  "duration",
  "regexp",
];

const nothing = native({
  name: "null",
  type: "(?type: string) => A where A: Basic",
  docs: "A null, of the type that `type` names.",
  example: `import "array"
import "internal/debug"
array.from(rows: [{_value: debug.null(type: "int")}])`,
  call: (args) => {
    if (!args.has("type")) return NULL;
    const name = args.string("type");
    const kind = nullKinds.find((one) => one === name);
    if (kind === undefined) throw invalid(`Invalid null type \`${name}\``);
    return nullOf(kind);
  },
});

const vectorize = flux({
  name: "vectorize",
  type: "bool",
  docs: "A switch of upstream's optimizer. It has no effect here: row functions are always compiled.",
  option: true,
  source: "false",
});

export const packageDefinition = definePackage({
  path: "internal/debug",
  docs: "Looks behind the scenes; for tests.",
  members: [feature, getOption, nothing, opaque, pass, sink, slurp, vectorize],
});

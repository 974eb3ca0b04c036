import {
  columnBuilder,
  type ColumnBuilder,
  groupKey,
  type Table,
  tableFrom,
} from "@tocsin/data/column";
import { type ColumnKind, type Raw, time } from "@tocsin/data/value";
import { heldKind } from "@tocsin/engine/execute";
import { constant, definePackage, transformation } from "@tocsin/engine/interpret";

const START = 1_609_459_200_000_000_000n;
const STEP = 10_000_000_000n;

/** Six values ten seconds apart for each of the tags t1 and t2, as the documentation of Flux shows them. */
const samples = {
  float: [
    [-2.18, 10.92, 7.35, 17.53, 15.23, 4.43],
    [19.85, 4.97, -3.75, 19.77, 13.86, 1.86],
  ],
  string: [
    ["smpl_g9qczs", "smpl_0mgv9n", "smpl_phw664", "smpl_guvzy4", "smpl_5v3cce", "smpl_s9fmgy"],
    ["smpl_b5eida", "smpl_eu4oxp", "smpl_5g7tz4", "smpl_sox1ut", "smpl_wfm757", "smpl_dtn2bv"],
  ],
  bool: [
    [true, true, false, true, false, false],
    [false, true, false, true, true, false],
  ],
} as const;

/** The rows that have no value with `includeNull`, by tag. */
const withoutValue = [new Set([1, 3, 4]), new Set([0, 4])];

function tablesOf(
  kind: ColumnKind,
  values: readonly (readonly Raw[])[],
  includeNull: boolean,
): Table[] {
  return values.map((cells, tag) => {
    const times: ColumnBuilder = columnBuilder("time", cells.length);
    const column = columnBuilder(kind, cells.length);
    cells.forEach((cell, i) => {
      times.append(START + BigInt(i) * STEP);
      column.append(includeNull && withoutValue[tag].has(i) ? null : cell);
    });
    const key = groupKey([{ label: "tag", kind: "string", cell: `t${tag + 1}` }]);
    const columns = [
      { label: "_time", column: times.finish() },
      { label: "_value", column: column.finish() },
    ];
    return tableFrom(key, columns, { order: orderOf(kind), rows: cells.length });
  });
}

/** Upstream makes the whole numbers with `map`, which sorts columns by name. */
function orderOf(kind: ColumnKind): readonly string[] {
  return kind === "int" || kind === "uint"
    ? ["_time", "_value", "tag"]
    : ["_time", "tag", "_value"];
}

/** Upstream converts the whole numbers, so it knows their type, and of the others only that they are rows. */
function typeOf(kind: ColumnKind): string {
  return kind === "int" || kind === "uint"
    ? `(?includeNull: bool) => stream[{A with _value: ${kind}, _value: B}]`
    : "(?includeNull: bool) => stream[A] where A: Record";
}

function member(name: string, kind: ColumnKind, values: readonly (readonly Raw[])[]) {
  return transformation({
    name,
    type: typeOf(kind),
    docs:
      `Two tables of six ${name === "numericBool" ? "numbers 0 and 1" : `values of type ${kind}`}, ten seconds ` +
      "apart, for trying things out. With `includeNull` five of the twelve values are null.",
    example: `import "sampledata"
sampledata.${name}(includeNull: true)`,
    kind: heldKind,
    inputs: () => [],
    spec: (args) => ({ tables: tablesOf(kind, values, args.bool("includeNull", false)) }),
  });
}

const whole = samples.float.map((values) => values.map((value) => BigInt(Math.trunc(value))));
const unsigned = whole.map((values) => values.map((value) => BigInt.asUintN(64, value)));
const zeroOrOne = samples.bool.map((values) => values.map((value) => (value ? 1n : 0n)));

export const packageDefinition = definePackage({
  path: "sampledata",
  docs: "Small tables of each type, the same ones at every call.",
  members: [
    member("bool", "bool", samples.bool),
    member("float", "float", samples.float),
    member("int", "int", whole),
    member("numericBool", "int", zeroOrOne),
    constant({
      name: "start",
      type: "time",
      docs: "A time not after the first row of the sample tables.",
      value: time(START),
    }),
    constant({
      name: "stop",
      type: "time",
      docs: "A time after the last row of the sample tables.",
      value: time(START + 6n * STEP),
    }),
    member("string", "string", samples.string),
    member("uint", "uint", unsigned),
  ],
});

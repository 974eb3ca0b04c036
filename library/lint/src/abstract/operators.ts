import type { LogicalNode } from "@tocsin/engine/plan";
import { derived, eachRow, filtered, mapped, reduced } from "./row-functions.ts";
import {
  eachField,
  fieldOf,
  missingRow,
  onlyFields,
  row,
  withFields,
  withoutFields,
} from "./row.ts";
import { anyRows, inKey, type Key, oneTable, type Rows, step } from "./rows.ts";
import {
  type Abstract,
  choice,
  isValue,
  type NullCause,
  type Row,
  unknown,
  valueOf,
} from "./value.ts";
import type { Walk } from "./walk.ts";

/** A step of the plan, the rows that go into it, and the arguments of the call that made it. */
export interface Step {
  readonly node: LogicalNode;
  readonly inputs: readonly Rows[];
  readonly args: ReadonlyMap<string, Abstract>;
  readonly walk: Walk;
}

type Operator = (step: Step) => Rows;

/** What is known of the rows that a step makes: nothing for a kind that is not listed. */
export function rowsAfter(given: Step): Rows {
  const { kind, spec } = given.node;
  const operator = spec === undefined ? undefined : operators[kind.name];
  return operator === undefined ? anyRows() : operator(given);
}

const input = ({ inputs }: Step): Rows => inputs[0] ?? anyRows();

/** The strings of an argument, when all are known. */
function strings(args: Step["args"], name: string): readonly string[] | undefined {
  const value = args.get(name);
  if (value?.kind !== "array") return undefined;
  const texts = value.elements.flatMap((one) => (one.kind === "string" ? [one.value] : []));
  return texts.length === value.elements.length ? texts : undefined;
}

function textArgument(args: Step["args"], name: string, preset: string): string {
  const value = args.get(name);
  return value?.kind === "string" ? value.value : preset;
}

const bucketRows = (): Rows => {
  const column = (
    label: string,
    type: "time" | "string" | undefined,
    role: "time" | "tag" | "field",
  ) => [label, unknown({ type, from: [{ kind: "column", label, role }], sure: true })] as const;
  const fields = [
    column("_start", "time", "time"),
    column("_stop", "time", "time"),
    column("_time", "time", "time"),
    column("_measurement", "string", "tag"),
    column("_field", "string", "tag"),
    column("_value", undefined, "field"),
  ];
  return {
    row: row(fields, { rest: "tags" }),
    key: { mode: "except", columns: ["_time", "_value"] },
    single: false,
    emptyWindows: undefined,
  };
};

/** The same rows, or some of them. */
const same: Operator = (given) => input(given);

const time = (label: string): readonly [string, Abstract] => [
  label,
  unknown({ type: "time", from: [{ kind: "column", label, role: "time" }], sure: true }),
];

const ranged: Operator = (given) => {
  const rows = input(given);
  const bounds = ["_start", "_stop"].filter((label) => rows.row.fields.get(label) === undefined);
  return { ...rows, row: withFields(rows.row, bounds.map(time)), key: extended(rows.key, bounds) };
};

function extended(key: Key, labels: readonly string[]): Key {
  if (key?.mode === "by") return { mode: "by", columns: [...new Set([...key.columns, ...labels])] };
  return key && { mode: "except", columns: key.columns.filter((label) => !labels.includes(label)) };
}

const windowed: Operator = (given) => {
  const rows = input(given);
  const bounds = ["_start", "_stop"];
  const makesEmpty = given.args.get("createEmpty");
  const cause: NullCause = { why: "empty window", at: given.node.at };
  const empty = makesEmpty?.kind === "bool" && makesEmpty.value ? cause : undefined;
  return {
    ...rows,
    row: withFields(rows.row, bounds.map(time)),
    key: extended(rows.key, bounds),
    emptyWindows: empty,
  };
};

/** One row a table: the key, and the column that was aggregated. */
const aggregated =
  (type: "int" | "float" | undefined, ofNothing: "null" | "value"): Operator =>
  (given) => {
    const { row: before, key, emptyWindows } = input(given);
    const label = textArgument(given.args, "column", "_value");
    const value = fieldOf(before, label);
    const made = derived(value, {
      type: type ?? (value.kind === "unknown" ? value.type : undefined),
      mayBeNull: ofNothing === "null" ? emptyWindows : undefined,
    });
    return {
      row: withFields(onlyKey(before, key, given.node), [[label, made]]),
      key,
      single: oneTable(key),
      emptyWindows: undefined,
    };
  };

/** The columns of the key alone. */
function onlyKey(of: Row, key: Key, node: LogicalNode): Row {
  if (key === undefined) return row([], { rest: "unknown" });
  if (key.mode === "by") return onlyFields(of, key.columns, step(node));
  return withoutFields(of, key.columns, step(node));
}

/** One row of each table, which has a value. */
const selected: Operator = (given) => {
  const rows = input(given);
  const label = textArgument(given.args, "column", "_value");
  const value = fieldOf(rows.row, label);
  const seen = value.kind === "unknown" ? { ...value, sure: true, mayBeNull: undefined } : value;
  const kept = value.kind === "gone" ? rows.row : withFields(rows.row, [[label, seen]]);
  return { ...rows, row: kept, single: rows.single || oneTable(rows.key) };
};

const filledEmpty: Operator = (given) => {
  const rows = input(given);
  if (rows.emptyWindows === undefined) return rows;
  const cause = rows.emptyWindows;
  return { ...rows, emptyWindows: undefined, row: missing(rows.row, cause, rows.key) };
};

const missing = (of: Row, cause: NullCause, key: Key): Row => ({
  ...missingRow(of, cause, (label) => inKey(key, label) || label.startsWith("_st")),
  missing: undefined,
});

const grouped: Operator = (given) => {
  const rows = input(given);
  const { mode, columns } = given.node.spec as {
    mode?: "by" | "except";
    columns: readonly string[];
  };
  const key: Key = mode === undefined ? extended(rows.key, columns) : { mode, columns };
  return { ...rows, key };
};

const kept: Operator = (given) => {
  const rows = input(given);
  const columns = strings(given.args, "columns");
  if (columns === undefined) return { ...rows, key: undefined };
  return {
    ...rows,
    row: onlyFields(rows.row, columns, step(given.node)),
    key: keyOf(rows.key, columns),
  };
};

const keyOf = (key: Key, left: readonly string[]): Key =>
  key && { mode: "by", columns: left.filter((label) => inKey(key, label)) };

const dropped: Operator = (given) => {
  const rows = input(given);
  const columns = strings(given.args, "columns");
  if (columns === undefined) return { ...rows, key: undefined };
  const key: Key =
    rows.key?.mode === "by"
      ? { mode: "by", columns: rows.key.columns.filter((label) => !columns.includes(label)) }
      : rows.key && { mode: "except", columns: [...rows.key.columns, ...columns] };
  return { ...rows, row: withoutFields(rows.row, columns, step(given.node)), key };
};

const renamed: Operator = (given) => {
  const rows = input(given);
  const columns = given.args.get("columns");
  const names = columns && valueOf(columns);
  if (names?.kind !== "record")
    return { ...rows, row: row([], { rest: "unknown" }), key: undefined };
  const pairs = [...names.fields].flatMap(([from, to]) =>
    to.kind === "string" ? [[from, to.value] as const] : [],
  );
  const moved = pairs.map(([from, to]) => [to, fieldOf(rows.row, from)] as const);
  const left = withoutFields(
    rows.row,
    pairs.map(([from]) => from),
    step(given.node),
  );
  return { ...rows, row: withFields(left, moved), key: undefined };
};

const assigned: Operator = (given) => {
  const rows = input(given);
  const several = given.args.get("o");
  if (several?.kind === "row" || several?.kind === "record")
    return { ...rows, row: withFields(rows.row, several.fields) };
  const { key, value } = given.node.spec as { key: string; value: string };
  const kept = given.args.get("value");
  return { ...rows, row: withFields(rows.row, [[key, kept ?? { kind: "string", value }]]) };
};

const duplicated: Operator = (given) => {
  const rows = input(given);
  const { column, as } = given.node.spec as { column: string; as: string };
  return { ...rows, row: withFields(rows.row, [[as, fieldOf(rows.row, column)]]) };
};

const filled: Operator = (given) => {
  const rows = input(given);
  const label = textArgument(given.args, "column", "_value");
  const value = fieldOf(rows.row, label);
  if (value.kind !== "unknown") return rows;
  const sure = { ...value, sure: true, mayBeNull: undefined };
  return { ...rows, row: withFields(rows.row, [[label, sure]]) };
};

/** A column for each value of another: the others are the key and the row key. */
const pivotedRows: Operator = (given) => {
  const rows = input(given);
  const spec = given.node.spec as { rowKey: string[]; columnKey: string[]; valueColumn: string };
  const { rowKey, columnKey, valueColumn } = spec;
  const lost = new Set([...columnKey, valueColumn]);
  const stays = (label: string): boolean =>
    !lost.has(label) &&
    (rowKey.includes(label) || rows.key === undefined || inKey(rows.key, label));
  const base = withoutFields(rows.row, lost, step(given.node));
  const fields = [...base.fields].filter(([label]) => stays(label));
  const names = columnKey.length === 1 ? fieldOf(rows.row, columnKey[0]) : unknown();
  const known = names.kind === "unknown" ? (names.among ?? []) : isValue(names) ? [names] : [];
  const cause: NullCause = { why: "pivot", at: given.node.at };
  const value = fieldOf(rows.row, valueColumn);
  const made = known.flatMap((one): [string, Abstract][] => {
    if (one.kind !== "string") return [];
    const from = [{ kind: "column", label: one.value, role: "field" } as const];
    const type = value.kind === "unknown" ? value.type : undefined;
    return [[one.value, unknown({ type, from, mayBeNull: known.length > 1 ? cause : undefined })]];
  });
  const pivoted = known.length === 0 ? cause : undefined;
  const after = row([...fields, ...made], { rest: "unknown", gone: base.gone, pivoted });
  return { ...rows, row: after, key: rows.key, emptyWindows: undefined };
};

/** The distinct values of a column, as `_value` beside the key. */
const distinct: Operator = (given) => {
  const { row: before, key } = input(given);
  const label = textArgument(given.args, "column", "_value");
  const value = fieldOf(before, label);
  return {
    row: withFields(onlyKey(before, key, given.node), [["_value", value]]),
    key,
    single: false,
    emptyWindows: undefined,
  };
};

const united: Operator = ({ inputs }) => {
  const [first, ...others] = inputs;
  if (first === undefined) return anyRows();
  const labels = new Set(inputs.flatMap(({ row: one }) => [...one.fields.keys()]));
  const fields = [...labels].map((label): [string, Abstract] => [
    label,
    unionOf(
      inputs.map(({ row: one }) => fieldOf(one, label)),
      label,
    ),
  ]);
  const gone = [...first.row.gone].filter(([label]) =>
    others.every(({ row: one }) => one.gone.has(label)),
  );
  const rest = others.every(({ row: one }) => one.rest === first.row.rest)
    ? first.row.rest
    : "unknown";
  return { ...anyRows(), row: row(fields, { rest, gone: new Map(gone) }) };
};

/** A column of several streams together: what one of them holds. */
function unionOf(values: readonly Abstract[], label: string): Abstract {
  const there = values.filter((value) => value.kind !== "gone");
  const [first] = there;
  if (there.length === values.length) {
    if (there.every((value) => value.kind === "unknown") && first.kind === "unknown")
      return unionOfUnknown(there, label) ?? first;
    return choice(there.map((value) => ({ value, when: [] })));
  }
  return unknown({ from: [{ kind: "column", label, role: "other" }] });
}

function unionOfUnknown(values: readonly Abstract[], label: string): Abstract | undefined {
  const all = values.flatMap((value) => (value.kind === "unknown" ? [value] : []));
  const [first] = all;
  if (all.every((value) => value === first)) return first;
  const mayBeNull = all.find((value) => value.mayBeNull)?.mayBeNull;
  const type = all.every((value) => value.type === first.type) ? first.type : undefined;
  const among = all.every((value) => value.among)
    ? all.flatMap((value) => value.among ?? [])
    : undefined;
  const from =
    first.from.length > 0 ? first.from : [{ kind: "column", label, role: "other" } as const];
  return unknown({ type, from, mayBeNull, sure: all.every((value) => value.sure), among });
}

/** `join(tables:)`: columns of both sides beside `on` get the names of their streams. */
const joined: Operator = (given) => {
  const { on, names } = given.node.spec as { on: readonly string[]; names: readonly string[] };
  const [left, right] = given.inputs;
  if (left === undefined || right === undefined) return anyRows();
  const fields = new Map(on.map((label) => [label, fieldOf(left.row, label)]));
  const lost: string[] = [];
  [left, right].forEach(({ row: one }, i) => {
    const other = [left, right][1 - i].row;
    for (const [label, value] of one.fields) {
      if (on.includes(label)) continue;
      if (other.fields.has(label)) fields.set(`${label}_${names[i]}`, value);
      else if (other.rest === "none") fields.set(label, value);
      if (other.fields.has(label)) lost.push(label);
    }
  });
  const made = withoutFields(row(fields), lost, step(given.node));
  return { ...anyRows(), row: { ...made, rest: "unknown" } };
};

/** `join.tables`: what `as` makes of a row of each side. */
const joinedBy: Operator = (given) => {
  const { as, method } = given.node.spec as { as: Abstract; method: string };
  const [left, right] = given.inputs;
  if (left === undefined || right === undefined) return anyRows();
  const cause: NullCause = { why: "outer join", at: given.node.at };
  const side = (rows: Rows, optional: boolean): Row =>
    optional ? missingRow(rows.row, cause, (label) => inKey(rows.key, label)) : rows.row;
  const result = eachRow(given.walk, given.node, as, [
    ["l", side(left, method === "right" || method === "full")],
    ["r", side(right, method === "left" || method === "full")],
  ]);
  return { ...anyRows(), row: result };
};

const sent: Operator = (given) => {
  const rows = input(given);
  const added = ["_sent", "_status"].map((label): [string, Abstract] => [
    label,
    unknown({ type: "string", from: [{ kind: "column", label, role: "other" }], sure: true }),
  ]);
  return { ...rows, row: withFields(rows.row, added) };
};

/** The rows that the script itself writes. */
const listedRows: Operator = ({ args }) => {
  const list = args.get("rows");
  if (list?.kind !== "array" && list?.kind !== "list") return anyRows();
  const elements: readonly Abstract[] = list.elements;
  const labels = new Set(
    elements.flatMap((one) =>
      one.kind === "record" || one.kind === "row" ? [...one.fields.keys()] : [],
    ),
  );
  const fields = [...labels].map((label): [string, Abstract] => {
    const values = elements.map((one) =>
      one.kind === "record" || one.kind === "row"
        ? (one.fields.get(label) ?? unknown())
        : unknown(),
    );
    return [label, oneOf(values, label)];
  });
  const key: Key = { mode: "by", columns: [] };
  return { ...anyRows(), row: row(fields), key, single: elements.length === 1 };
};

function oneOf(values: readonly Abstract[], label: string): Abstract {
  if (values.length === 1) return values[0];
  const known = values.every(isValue) ? values : undefined;
  const [first] = values;
  return unknown({
    type: known?.every(({ kind }) => kind === first.kind) === true ? known[0].kind : undefined,
    from: [{ kind: "column", label, role: "other" }],
    among: known,
    sure: known?.every(({ kind }) => kind !== "null") === true,
  });
}

/** The same columns, of which some get new values. */
const computedAnew: Operator = (given) => {
  const rows = input(given);
  const keeps = given.args.get("keepFirst");
  const keepsFirst = keeps?.kind === "bool" && keeps.value;
  const cause: NullCause = { why: "first difference", at: given.node.at };
  const made = (strings(given.args, "columns") ?? ["_value"]).flatMap(
    (label): [string, Abstract][] => {
      const value = fieldOf(rows.row, label);
      return value.kind === "gone"
        ? []
        : [[label, derived(value, { mayBeNull: keepsFirst ? cause : undefined })]];
    },
  );
  return { ...rows, row: withFields(rows.row, made) };
};

/** The same columns, and unknown others. */
const widened: Operator = (given) => {
  const rows = input(given);
  return { ...rows, row: { ...eachField(rows.row, (value) => value), rest: "unknown" } };
};

const limited: Operator = (given) => {
  const rows = input(given);
  const count = given.args.get("n");
  const one = count?.kind === "int" && count.value === 1n;
  return { ...rows, single: rows.single || (one && oneTable(rows.key)) };
};

const operators: Readonly<Record<string, Operator>> = {
  from: bucketRows,
  "array.from": listedRows,
  range: ranged,
  filter: (one) => filtered(one, input(one)),
  map: (one) => mapped(one, input(one)),
  reduce: (one) => reduced(one, input(one)),
  group: grouped,
  keep: kept,
  drop: dropped,
  rename: renamed,
  set: assigned,
  duplicate: duplicated,
  fill: filled,
  fillEmpty: filledEmpty,
  window: windowed,
  pivot: pivotedRows,
  distinct,
  if: united,
  union: united,
  join: joined,
  "join.tables": joinedBy,
  deliver: sent,
  limit: limited,
  tail: limited,
  ...Object.fromEntries(
    ["sort", "yield", "to", "wideTo", "hourSelection", "timeShift", "pass", "unique"].map(
      (name) => [name, same],
    ),
  ),
  ...Object.fromEntries(["first", "last", "min", "max", "sample"].map((name) => [name, selected])),
  ...Object.fromEntries(
    ["mean", "median", "stddev", "skew", "integral", "quantile"].map((name) => [
      name,
      aggregated("float", "null"),
    ]),
  ),
  ...Object.fromEntries(
    ["sum", "spread", "mode"].map((name) => [name, aggregated(undefined, "null")]),
  ),
  count: aggregated("int", "value"),
  ...Object.fromEntries(
    ["difference", "derivative", "cumulativeSum"].map((name) => [name, computedAnew]),
  ),
  ...Object.fromEntries(["stateTracking", "elapsed"].map((name) => [name, widened])),
};

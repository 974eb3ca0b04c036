import type { LogicalNode } from "@tocsin/engine/plan";
import { narrowed } from "./narrowing.ts";
import type { Step } from "./operators.ts";
import { eachField, fieldOf, row, withFields } from "./row.ts";
import { type Rows, inKey } from "./rows.ts";
import {
  type Abstract,
  choice,
  optionsOf,
  type Row,
  sourcesOf,
  type Unknown,
  unknown,
} from "./value.ts";
import { mergedRow, type Walk } from "./walk.ts";

/** What a function of a step gives for any row. */
export function applied(
  walk: Walk,
  node: LogicalNode,
  fn: Abstract,
  args: readonly (readonly [string, Abstract])[],
): Abstract {
  const before = walk.node;
  walk.node = node;
  const result = walk.call(fn, new Map(args), node.at);
  walk.node = before;
  return result;
}

/** The row that a function of a step makes. */
export function eachRow(
  walk: Walk,
  node: LogicalNode,
  fn: Abstract,
  args: readonly (readonly [string, Abstract])[],
): Row {
  const options = optionsOf(applied(walk, node, fn, args)).map(({ value }) => value);
  const rows = options.flatMap((one) =>
    one.kind === "row" ? [one] : one.kind === "record" ? [row(one.fields)] : [],
  );
  if (rows.length === 0 || rows.length < options.length) return row([], { rest: "unknown" });
  const made = rows.length === 1 ? rows[0] : mergedRow(rows);
  const named = eachField(made, (value, label) =>
    value.kind === "unknown" && !isCalled(value, label) ? { ...value, as: label } : value,
  );
  return { ...named, written: new Map() };
}

function isCalled({ as, from }: Unknown, label: string): boolean {
  const [source, ...others] = from;
  const own = source?.kind === "column" && others.length === 0 ? source.label : undefined;
  return (as ?? own) === label;
}

const functionOf = ({ node }: Step): Abstract => (node.spec as { readonly fn: Abstract }).fn;

/** Rows of which the condition tells something. */
export function filtered(step: Step, rows: Rows): Rows {
  const test = applied(step.walk, step.node, functionOf(step), [["r", rows.row]]);
  if (test.kind !== "unknown" || test.proves === undefined) return rows;
  const { yes } = test.proves;
  if (yes.size === 0) return rows;
  return { ...rows, row: eachField(rows.row, (value) => narrowed(value, yes)) };
}

/** Rows that a function makes. Columns of the key that it leaves as they are stay in the key. */
export function mapped(step: Step, rows: Rows): Rows {
  const made = eachRow(step.walk, step.node, functionOf(step), [["r", rows.row]]);
  return { ...rows, row: made, emptyWindows: undefined };
}

/** A row a table: its key, and what was gathered. */
export function reduced(step: Step, rows: Rows): Rows {
  const identity = step.args.get("identity");
  const labels =
    identity?.kind === "record" || identity?.kind === "row" ? [...identity.fields] : [];
  const gathered = labels.map(([label, start]): [string, Abstract] => [
    label,
    unknown({ type: start.kind === "unknown" ? start.type : undefined, sure: true }),
  ]);
  const result = applied(step.walk, step.node, functionOf(step), [
    ["r", rows.row],
    ["accumulator", row(gathered)],
  ]);
  const ended = labels.map(([label, start], i): [string, Abstract] => {
    const last = result.kind === "row" ? fieldOf(result, label) : undefined;
    const words = last && optionsOf(last).map(({ value }) => value);
    // Words that it may end with; what is counted or summed is not known.
    const known = words?.filter((value) => value.kind === "string") ?? [];
    const rest = words?.every((value) => value.kind === "string" || value === gathered[i][1]);
    if (start.kind !== "string" || known.length === 0 || rest !== true) return gathered[i];
    return [label, choice([start, ...known].map((value) => ({ value, when: [] })))];
  });
  const key = [...rows.row.fields].filter(([label]) => inKey(rows.key, label));
  const rest = rows.key?.mode === "by" ? "none" : rows.row.rest;
  return { ...rows, row: withFields(row(key, { rest }), ended), emptyWindows: undefined };
}

/** A value that was computed from another. */
export function derived(
  value: Abstract,
  known: Partial<Pick<Unknown, "type" | "mayBeNull">>,
): Unknown {
  return unknown({
    type: value.kind === "unknown" ? value.type : undefined,
    from: sourcesOf(value),
    sure: known.mayBeNull === undefined,
    ...known,
  });
}

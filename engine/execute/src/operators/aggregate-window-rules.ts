import {
  isKind,
  type LogicalNode,
  type NodeKind,
  type PlanView,
  type Rule,
} from "@tocsin/engine/plan";
import type { OperatorKind } from "../operator.ts";
import { isEndless } from "../windows.ts";
import {
  type AggregateWindowSpec,
  aggregateWindowKind,
  makesOneRow,
  summing,
} from "./aggregate-window.ts";
import type { ColumnChoice } from "./aggregates.ts";
import { fillEmptyKind } from "./fill-empty.ts";
import { duplicateKind } from "./relabel.ts";
import { firstKind, lastKind, maxKind, minKind } from "./selectors.ts";
import { windowKind, type WindowSpec } from "./window.ts";

const fusible: readonly NodeKind<never>[] = [
  ...summing,
  firstKind,
  lastKind,
  minKind,
  maxKind,
] as readonly NodeKind<never>[];

/** One step in place of those of `aggregateWindow(createEmpty: false)`. */
export const aggregateWindow: Rule = {
  name: "AggregateWindowRule",
  phase: "physical",
  apply: (node, plan) => fused(node, plan, false),
};

/** The same where a step fills empty windows before the windows are put together. */
export const aggregateWindowCreateEmpty: Rule = {
  name: "AggregateWindowCreateEmptyRule",
  phase: "physical",
  apply: (node, plan) => fused(node, plan, true),
};

/** The same for functions that upstream does not fuse: all that make one row of a table. */
export const aggregateWindowOfAny: Rule = {
  name: "tocsin/AggregateWindowOfAnyRule",
  phase: "physical",
  apply: (node, plan) =>
    fused(node, plan, false, makesOneRow) ?? fused(node, plan, true, makesOneRow),
};

/** The aggregates and selectors that upstream fuses: its rows begin with the time then. */
const isFusible = (kind: NodeKind<never>): boolean => fusible.includes(kind);

/** The node as one step, where it ends the steps that `aggregateWindow` makes and nothing else reads one of them. */
function fused(
  node: LogicalNode,
  plan: PlanView,
  fill: boolean,
  takes: (kind: NodeKind<never>) => boolean = isFusible,
): LogicalNode | undefined {
  if (!isKind(node, windowKind) || !isEndless(node.spec) || node.spec.createEmpty) return undefined;
  if (!usualNames(node.spec)) return undefined;
  const only = (input: LogicalNode): boolean => plan.readers(input) === 1;
  const [copy] = node.inputs;
  if (!only(copy) || !isKind(copy, duplicateKind) || copy.spec.as !== "_time") return undefined;
  const timeFrom = copy.spec.column;
  if (timeFrom !== "_start" && timeFrom !== "_stop") return undefined;
  const [before] = copy.inputs;
  if (isKind(before, fillEmptyKind) !== fill || !only(before)) return undefined;
  const aggregate = fill ? before.inputs[0] : before;
  if (!only(aggregate) || !takes(aggregate.kind as NodeKind<never>)) return undefined;
  const [window] = aggregate.inputs;
  if (!only(window) || !isKind(window, windowKind)) return undefined;
  if (isEndless(window.spec) || !usualNames(window.spec)) return undefined;
  const spec: AggregateWindowSpec = {
    window: window.spec,
    aggregate: aggregate.kind as OperatorKind<ColumnChoice>,
    chosen: aggregate.spec as ColumnChoice,
    timeFrom,
    timeFirst: isFusible(aggregate.kind as NodeKind<never>),
    fill,
  };
  return { ...node, kind: aggregateWindowKind, spec, inputs: window.inputs };
}

function usualNames(spec: WindowSpec): boolean {
  return (
    spec.timeColumn === "_time" && spec.startColumn === "_start" && spec.stopColumn === "_stop"
  );
}

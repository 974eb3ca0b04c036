import { type LogicalNode, type LogicalPlan, nodesOf } from "./node.ts";

/** Facts about the plan as a whole that a rule may ask. */
export interface PlanView {
  /** How many nodes or results read this node's rows. */
  readers(node: LogicalNode): number;
}

/**
 * One rewriting: looks at a node, whose inputs are rewritten already, and gives another node that makes the same
 * tables, or undefined. `planner.disableLogicalRules` and tests know it by its `name`.
 */
export interface Rule {
  readonly name: string;
  readonly phase: "logical" | "physical";
  readonly apply: (node: LogicalNode, plan: PlanView) => LogicalNode | undefined;
}

/** A rewritten plan, and how often each rule fired. */
export interface Rewritten {
  readonly plan: LogicalPlan;
  readonly fired: ReadonlyMap<string, number>;
}

/** No plan needs more rounds: a rule that still fires then undoes another. */
const ROUNDS_MAX = 32;

/** Applies `rules` from the sources upwards until none of them fires. Shared nodes stay shared. */
export function rewrite(plan: LogicalPlan, rules: readonly Rule[]): Rewritten {
  const fired = new Map<string, number>();
  let present = plan;
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const next = pass(present, rules, fired);
    if (next === present) break;
    present = next;
  }
  return { plan: present, fired };
}

function pass(plan: LogicalPlan, rules: readonly Rule[], fired: Map<string, number>): LogicalPlan {
  const nodes = nodesOf(plan.results);
  const view = viewOf(plan, nodes);
  const made = new Map<LogicalNode, LogicalNode>();
  let changed = false;
  for (const node of nodes) {
    const inputs = node.inputs.map((input) => made.get(input) ?? input);
    let now = inputs.every((input, i) => input === node.inputs[i]) ? node : { ...node, inputs };
    for (const rule of rules) {
      const better = rule.apply(now, view);
      if (better === undefined) continue;
      fired.set(rule.name, (fired.get(rule.name) ?? 0) + 1);
      now = better;
    }
    if (now !== node) changed = true;
    made.set(node, now);
  }
  if (!changed) return plan;
  return {
    results: plan.results.map(({ name, node }) => ({ name, node: made.get(node) ?? node })),
  };
}

function viewOf(plan: LogicalPlan, nodes: readonly LogicalNode[]): PlanView {
  // Counted by id: a node that a rule remakes with new inputs keeps its id and its readers.
  const readers = new Map<number, number>();
  const count = (node: LogicalNode): void => {
    readers.set(node.id, (readers.get(node.id) ?? 0) + 1);
  };
  for (const node of nodes) for (const input of node.inputs) count(input);
  for (const { node } of plan.results) count(node);
  return { readers: (node) => readers.get(node.id) ?? 0 };
}

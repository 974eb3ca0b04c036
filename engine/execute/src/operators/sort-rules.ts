import { isKind, type LogicalNode, type NodeKind, type Rule } from "@tocsin/engine/plan";
import type { Properties } from "../operator.ts";
import { aggregateWindowKind } from "./aggregate-window.ts";
import { filterKind } from "./filter.ts";
import { limitKind, tailKind } from "./limit.ts";
import { rangeKind } from "./range.ts";
import { firstKind, lastKind } from "./selectors.ts";
import { sortEndKind, type SortEndSpec, sortKind, sortLimitKind, type SortSpec } from "./sort.ts";
import { yieldKind } from "./yield.ts";

/** `sort |> limit` keeps, while it reads, only as many rows of each table as are skipped or passed on. */
export const sortLimit: Rule = {
  name: "SortLimitRule",
  phase: "physical",
  apply(node: LogicalNode, plan) {
    if (!isKind(node, limitKind)) return undefined;
    const [input] = node.inputs;
    if (!isKind(input, sortKind) || plan.readers(input) > 1) return undefined;
    const { n, offset } = node.spec;
    const spec = { ...input.spec, n: n + offset };
    if (offset > 0) return { ...node, inputs: [{ ...input, kind: sortLimitKind, spec }] };
    return { ...node, kind: sortLimitKind, spec, inputs: input.inputs };
  },
};

/** `sort |> tail`, `sort |> first` and `sort |> last` keep, while they read, only the rows that can be in the end. */
export const sortEnd: Rule = {
  name: "tocsin/SortEndRule",
  phase: "physical",
  apply(node: LogicalNode, plan) {
    const kept = endKept(node);
    const [input] = node.inputs;
    if (kept === undefined || !isKind(input, sortKind) || plan.readers(input) > 1) return undefined;
    const spec: SortEndSpec = { ...input.spec, ...kept };
    return { ...node, inputs: [{ ...input, kind: sortEndKind, spec }] };
  },
};

function endKept(node: LogicalNode): Pick<SortEndSpec, "n" | "end" | "column"> | undefined {
  if (isKind(node, tailKind)) {
    const n = Math.max(0, node.spec.n) + node.spec.offset;
    return { n, end: "last", column: undefined };
  }
  if (isKind(node, firstKind)) return { n: 1, end: "first", column: node.spec.column };
  if (isKind(node, lastKind)) return { n: 1, end: "last", column: node.spec.column };
  return undefined;
}

/** Removes a `sort` of rows that are already sorted so. */
export const removeRedundantSort: Rule = {
  name: "universe/RemoveRedundantSort",
  phase: "physical",
  apply(node) {
    if (!isKind(node, sortKind)) return undefined;
    const order = orderOf(node.inputs[0]);
    if (order === undefined || order.desc !== node.spec.desc) return undefined;
    const begins = node.spec.columns.every((label, i) => order.columns[i] === label);
    return begins ? node.inputs[0] : undefined;
  },
};

const keepOrder: readonly NodeKind[] = [filterKind, rangeKind, yieldKind] as readonly NodeKind[];

/** How the rows of each table of a node are sorted, as far as the plan says. */
function orderOf(start: LogicalNode): SortSpec | undefined {
  let node = start;
  for (;;) {
    if (isKind(node, sortKind) || isKind(node, sortLimitKind) || isKind(node, sortEndKind))
      return node.spec;
    if (isKind(node, aggregateWindowKind)) return { columns: ["_time"], desc: false };
    const keeps = keepOrder.includes(node.kind) || (node.kind as Properties<unknown>).keepsOrder;
    if (keeps !== true || node.inputs.length !== 1) return undefined;
    [node] = node.inputs;
  }
}

import { type Batch, batchesOf, type Table } from "@tocsin/data/column";
import type { LogicalNode } from "@tocsin/engine/plan";
import type { Operator, Outlet, SourceKind } from "./operator.ts";
import { operatorKind } from "./per-batch.ts";
import { TableCollector } from "./whole-table.ts";

/** Tables that are in memory already. */
export const heldKind: SourceKind<{ readonly tables: readonly Table[] }> = {
  name: "held",
  rowwise: false,
  source: true,
  describe: ({ tables }) => `${tables.length} tables`,
  open: ({ tables }) => ({
    run: async (push) => {
      for (const batch of batchesOf(tables)) await push(batch);
    },
  }),
};

/** Passes rows on and shows each whole table to `take` on the way. */
export const teeKind = operatorKind<{ readonly take: (table: Table) => void }>(
  { name: "tee", rowwise: true },
  ({ take }, out: Outlet): Operator => {
    const collector = new TableCollector(take);
    return {
      push(batch: Batch) {
        collector.add(batch);
        out.push(batch);
      },
      finish: () => undefined,
    };
  },
);

/** A plan in which `change` may replace each node by another; shared nodes stay shared. */
export function replaced(
  root: LogicalNode,
  change: (node: LogicalNode, inputs: readonly LogicalNode[]) => LogicalNode | undefined,
  made: Map<LogicalNode, LogicalNode> = new Map(),
): LogicalNode {
  const found = made.get(root);
  if (found !== undefined) return found;
  const inputs = root.inputs.map((input) => replaced(input, change, made));
  const same = inputs.every((input, i) => input === root.inputs[i]);
  const node = change(root, inputs) ?? (same ? root : { ...root, inputs });
  made.set(root, node);
  return node;
}

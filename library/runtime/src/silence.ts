import { type LogicalNode, nodesOf } from "@tocsin/engine/plan";
import type { Remark } from "./report.ts";
import type { ScriptRun } from "./script-run.ts";

/**
 * Why a run made no event: for each delivery to which no row came, the steps before it with the rows
 * that each passed on. Nothing for a script without deliveries.
 */
export function explainSilence(run: ScriptRun): Remark[] {
  const remarks: Remark[] = [];
  if (run.hasOnlyUnreadStreams) {
    const text =
      "nothing ran: every stream of this script is assigned to a name and none is used; " +
      "put the name on a line of its own, or add |> yield()";
    remarks.push({ kind: "silence", text });
  }
  for (const node of run.rowCounts.keys()) {
    if (node.kind.delivers !== true || arrived(run, node) > 0) continue;
    remarks.push({ kind: "silence", text: `no event: no row came to the endpoint${place(node)}` });
    for (const step of stepsBefore(node)) {
      const rows = run.rowCounts.get(step) ?? 0;
      const words = step.kind.describe?.(step.spec) ?? "";
      const what = words === "" ? step.kind.name : `${step.kind.name} (${words})`;
      remarks.push({
        kind: "silence",
        text: `  ${what}${place(step)}: ${rows} ${rows === 1 ? "row" : "rows"}`,
      });
    }
  }
  return remarks;
}

function arrived(run: ScriptRun, node: LogicalNode): number {
  return node.inputs.reduce((sum, input) => sum + (run.rowCounts.get(input) ?? 0), 0);
}

function stepsBefore(node: LogicalNode): LogicalNode[] {
  return nodesOf(node.inputs.map((input) => ({ name: "", node: input })));
}

function place(node: LogicalNode): string {
  if (node.at === undefined) return "";
  const line = node.at.file.text.slice(0, node.at.start).split("\n").length;
  return ` at line ${line}`;
}

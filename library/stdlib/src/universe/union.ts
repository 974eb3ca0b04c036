import { invalid } from "@tocsin/data/value";
import { unionKind } from "@tocsin/engine/execute";
import { type Arguments, transformation } from "@tocsin/engine/interpret";
import type { LogicalNode } from "@tocsin/engine/plan";

export const union = transformation({
  name: "union",
  type: "(tables: [stream[A]]) => stream[A] where A: Record",
  docs:
    "All tables of at least two streams. Tables with the same group key become one, with the " +
    "rows of the first stream first; columns that one of them lacks get no value in its rows.",
  example: `import "sampledata"
union(tables: [sampledata.int(), sampledata.int()])`,
  kind: unionKind,
  inputs: streams,
  spec: (args) => ({ streams: streams(args).length }),
});

function streams(args: Arguments): readonly LogicalNode[] {
  const nodes = args.array("tables").elements.map((element) => {
    if (element.kind === "stream") return element.node as LogicalNode;
    throw invalid("union: input to union is not a table object");
  });
  if (nodes.length < 2) throw invalid("union: union must have at least two streams as input");
  return nodes;
}

import type { FunctionValue } from "@tocsin/data/value";
import { forEachNode, keyName, type MemberExpression, type Node } from "@tocsin/language/syntax";

/**
 * Columns that a row function reads. Those that it asks for with `exists` are left out: its author
 * knows that they may be missing. Empty for functions that are not written in Flux.
 */
export function columnsRead(fn: FunctionValue): string[] {
  if (fn.form !== "closure") return [];
  const row = fn.node.parameters.find(({ pipe }) => !pipe)?.key.name;
  const read = new Set<string>();
  const guarded = new Set<string>();
  forEachNode(fn.node.body, (node) => {
    const column = columnOf(node, row);
    if (column !== undefined) read.add(column);
    if (node.kind === "UnaryExpression" && node.operator === "exists") {
      const asked = columnOf(node.argument, row);
      if (asked !== undefined) guarded.add(asked);
    }
  });
  return [...read].filter((column) => !guarded.has(column));
}

function columnOf(node: Node, row: string | undefined): string | undefined {
  if (node.kind !== "MemberExpression") return undefined;
  const { object, property } = node as MemberExpression;
  return object.kind === "Identifier" && object.name === row ? keyName(property) : undefined;
}

import type { FunctionValue } from "@tocsin/data/value";
import { keyName, type MemberExpression, type Node, SourceText } from "@tocsin/language/syntax";

/**
 * Columns that a row function reads. Those that it asks for with `exists` are left out: its author
 * knows that they may be missing. Empty for functions that are not written in Flux.
 */
export function columnsRead(fn: FunctionValue): string[] {
  if (fn.form !== "closure") return [];
  const row = fn.node.parameters.find(({ pipe }) => !pipe)?.key.name;
  const read = new Set<string>();
  const guarded = new Set<string>();
  const visit = (part: unknown): void => {
    if (Array.isArray(part)) return part.forEach(visit);
    if (!isNode(part)) return;
    const column = columnOf(part, row);
    if (column !== undefined) read.add(column);
    if (part.kind === "UnaryExpression" && part.operator === "exists") {
      const asked = columnOf(part.argument, row);
      if (asked !== undefined) guarded.add(asked);
    }
    Object.values(part).forEach(visit);
  };
  visit(fn.node.body);
  return [...read].filter((column) => !guarded.has(column));
}

function columnOf(node: Node, row: string | undefined): string | undefined {
  if (node.kind !== "MemberExpression") return undefined;
  const { object, property } = node as MemberExpression;
  return object.kind === "Identifier" && object.name === row ? keyName(property) : undefined;
}

function isNode(part: unknown): part is Node {
  return (
    typeof part === "object" && part !== null && !(part instanceof SourceText) && "kind" in part
  );
}

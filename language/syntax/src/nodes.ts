import type { Node } from "./ast.ts";

/** The nodes that a node is made of, in the order of its fields. */
export function nodesIn(node: Node): Node[] {
  return Object.values(node).flatMap((value: unknown) => {
    if (Array.isArray(value)) return value.filter(isNode);
    return isNode(value) ? [value] : [];
  });
}

/** Looks at nodes and all that are in them, the outer before the inner. */
export function forEachNode(part: Node | readonly Node[], look: (node: Node) => void): void {
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(visit);
    if (!isNode(value)) return;
    look(value);
    Object.values(value).forEach(visit);
  };
  visit(part);
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "kind" in value && "span" in value;
}

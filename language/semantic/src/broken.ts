import type { Node } from "@tocsin/language/syntax";

/**
 * Whether the parser could not read a part of a node. Then nothing can be said about what it
 * lacks: it may stand in the part that was not understood.
 */
export function isBroken(node: Node): boolean {
  if (node.kind.startsWith("Bad") || isNameless(node)) return true;
  if (node.kind === "Identifier") return node.name === "";
  return parts(node).some(isBroken);
}

/** `from("telegraf")`: a value that stands where a name should. */
export function isNameless(node: Node): boolean {
  return node.kind === "Property" && node.key.kind === "StringLiteral" && node.value === undefined;
}

/** The nodes that a node is made of. */
export function parts(node: Node): Node[] {
  return Object.values(node).flatMap((value: unknown) => {
    if (Array.isArray(value)) return value.filter(isNode);
    return isNode(value) ? [value] : [];
  });
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "kind" in value && "span" in value;
}

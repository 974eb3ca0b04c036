import { type Node, nodesIn } from "@tocsin/language/syntax";

/**
 * Whether the parser could not read a part of a node. Then nothing can be said about what it
 * lacks: it may stand in the part that was not understood.
 */
export function isBroken(node: Node): boolean {
  if (node.kind.startsWith("Bad") || isNameless(node)) return true;
  if (node.kind === "Identifier") return node.name === "";
  return nodesIn(node).some(isBroken);
}

/** `from("telegraf")`: a value that stands where a name should. */
export function isNameless(node: Node): boolean {
  return node.kind === "Property" && node.key.kind === "StringLiteral" && node.value === undefined;
}

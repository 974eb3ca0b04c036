import type { Node } from "./ast.ts";

/** What no reader of a tree wants to see in every node. */
const hidden: ReadonlySet<string> = new Set(["kind", "span", "source", "comments", "wellFormed"]);

/** Columns up to which a node is kept on one line. */
const maximumWidth = 100;

/**
 * A tree as nested lists: `(BinaryExpression operator="+" left=(Identifier a) …)`. Names and
 * literals are shown by their value alone; spans and comments are left out, so that two texts with
 * the same meaning print alike.
 */
export function printAst(node: Node): string {
  return layout(describe(node), "");
}

/** Text that fits anywhere, or the parts of a node, which may be spread over lines. */
type Printed = string | { readonly head: string; readonly parts: readonly Labelled[] };
type Labelled = { readonly label: string; readonly value: Printed };

function describe(node: Node): Printed {
  const head = node.kind;
  switch (node.kind) {
    case "Identifier":
      return node.name === "" ? "(missing)" : node.name;
    case "StringLiteral":
    case "LabelLiteral":
    case "LabelType":
    case "TextPart": {
      const text = JSON.stringify(node.value);
      return node.kind === "StringLiteral" ? text : `(${head} ${text})`;
    }
    case "IntegerLiteral":
      return String(node.value);
    case "FloatLiteral":
      return `(float ${Object.is(node.value, -0) ? "-0" : String(node.value)})`;
    case "DurationLiteral":
      return `(duration ${node.values.map(({ magnitude, unit }) => `${magnitude}${unit}`).join(" ")})`;
    case "DateTimeLiteral":
      return `(time ${node.value ?? node.text})`;
    case "RegexpLiteral":
      return `(regexp ${JSON.stringify(node.pattern)})`;
    case "NamedType":
    case "TypeVariable":
      return node.name;
    case "Comment":
      return `(comment ${JSON.stringify(node.text)})`;
    default:
      return { head, parts: partsOf(node) };
  }
}

/** The properties of a node, absent and empty ones left out. */
function partsOf(node: Node): Labelled[] {
  const parts: Labelled[] = [];
  for (const [label, value] of Object.entries<unknown>(node)) {
    if (hidden.has(label) || value === undefined || value === false || value === "") continue;
    if (Array.isArray(value)) {
      if (value.length === 0) continue;
      const items = value.filter(isNode).map((item) => ({ label: "", value: describe(item) }));
      parts.push({ label, value: { head: "", parts: items } });
    } else if (isNode(value)) parts.push({ label, value: describe(value) });
    else parts.push({ label, value: JSON.stringify(value) });
  }
  return parts;
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "kind" in value;
}

function layout(printed: Printed, indentation: string): string {
  if (typeof printed === "string") return printed;
  const { head, parts } = printed;
  const [open, close] = head === "" ? ["[", "]"] : ["(", ")"];
  const inner = `${indentation}  `;
  const pieces = parts.map(({ label, value }) => {
    const text = layout(value, inner);
    return label === "" ? text : `${label}=${text}`;
  });
  const flat = `${open}${[head, ...pieces].filter(Boolean).join(" ")}${close}`;
  if (!flat.includes("\n") && indentation.length + flat.length <= maximumWidth) return flat;
  return `${open}${head}\n${pieces.map((piece) => `${inner}${piece}`).join("\n")}${close}`;
}

import {
  type Expression,
  keyName,
  type Literal,
  type Node,
  type Parameter,
  type Property,
  type Statement,
  type ParameterType,
  type PropertyType,
  type TypeConstraint,
  type TypeExpression,
  type TypeNode,
} from "./ast.ts";

/** A list prints as `(head part …)`; an atom is text already. */
type Printed = string | readonly Printed[];

/** Columns up to which a list is kept on one line. */
const maximumWidth = 100;

/**
 * A tree as nested lists: `(= x (+ 1 (call f (v: r))))`. Spans and comments are left out, so two
 * texts that mean the same print alike.
 */
export function printAst(node: Node): string {
  return layout(printed(node), 0);
}

function printed(node: Node): Printed {
  switch (node.kind) {
    case "File":
      return [
        "file",
        ...(node.package ? [printed(node.package)] : []),
        ...node.imports.map(printed),
        ...node.body.map(printed),
      ];
    case "Comment":
      return ["comment", JSON.stringify(node.text)];
    case "Attribute":
      return [`@${node.name}`, ...node.parameters.map(printed)];
    case "PackageClause":
      return ["package", ...node.attributes.map(printed), name(node.name.name)];
    case "ImportDeclaration": {
      const alias = node.alias ? [name(node.alias.name)] : [];
      return ["import", ...node.attributes.map(printed), ...alias, printed(node.path)];
    }
    case "OptionTarget":
      return [".", name(node.object.name), name(node.property.name)];
    case "Block":
      return ["block", ...node.body.map(printed)];
    case "Parameter":
      return parameter(node);
    case "DictEntry":
      return [printed(node.key), printed(node.value)];
    case "Property":
      return property(node);
    case "TextPart":
      return JSON.stringify(node.value);
    case "InterpolatedPart":
      return ["${}", printed(node.expression)];
    default:
      return isStatement(node) ? statement(node) : expressionOrType(node);
  }
}

function isStatement(node: Node): node is Statement {
  return "attributes" in node;
}

function statement(node: Statement): Printed {
  const attributes = node.attributes.map(printed);
  switch (node.kind) {
    case "OptionStatement":
      return ["option", ...attributes, printed(node.target), printed(node.value)];
    case "BuiltinStatement":
      return ["builtin", ...attributes, name(node.name.name), printed(node.type)];
    case "TestcaseStatement": {
      const base = node.extends ? ["extends", printed(node.extends)] : [];
      return ["testcase", ...attributes, name(node.name.name), ...base, printed(node.body)];
    }
    case "ReturnStatement":
      return ["return", ...attributes, printed(node.argument)];
    case "VariableAssignment":
      return ["=", ...attributes, name(node.name.name), printed(node.value)];
    case "ExpressionStatement":
      return ["do", ...attributes, printed(node.expression)];
    case "BadStatement":
      return ["bad-statement", ...attributes];
    default:
      return node satisfies never;
  }
}

function expressionOrType(node: Expression | TypeLike): Printed {
  switch (node.kind) {
    case "MemberExpression":
      return [".", printed(node.object), keyText(node.property)];
    case "IndexExpression":
      return ["index", printed(node.object), printed(node.index)];
    case "CallExpression":
      return ["call", printed(node.callee), ...node.arguments.map(printed)];
    case "PipeExpression":
      return ["|>", printed(node.input), printed(node.call)];
    case "BinaryExpression":
    case "LogicalExpression":
      return [node.operator, printed(node.left), printed(node.right)];
    case "UnaryExpression":
      return [node.operator, printed(node.argument)];
    case "ConditionalExpression":
      return ["if", printed(node.test), printed(node.consequent), printed(node.alternate)];
    case "FunctionExpression":
      return ["fn", node.parameters.map(printed), printed(node.body)];
    case "ArrayExpression":
      return ["array", ...node.elements.map(printed)];
    case "DictExpression":
      return ["dict", ...node.entries.map(printed)];
    case "RecordExpression": {
      const base = node.with ? ["with", name(node.with.name)] : [];
      return ["record", ...base, ...node.properties.map(printed)];
    }
    case "StringExpression":
      return ["string", ...node.parts.map(printed)];
    case "ParenExpression":
      return ["paren", printed(node.expression)];
    case "Identifier":
    case "StringLiteral":
    case "IntegerLiteral":
    case "FloatLiteral":
    case "DurationLiteral":
    case "DateTimeLiteral":
    case "RegexpLiteral":
    case "PipeLiteral":
    case "LabelLiteral":
    case "BadExpression":
      return literal(node);
    default:
      return type(node);
  }
}

type Leaf = Literal | Extract<Expression, { kind: "Identifier" | "BadExpression" }>;

function literal(node: Leaf): Printed {
  switch (node.kind) {
    case "Identifier":
      return name(node.name);
    case "StringLiteral":
      return JSON.stringify(node.value);
    case "IntegerLiteral":
      return String(node.value);
    case "FloatLiteral":
      return ["float", String(node.value)];
    case "DurationLiteral":
      return ["duration", ...node.values.map(({ magnitude, unit }) => `${magnitude}${unit}`)];
    case "DateTimeLiteral":
      return ["time", String(node.value ?? node.text)];
    case "RegexpLiteral":
      return ["regexp", JSON.stringify(node.pattern)];
    case "PipeLiteral":
      return "<-";
    case "LabelLiteral":
      return ["label", JSON.stringify(node.value)];
    case "BadExpression":
      return ["bad-expression"];
    default:
      return node satisfies never;
  }
}

type TypeLike = TypeNode | TypeExpression | TypeConstraint | PropertyType | ParameterType;

function type(node: TypeLike): Printed {
  switch (node.kind) {
    case "TypeExpression":
      if (node.constraints.length === 0) return printed(node.type);
      return ["where", printed(node.type), ...node.constraints.map(printed)];
    case "TypeConstraint":
      return [`${name(node.variable.name)}:`, ...node.kinds.map((kind) => name(kind.name))];
    case "TypeVariable":
    case "NamedType":
      return node.name;
    case "DynamicType":
      return "dynamic";
    case "ArrayType":
      return ["array-type", printed(node.element)];
    case "DictType":
      return ["dict-type", printed(node.key), printed(node.value)];
    case "StreamType":
      return ["stream", printed(node.element)];
    case "VectorType":
      return ["vector", printed(node.element)];
    case "RecordType": {
      const base = node.with ? ["with", name(node.with.name)] : [];
      return ["record-type", ...base, ...node.properties.map(printed)];
    }
    case "PropertyType":
      return [`${keyText(node.key)}:`, printed(node.type)];
    case "FunctionType":
      return ["fn-type", node.parameters.map(printed), printed(node.result)];
    case "ParameterType": {
      const sign = { required: "", optional: "?", pipe: "<-" }[node.mode];
      const label = node.default ? [printed(node.default)] : [];
      return [`${sign}${node.name?.name ?? ""}:`, printed(node.type), ...label];
    }
    case "LabelType":
      return ["label", JSON.stringify(node.value)];
    case "BadType":
      return ["bad-type"];
    default:
      return node satisfies never;
  }
}

function parameter(node: Parameter): Printed {
  if (node.pipe) return [`${name(node.key.name)}=`, "<-"];
  if (!node.default) return name(node.key.name);
  return [`${name(node.key.name)}=`, printed(node.default)];
}

function property(node: Property): Printed {
  if (!node.value) return [keyText(node.key)];
  return [`${keyText(node.key)}:`, printed(node.value)];
}

function keyText(node: Property["key"]): string {
  const text = keyName(node);
  return node.kind === "Identifier" ? name(text) : JSON.stringify(text);
}

function name(text: string): string {
  return text === "" ? "(missing)" : text;
}

function layout(list: Printed, indentation: number): string {
  if (typeof list === "string") return list;
  const flat = oneLine(list, maximumWidth - indentation);
  if (flat !== undefined) return flat;
  const inner = " ".repeat(indentation + 2);
  const [head, ...rest] = list.map((part) => layout(part, indentation + 2));
  return `(${[head, ...rest.map((part) => inner + part)].join("\n")})`;
}

/** A list on one line, unless that takes more than `room` columns. */
function oneLine(list: Printed, room: number): string | undefined {
  if (typeof list === "string") return list.length <= room ? list : undefined;
  let text = "(";
  for (const part of list) {
    const piece = oneLine(part, room - text.length);
    if (piece === undefined) return undefined;
    text += text === "(" ? piece : ` ${piece}`;
  }
  return text.length < room ? `${text})` : undefined;
}

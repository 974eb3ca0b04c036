import { type File, type Node, nodesIn } from "@tocsin/language/syntax";

/** The productions of the grammar that a script uses, each with how often. */
export function productionsOf(file: File): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const count = (name: string) => counts.set(name, (counts.get(name) ?? 0) + 1);
  const visit = (node: Node): void => {
    for (const name of namesOf(node)) count(name);
    for (const part of nodesIn(node)) visit(part);
  };
  visit(file);
  return counts;
}

/** What a node is called, with the variants that the grammar tells apart. */
function namesOf(node: Node): string[] {
  switch (node.kind) {
    case "ImportDeclaration":
      return [node.alias ? "import with alias" : "import"];
    case "OptionStatement":
      return [node.target.kind === "Identifier" ? "option" : "option of a package"];
    case "TestcaseStatement":
      return [node.extends ? "testcase that extends" : "testcase"];
    case "BinaryExpression":
    case "LogicalExpression":
    case "UnaryExpression":
      return [`${node.kind === "UnaryExpression" ? "unary " : ""}${node.operator}`];
    case "MemberExpression":
      return [`member by ${node.property.kind}`];
    case "Property":
      return [node.value ? `property by ${node.key.kind}` : "short property"];
    case "RecordExpression":
      return [node.with ? "record with" : "record"];
    case "ArrayExpression":
      return [node.elements.length > 0 ? "array" : "empty array"];
    case "DictExpression":
      return [node.entries.length > 0 ? "dictionary" : "empty dictionary"];
    case "FunctionExpression":
      return [node.body.kind === "Block" ? "function with block" : "function"];
    case "Parameter":
      return [
        node.pipe ? "piped parameter" : node.default ? "parameter with default" : "parameter",
      ];
    case "RecordType":
      return [node.with ? "record type with" : "record type"];
    case "ParameterType":
      return [`${node.mode} parameter type`, ...(node.default ? ["label default"] : [])];
    default:
      return [node.kind];
  }
}

/** All of them. What is not here is `Bad…`, a comment, or a part of something that is. */
export const productions: readonly string[] = [
  ..."File PackageClause Attribute Identifier Block".split(" "),
  ..."VariableAssignment ExpressionStatement BuiltinStatement ReturnStatement".split(" "),
  ..."CallExpression PipeExpression IndexExpression ConditionalExpression".split(" "),
  ..."ParenExpression StringExpression TextPart InterpolatedPart DictEntry".split(" "),
  ..."StringLiteral IntegerLiteral FloatLiteral DurationLiteral DateTimeLiteral".split(" "),
  ..."RegexpLiteral LabelLiteral PipeLiteral OptionTarget".split(" "),
  ..."TypeExpression TypeConstraint TypeVariable NamedType DynamicType ArrayType".split(" "),
  ..."DictType StreamType VectorType FunctionType LabelType PropertyType".split(" "),
  ..."+ - * / % ^ == != < <= > >= =~ !~ and or".split(" "),
  "unary +",
  "unary -",
  "unary not",
  "unary exists",
  "import",
  "import with alias",
  "option",
  "option of a package",
  "testcase",
  "testcase that extends",
  "record",
  "record with",
  "array",
  "empty array",
  "dictionary",
  "empty dictionary",
  "function",
  "function with block",
  "parameter",
  "parameter with default",
  "piped parameter",
  "member by Identifier",
  "member by StringLiteral",
  "property by Identifier",
  "property by StringLiteral",
  "short property",
  "record type",
  "record type with",
  "required parameter type",
  "optional parameter type",
  "pipe parameter type",
  "label default",
];

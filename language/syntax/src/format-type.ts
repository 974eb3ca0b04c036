import type { ParameterType, PropertyType, TypeExpression, TypeNode } from "./ast.ts";
import { bracketed } from "./format-list.ts";
import type { ExpressionFormat } from "./format-expression.ts";
import { joined, type Layout, line } from "./layout.ts";

/** A type with its constraints; the caller puts a group around it. */
export function typeLayout(format: ExpressionFormat, expression: TypeExpression): Layout {
  const type = typeNode(format, expression.type);
  if (expression.constraints.length === 0) return type;
  const constraints = expression.constraints.map(({ span, variable, kinds }) => [
    ...format.comments.leading(span.start),
    `${variable.name}: ${kinds.map(({ name }) => name).join(" + ")}`,
  ]);
  return [type, line, "where", line, joined(constraints, [",", line])];
}

function typeNode(format: ExpressionFormat, node: TypeNode): Layout {
  const lead = format.comments.leading(node.span.start);
  const layout = plainType(format, node);
  return lead.length > 0 ? [lead, layout] : layout;
}

function plainType(format: ExpressionFormat, node: TypeNode): Layout {
  switch (node.kind) {
    case "ArrayType":
      return ["[", typeNode(format, node.element), "]"];
    case "DictType":
      return ["[", typeNode(format, node.key), ":", typeNode(format, node.value), "]"];
    case "StreamType":
      return ["stream[", typeNode(format, node.element), "]"];
    case "VectorType":
      return ["vector[", typeNode(format, node.element), "]"];
    case "RecordType": {
      const base = node.with ? `${node.with.name} with` : "";
      const brackets = { open: "{", close: "}", end: node.span.end - 1, base };
      const items = node.properties.map((property) => ({
        span: property.span,
        make: () => propertyType(format, property),
      }));
      return bracketed(format.comments, brackets, items);
    }
    case "FunctionType": {
      const last = node.parameters.at(-1)?.span.end ?? node.span.start + 1;
      const end = format.parenthesis(last, node.result.span.start);
      const items = node.parameters.map((parameter) => ({
        span: parameter.span,
        make: () => parameterType(format, parameter),
      }));
      const head = bracketed(format.comments, { open: "(", close: ")", end }, items);
      return [head, " => ", typeNode(format, node.result)];
    }
    case "LabelType":
      return format.label(node);
    default:
      return format.source(node);
  }
}

function propertyType(format: ExpressionFormat, { key, type }: PropertyType): Layout {
  return [format.source(key), ": ", typeNode(format, type)];
}

function parameterType(format: ExpressionFormat, parameter: ParameterType): Layout {
  const sign = { required: "", optional: "?", pipe: "<-" }[parameter.mode];
  const label = parameter.default ? ` = ${format.label(parameter.default)}` : "";
  return [`${sign}${parameter.name?.name ?? ""}: `, typeNode(format, parameter.type), label];
}

import { keyName } from "@tocsin/language/syntax";
import type {
  FunctionType as FunctionNode,
  ParameterType,
  RecordType as RecordNode,
  Span,
  TypeExpression,
  TypeNode,
} from "@tocsin/language/syntax";

import { isKind, kindBits } from "./kind.ts";
import { basic, basicNames, dynamic, generic, record, unknown, variable } from "./type.ts";
import type { Field, ParameterOf, Type, Variable } from "./type.ts";

/** What is wrong with a type expression. */
export type TypeMistake =
  | { readonly kind: "type name"; readonly name: string; readonly span: Span }
  | { readonly kind: "kind name"; readonly name: string; readonly span: Span }
  | { readonly kind: "second pipe"; readonly span: Span }
  | { readonly kind: "label kind"; readonly name: string; readonly span: Span };

type Converted = { readonly type: Type; readonly mistakes: readonly TypeMistake[] };

/** Turns a type as it is written into a generic type. */
export function convertType(expression: TypeExpression): Converted {
  const converter = new Converter();
  const type = converter.type(expression.type);
  converter.constraints(expression);
  return { type, mistakes: converter.mistakes };
}

class Converter {
  readonly mistakes: TypeMistake[] = [];
  readonly #variables = new Map<string, Variable>();
  readonly #labels = new Map<string, Span>();

  type(node: TypeNode): Type {
    switch (node.kind) {
      case "TypeVariable":
        return this.#variable(node.name);
      case "NamedType": {
        const name = basicNames.find((each) => each === node.name);
        if (name) return basic(name);
        this.mistakes.push({ kind: "type name", name: node.name, span: node.span });
        return unknown;
      }
      case "DynamicType":
        return dynamic;
      case "ArrayType":
        return { kind: "array", element: this.type(node.element) };
      case "StreamType":
        return { kind: "stream", element: this.type(node.element) };
      case "VectorType":
        return { kind: "vector", element: this.type(node.element) };
      case "DictType":
        return { kind: "dict", key: this.type(node.key), value: this.type(node.value) };
      case "RecordType":
        return this.#record(node);
      case "FunctionType":
        return this.#function(node);
      case "LabelType":
        return { kind: "label", name: node.value };
      case "BadType":
        return unknown;
      default:
        return node satisfies never;
    }
  }

  constraints(expression: TypeExpression): void {
    for (const { variable: name, kinds } of expression.constraints) {
      const target = this.#variables.get(name.name);
      if (!target) continue;
      for (const { name: kind, span } of kinds) {
        if (isKind(kind)) target.kinds |= kindBits(kind);
        else this.mistakes.push({ kind: "kind name", name: kind, span });
      }
    }
    for (const [name, span] of this.#labels) {
      if (!(this.#variable(name).kinds & kindBits("Label"))) {
        this.mistakes.push({ kind: "label kind", name, span });
      }
    }
  }

  #variable(name: string): Variable {
    const known = this.#variables.get(name);
    if (known) return known;
    const made = variable(generic);
    this.#variables.set(name, made);
    return made;
  }

  #record(node: RecordNode): Type {
    const fields: Field[] = node.properties.map(({ key, type: fieldType, span }) => {
      const name = keyName(key);
      const type = this.type(fieldType);
      // One capital letter is a variable that stands for the name of a column.
      const isVariable = key.kind === "Identifier" && name.length < 3 && /^\p{Lu}$/u.test(name);
      if (!isVariable) return { label: name, type };
      this.#labels.set(name, span);
      return { label: this.#variable(name), type };
    });
    return record(fields, node.with ? this.#variable(node.with.name) : undefined);
  }

  #function(node: FunctionNode): Type {
    const parameters: ParameterOf[] = [];
    for (const each of node.parameters) {
      if (each.mode === "pipe" && parameters.some(({ mode }) => mode === "pipe")) {
        this.mistakes.push({ kind: "second pipe", span: each.span });
      } else parameters.push(this.#parameter(each));
    }
    return { kind: "function", parameters, result: this.type(node.result) };
  }

  #parameter({ mode, name, type, default: otherwise }: ParameterType): ParameterOf {
    const parameter = { mode, name: name?.name ?? "", type: this.type(type) };
    if (!otherwise) return parameter;
    return { ...parameter, default: { kind: "label", name: otherwise.value } };
  }
}

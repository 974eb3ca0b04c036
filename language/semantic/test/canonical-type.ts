import { parseTypeExpression } from "@tocsin/language/syntax";

import { convertType } from "../src/convert.ts";
import { kindsIn } from "../src/kind.ts";
import { flatten, labelOf, resolve } from "../src/type.ts";
import type { ParameterOf, RecordType, Type, Variable } from "../src/type.ts";

/**
 * One text for all ways to print a type: fields and parameters sorted by name, variables named in
 * that order. Two checkers agree when their types have the same canonical text.
 */
export function canonicalType(printed: string): string {
  // What upstream writes and its own grammar does not read: variables beyond `Z`, vectors.
  const text = printed
    .replaceAll(/\bt(\d\d)\b/g, (_, digits: string) => String.fromCharCode(71 + Number(digits)))
    .replaceAll("#", "")
    .replaceAll(/\bv\[/g, "vector[");
  const { type, diagnostics } = parseTypeExpression(text);
  const [problem] = diagnostics;
  if (problem) throw new Error(`${problem.message} in ${text}`);
  const names = new Map<Variable, string>();
  const body = write(convertType(type).type, names);
  const kinds = [...names].flatMap(([variable, name]) =>
    variable.kinds ? [`${name}: ${kindsIn(variable.kinds).join(" + ")}`] : [],
  );
  return kinds.length > 0 ? `${body} where ${kinds.join(", ")}` : body;
}

function write(type: Type, names: Map<Variable, string>): string {
  const target = resolve(type);
  switch (target.kind) {
    case "variable": {
      const known = names.get(target);
      if (known) return known;
      const name = `T${names.size}`;
      names.set(target, name);
      return name;
    }
    case "array":
    case "stream":
    case "vector":
      return `${target.kind}[${write(target.element, names)}]`;
    case "dict":
      return `[${write(target.key, names)}:${write(target.value, names)}]`;
    case "record":
      return writeRecord(flatten(target), names);
    case "function": {
      const parameters = [...target.parameters].sort(byModeAndName).map((each) => {
        const otherwise = each.default ? ` = ${write(each.default, names)}` : "";
        return `${each.mode} ${each.name}: ${write(each.type, names)}${otherwise}`;
      });
      return `(${parameters.join(", ")}) => ${write(target.result, names)}`;
    }
    case "basic":
    case "label":
      return target.name;
    case "dynamic":
    case "unknown":
      return target.kind;
    default:
      return target satisfies never;
  }
}

function writeRecord({ fields, tail }: RecordType, names: Map<Variable, string>): string {
  const keyed = fields.map((field) => {
    const label = labelOf(field);
    return { label: typeof label === "string" ? label : write(label, names), type: field.type };
  });
  // The order of different labels means nothing; that of equal ones does, and sorting keeps it.
  keyed.sort((a, b) => (a.label < b.label ? -1 : a.label > b.label ? 1 : 0));
  const body = keyed.map(({ label, type }) => `${label}: ${write(type, names)}`).join(", ");
  return tail ? `{${body} | ${write(tail, names)}}` : `{${body}}`;
}

function byModeAndName(a: ParameterOf, b: ParameterOf): number {
  return a.mode < b.mode ? -1 : a.mode > b.mode ? 1 : a.name < b.name ? -1 : 1;
}

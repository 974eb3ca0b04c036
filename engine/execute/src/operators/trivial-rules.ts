import type { FunctionValue, Value } from "@tocsin/data/value";
import { isKind, type Rule } from "@tocsin/engine/plan";
import { type Expression, keyName, withoutParens } from "@tocsin/language/syntax";
import { filterKind } from "./filter.ts";
import { fromKind } from "./from.ts";
import { groupKind } from "./group.ts";

/** A filter that keeps every row is no filter. */
export const removeTrivialFilter: Rule = {
  name: "RemoveTrivialFilterRule",
  phase: "physical",
  apply(node) {
    return isKind(node, filterKind) && isAlwaysTrue(node.spec.fn) ? node.inputs[0] : undefined;
  },
};

/** Of several groups in a row only the last one counts. */
export const mergeGroups: Rule = {
  name: "MergeGroupRule",
  phase: "logical",
  apply(node, plan) {
    if (!isKind(node, groupKind)) return undefined;
    const [input] = node.inputs;
    if (!isKind(input, groupKind) || plan.readers(input) > 1) return undefined;
    return { ...node, inputs: input.inputs };
  },
};

/**
 * InfluxDB's storage groups by tags itself, and then the bounds of the range stay in the key:
 * scripts read `r._stop` after `group() |> sum()`. Anything between the read and the group ends
 * that.
 */
export const groupOfBucket: Rule = {
  name: "influxdata/influxdb.PushDownGroup",
  phase: "physical",
  apply(node) {
    if (!isKind(node, groupKind) || node.spec.mode !== "by") return undefined;
    const [input] = node.inputs;
    if (!isKind(input, fromKind) || input.spec.range === undefined) return undefined;
    if (input.spec.aggregate !== undefined) return undefined;
    const { columns } = node.spec;
    if (columns.some((label) => notTags.has(label))) return undefined;
    return { ...node, spec: { ...node.spec, columns: [...columns, "_start", "_stop"] } };
  },
};

const notTags = new Set(["_start", "_stop", "_time", "_value"]);

function isAlwaysTrue(fn: FunctionValue): boolean {
  if (fn.form !== "closure") return false;
  const { body } = fn.node;
  if (body.kind !== "Block") return isTrue(constantOf(body, fn));
  const [only] = body.body;
  return (
    body.body.length === 1 &&
    only.kind === "ReturnStatement" &&
    isTrue(constantOf(only.argument, fn))
  );
}

function isTrue(value: Value | undefined): boolean {
  return value?.kind === "bool" && value.value;
}

function constantOf(
  expression: Expression,
  fn: Extract<FunctionValue, { form: "closure" }>,
): Value | undefined {
  const inner = withoutParens(expression);
  if (inner.kind === "Identifier") {
    const isParameter = fn.node.parameters.some(({ key }) => key.name === inner.name);
    return isParameter ? undefined : fn.scope.find(inner.name)?.value;
  }
  if (inner.kind !== "MemberExpression") return undefined;
  const owner = constantOf(inner.object, fn);
  const name = keyName(inner.property);
  if (owner?.kind === "record") return owner.fields.get(name);
  return owner?.kind === "package" ? owner.cells.get(name)?.value : undefined;
}

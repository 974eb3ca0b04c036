import { isKind, type LogicalNode, type Rule, type StoragePredicate } from "@tocsin/engine/plan";
import { filterKind } from "./filter.ts";
import { fromKind } from "./from.ts";
import { splitFilter } from "./storage-filter.ts";

/**
 * Storage evaluates what it can of filters that follow a bounded read. That is not only faster: there a missing tag
 * counts as "", and scripts rely on it (`r.region != "eu"` keeps series without region).
 */
export const filterIntoBucket: Rule = {
  name: "influxdata/influxdb.PushDownFilter",
  phase: "physical",
  apply(node: LogicalNode) {
    if (!isKind(node, filterKind) || node.spec.onEmpty === "keep") return undefined;
    const [input] = node.inputs;
    if (
      !isKind(input, fromKind) ||
      input.spec.range === undefined ||
      input.spec.aggregate !== undefined
    ) {
      return undefined;
    }
    const split = splitFilter(node.spec.fn);
    if (split === undefined) return undefined;
    const before = input.spec.predicate;
    const predicate: StoragePredicate =
      before === undefined ? split.pushed : { kind: "and", left: before, right: split.pushed };
    const read = {
      ...input,
      id: split.rest === undefined ? node.id : input.id,
      spec: { ...input.spec, predicate },
    };
    if (split.rest === undefined) return read;
    return { ...node, inputs: [read], spec: { ...node.spec, fn: split.rest } };
  },
};

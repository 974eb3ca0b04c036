import type { Rule } from "@tocsin/engine/plan";
import { filterIntoBucket } from "./operators/filter-rules.ts";
import { rangeIntoBucket } from "./operators/range.ts";

/** All rules, in the order in which they are tried on a node. */
export const planRules: readonly Rule[] = [rangeIntoBucket, filterIntoBucket];

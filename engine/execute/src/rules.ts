import type { Rule } from "@tocsin/engine/plan";
import {
  aggregateIntoBucket,
  aggregateWindowIntoBucket,
  groupAggregateIntoBucket,
  groupWindowIntoBucket,
} from "./operators/aggregate-rules.ts";
import {
  aggregateWindow,
  aggregateWindowCreateEmpty,
  aggregateWindowOfAny,
} from "./operators/aggregate-window-rules.ts";
import { fillEmptyOnce } from "./operators/fill-empty.ts";
import { filterIntoBucket } from "./operators/filter-rules.ts";
import { groupSortLimit } from "./operators/group-first.ts";
import { rangeIntoBucket } from "./operators/range.ts";
import { removeRedundantSort, sortEnd, sortLimit } from "./operators/sort-rules.ts";
import { groupOfBucket, mergeGroups, removeTrivialFilter } from "./operators/trivial-rules.ts";

/**
 * All rules, in the order in which they are tried on a node. They bear upstream's names, so that
 * `planner.disableLogicalRules` and `expect.planner` find them.
 */
export const planRules: readonly Rule[] = [
  removeTrivialFilter,
  mergeGroups,
  fillEmptyOnce,
  rangeIntoBucket,
  filterIntoBucket,
  groupOfBucket,
  removeRedundantSort,
  sortLimit,
  sortEnd,
  groupSortLimit,
  aggregateWindow,
  aggregateWindowCreateEmpty,
  aggregateWindowOfAny,
  aggregateIntoBucket,
  aggregateWindowIntoBucket,
  groupAggregateIntoBucket,
  groupWindowIntoBucket,
];

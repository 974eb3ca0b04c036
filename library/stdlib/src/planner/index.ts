import { definePackage, flux } from "@tocsin/engine/interpret";

const names = ["disableLogicalRules", "disablePhysicalRules"].map((name) =>
  flux({
    name,
    type: "[string]",
    docs: "Names of rules that the planner must leave out. To find out whether a rule is at fault.",
    option: true,
    source: `[""]`,
  }),
);

export const packageDefinition = definePackage({
  path: "planner",
  docs: "Options of the planner, read before a plan is made.",
  members: names,
});

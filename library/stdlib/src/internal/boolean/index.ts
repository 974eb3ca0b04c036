import { FALSE, TRUE } from "@tocsin/data/value";
import { constant, definePackage } from "@tocsin/engine/interpret";

export const packageDefinition = definePackage({
  path: "internal/boolean",
  docs: "The two truth values. They are names, not keywords, so scripts may shadow them.",
  members: [
    constant({ name: "true", type: "bool", docs: "True.", value: TRUE }),
    constant({ name: "false", type: "bool", docs: "False.", value: FALSE }),
  ],
});

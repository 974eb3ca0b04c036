import { definePackage } from "@tocsin/engine/interpret";
import { changes } from "./changes.ts";
import { names } from "./names.ts";
import { parts } from "./parts.ts";

export const packageDefinition = definePackage({
  path: "date",
  docs: "Takes times apart, and moves them along the calendar.",
  members: [...changes, ...names, ...parts],
});

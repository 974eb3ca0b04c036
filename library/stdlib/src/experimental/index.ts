import { definePackage } from "@tocsin/engine/interpret";
import { catchErrors } from "./catch.ts";
import { diff } from "./diff.ts";

export const packageDefinition = definePackage({
  path: "experimental",
  docs: "Functions that upstream still calls experiments, and variants of those of every day.",
  imports: [],
  members: [catchErrors, diff],
});

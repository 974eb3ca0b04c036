import { definePackage } from "@tocsin/engine/interpret";
import { concat, filter, map } from "./elements.ts";
import { from } from "./from.ts";

export const packageDefinition = definePackage({
  path: "array",
  docs: "Works with arrays, and makes tables from them.",
  members: [concat, filter, from, map],
});

import { definePackage } from "@tocsin/engine/interpret";
import { from } from "./from.ts";

export const packageDefinition = definePackage({
  path: "csv",
  docs: "Reads tables from CSV.",
  members: [from],
});

import { definePackage } from "@tocsin/engine/interpret";
import { encode } from "./encode.ts";

export const packageDefinition = definePackage({
  path: "json",
  docs: "Writes values as JSON.",
  members: [encode],
});

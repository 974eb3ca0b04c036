import { definePackage } from "@tocsin/engine/interpret";
import { caseFunctions } from "./case.ts";
import { classFunctions } from "./classes.ts";
import { pieceFunctions } from "./pieces.ts";
import { searchFunctions } from "./search.ts";
import { trimFunctions } from "./trim.ts";

export const packageDefinition = definePackage({
  path: "strings",
  docs: "Works with text.",
  members: [
    ...caseFunctions,
    ...classFunctions,
    ...pieceFunctions,
    ...searchFunctions,
    ...trimFunctions,
  ],
});

import { definePackage } from "@tocsin/engine/interpret";
import { constants } from "./constants.ts";
import { elementaryFunctions } from "./elementary.ts";
import { otherFunctions } from "./other.ts";
import { specialFunctions } from "./special.ts";

export const packageDefinition = definePackage({
  path: "math",
  docs: "Mathematical constants and functions.",
  members: [...constants, ...elementaryFunctions, ...otherFunctions, ...specialFunctions],
});

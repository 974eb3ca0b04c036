import { definePackage } from "@tocsin/engine/interpret";
import { boundaries } from "../../experimental/date/boundaries/index.ts";

export const packageDefinition = definePackage({
  path: "date/boundaries",
  docs: "The place that upstream took `experimental/date/boundaries` away from again.",
  imports: ["date"],
  members: boundaries,
});

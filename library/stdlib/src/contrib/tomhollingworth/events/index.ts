import { definePackage } from "@tocsin/engine/interpret";
import { duration } from "./duration.ts";

export const packageDefinition = definePackage({
  path: "contrib/tomhollingworth/events",
  docs: "Works with rows that are events.",
  members: [duration],
});

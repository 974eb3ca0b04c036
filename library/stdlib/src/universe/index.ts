import { definePackage } from "@tocsin/engine/interpret";
import { filter } from "./filter.ts";
import { map } from "./map.ts";
import { now } from "./now.ts";
import { range } from "./range.ts";
import { yieldResult } from "./yield.ts";

export const packageDefinition = definePackage({
  path: "universe",
  docs: "What every script has without an import.",
  members: [filter, map, now, range, yieldResult],
});

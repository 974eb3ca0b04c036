import { definePackage } from "@tocsin/engine/interpret";
import { rdp } from "./rdp.ts";

export const packageDefinition = definePackage({
  path: "experimental/polyline",
  docs: "Lines with fewer points, for charts.",
  members: [rdp],
});

import { string } from "@tocsin/data/value";
import { definePackage, native } from "@tocsin/engine/interpret";

const version = native({
  name: "version",
  type: "() => string",
  docs: "The version of the Flux language that is spoken here.",
  example: `import "array"
import "runtime"
array.from(rows: [{version: runtime.version()}])`,
  call: () => string("v0.200.0"),
});

export const packageDefinition = definePackage({
  path: "runtime",
  docs: "Facts about what runs the script.",
  members: [version],
});

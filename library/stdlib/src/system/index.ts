import { time } from "@tocsin/data/value";
import { definePackage, native } from "@tocsin/engine/interpret";

const now = native({
  name: "time",
  type: "() => time",
  docs: "The present time of the computer's clock, another one at each call. `now()` stays the same in a run.",
  example: `import "array"
import "system"
array.from(rows: [{_time: system.time()}])`,
  effect: "reads",
  call: (_args, run) => time(run.host.clock.now()),
});

export const packageDefinition = definePackage({
  path: "system",
  docs: "The computer on which the script runs.",
  members: [now],
});

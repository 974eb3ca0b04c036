import { invalid, record } from "@tocsin/data/value";
import { definePackage, native } from "@tocsin/engine/interpret";

const planner = native({
  name: "planner",
  type: "(rules: [string:int]) => {}",
  docs: "Says how often each rule of the planner must fire in this test.",
  effect: "reads",
  call: (args, run) => {
    for (const [name, times] of args.dict("rules").entries) {
      if (name.kind !== "string" || times.kind !== "int")
        throw invalid("expect.planner: rules should be a dictionary from names to numbers");
      run.expectRule(name.value, Number(times.value));
    }
    return record({});
  },
});

export const packageDefinition = definePackage({
  path: "testing/expect",
  docs: "Says what a test expects of more than its results.",
  members: [planner],
});

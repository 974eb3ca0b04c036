import { invalid, record } from "@tocsin/data/value";
import { definePackage, native, type Run } from "@tocsin/engine/interpret";

const expectations = new WeakMap<Run, Map<string, number>>();

/** How often each rule of the planner must fire in this run, as the script asked. For test runners. */
export function expectedRules(run: Run): ReadonlyMap<string, number> {
  return expectations.get(run) ?? new Map<string, number>();
}

const planner = native({
  name: "planner",
  type: "(rules: [string:int]) => {}",
  docs: "Says how often each rule of the planner must fire in this test.",
  effect: "reads",
  call: (args, run) => {
    const rules = expectations.get(run) ?? new Map<string, number>();
    for (const [name, times] of args.dict("rules").entries) {
      if (name.kind !== "string" || times.kind !== "int")
        throw invalid("expect.planner: rules should be a dictionary from names to numbers");
      rules.set(name.value, Number(times.value));
    }
    expectations.set(run, rules);
    return record({});
  },
});

export const packageDefinition = definePackage({
  path: "testing/expect",
  docs: "Says what a test expects of more than its results.",
  members: [planner],
});

import { type Native, time } from "@tocsin/data/value";
import { option } from "@tocsin/engine/interpret";

export const now = option({
  name: "now",
  type: "() => time",
  docs: "The time of this run: the same wherever and however often it is asked. Set it to test a script.",
  value: (run): Native => ({
    kind: "function",
    form: "native",
    name: "now",
    parameters: [],
    effect: "pure",
    call: () => time(run.now),
  }),
});

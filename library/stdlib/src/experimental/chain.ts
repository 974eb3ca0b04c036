import { native } from "@tocsin/engine/interpret";

export const chain = native({
  name: "chain",
  type: "(first: stream[A], second: stream[B]) => stream[B] where A: Record, B: Record",
  docs: "Runs the stream `first` to its end, forgets its rows, and gives `second`.",
  example: `import "experimental"
import "sampledata"
experimental.chain(first: sampledata.int(), second: sampledata.float())`,
  effect: "reads",
  call: async (args, run) => {
    await run.execute(args.stream("first"));
    return args.value("second");
  },
});

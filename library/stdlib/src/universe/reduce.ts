import { reduceKind } from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";

export const reduce = transformation({
  name: "reduce",
  type: `(<-tables: stream[A], fn: (r: A, accumulator: B) => B, identity: B) => stream[C]
    where A: Record, B: Record, C: Record`,
  docs:
    "Makes one row of each table: `fn` gets each row and the record made so far, which begins " +
    "as `identity`, and gives the next one. Only the key's columns stay beside it.",
  example: `import "sampledata"
sampledata.int() |> reduce(
    identity: {sum: 0},
    fn: (r, accumulator) => ({sum: accumulator.sum + r._value}),
)`,
  kind: reduceKind,
  spec: (args) => ({ fn: args.func("fn"), identity: args.record("identity") }),
});

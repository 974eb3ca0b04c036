import { invalid, kindName } from "@tocsin/data/value";
import { atEnd, operatorKind, WholeBatches } from "@tocsin/engine/execute";
import { type Arguments, transformation } from "@tocsin/engine/interpret";
import type { LogicalNode } from "@tocsin/engine/plan";
import { type JoinSpec, joinStreams } from "./joining.ts";

const joinKind = operatorKind<JoinSpec>(
  {
    name: "join",
    rowwise: false,
    readsCells: ({ on, names }, wanted) =>
      wanted && new Set([...on, ...[...wanted].flatMap((label) => namedBefore(label, names))]),
    describe: ({ on }) => `on ${on.join(", ")}`,
  },
  (spec, out) => {
    const whole = [new WholeBatches(), new WholeBatches()];
    return atEnd(
      out,
      (batch, port) => whole[port].add(batch),
      () => joinStreams(whole[0], whole[1], spec),
      2,
    );
  },
);

/** What a column may have been called before it got the name of its stream. */
function namedBefore(label: string, names: readonly string[]): string[] {
  const suffixes = names.map((name) => `_${name}`).filter((suffix) => label.endsWith(suffix));
  return [label, ...suffixes.map((suffix) => label.slice(0, -suffix.length))];
}

export const join = transformation({
  name: "join",
  type: "(<-tables: A, ?method: string, ?on: [string]) => stream[B] where A: Record, B: Record",
  docs:
    "Joins two streams, given as a record such as `{cpu: …, mem: …}`: rows with equal cells in " +
    "all columns of `on` become one row. Other columns that both have get the stream's name as " +
    "suffix (`_value_cpu`). A null equals nothing. The package `join` has outer joins too.",
  example: `import "sampledata"
join(tables: {a: sampledata.int(), b: sampledata.float()}, on: ["_time", "tag"])`,
  kind: joinKind,
  inputs: (args) => streams(args).map(({ node }) => node),
  spec: (args) => {
    const on = args.has("on") ? args.strings("on") : [];
    if (on.length === 0) throw invalid("join: at least one column in 'on' column list is required");
    const method = args.string("method", "inner");
    if (method !== "inner") {
      throw invalid(
        `join: ${method} is not a valid join type`,
        'this join only knows "inner"; use join.left, join.right or join.full of the package "join"',
      );
    }
    const [left, right] = streams(args);
    return { on, names: [left.name, right.name] as const };
  },
});

/** Both streams in the order of their names. */
function streams(args: Arguments): { readonly name: string; readonly node: LogicalNode }[] {
  const found = [...args.record("tables").fields].map(([name, value]) => {
    if (value.kind === "stream") return { name, node: value.node as LogicalNode };
    throw invalid(`join: expected "${name}" to be stream type; instead got ${kindName(value)}`);
  });
  if (found.length !== 2)
    throw invalid(
      `join: joins currently must only have two parents, but ${found.length} are given`,
    );
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

import { invalid, kindName } from "@tocsin/data/value";
import { renameKind } from "@tocsin/engine/execute";
import { type Arguments, transformation } from "@tocsin/engine/interpret";

export const rename = transformation({
  name: "rename",
  type: `(<-tables: stream[A], ?fn: (column: string) => string, ?columns: B) => stream[C]
    where A: Record, B: Record, C: Record`,
  docs:
    "Gives columns other names: `columns` is a record of old names and the new ones as " +
    "strings, `fn` makes the new name of each. A named column that a table lacks is an error.",
  example: `import "sampledata"
sampledata.int() |> rename(columns: {tag: "host"})`,
  kind: renameKind,
  spec: (args) => {
    const given = args.has("columns");
    if (given && args.has("fn"))
      throw invalid("rename: rename error: both column list and map function provided");
    if (!given && !args.has("fn"))
      throw invalid("rename: rename error: neither column list nor map function provided");
    return given ? { columns: namePairs(args) } : { fn: args.func("fn") };
  },
});

function namePairs(args: Arguments): readonly (readonly [string, string])[] {
  return [...args.record("columns").fields].map(([from, to]) => {
    if (to.kind === "string") return [from, to.value];
    throw invalid(
      `rename: rename error: columns object contains non-string value of type ${kindName(to)}`,
    );
  });
}

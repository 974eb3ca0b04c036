import { invalid, isColumnKind, kindName, unboxed } from "@tocsin/data/value";
import { fillKind, fillPreviousKind } from "@tocsin/engine/execute";
import { type Arguments, native } from "@tocsin/engine/interpret";

export const fill = native({
  name: "fill",
  type: `(<-tables: stream[A], ?column: string, ?value: B, ?usePrevious: bool) => stream[C]
    where A: Record, C: Record`,
  docs:
    "Puts `value` into the rows that have none in `column`, which is made where it is missing; " +
    "with `usePrevious: true`, the last value of the table before the row.",
  example: `import "sampledata"
sampledata.int(includeNull: true) |> fill(value: 0)`,
  call: (args, run, site) => {
    const column = args.string("column", "_value");
    if (args.has("value") === args.has("usePrevious"))
      throw invalid("fill: fill requires exactly one of value or usePrevious");
    if (args.has("value"))
      return run.stream(fillKind, { column, ...cellOf(args) }, [args.stream()], site.at);
    if (!args.bool("usePrevious"))
      throw invalid("fill: usePrevious: false leaves nothing to fill with", "give a value instead");
    return run.stream(fillPreviousKind, { column }, [args.stream()], site.at);
  },
});

function cellOf(args: Arguments): Omit<Parameters<typeof fillKind.start>[0], "column"> {
  const value = args.value("value");
  const cell = unboxed(value);
  if (cell !== undefined && cell !== null && isColumnKind(value.kind))
    return { kind: value.kind, cell };
  throw invalid(
    "fill: value type for fill must be a valid primitive type (bool, int, uint, float, string, " +
      "time), " +
      `but is ${kindName(value)}`,
  );
}

import { invalid } from "@tocsin/data/value";
import type { ColumnsChosen } from "@tocsin/engine/execute";
import type { Arguments } from "@tocsin/engine/interpret";

/** Which columns `keep` or `drop` means: exactly one of `columns` and `fn` is given. */
export function chosenColumns(args: Arguments): ColumnsChosen {
  const name = args.function;
  if (args.has("columns")) {
    if (args.has("fn"))
      throw invalid(`${name}: ${name} error: both column list and predicate provided`);
    return { columns: args.strings("columns") };
  }
  if (args.has("fn")) return { fn: args.func("fn") };
  throw invalid(
    `${name}: ${name} error: neither column list nor predicate function provided`,
    `say which: ${name}(columns: ["_start", "_stop"])`,
  );
}

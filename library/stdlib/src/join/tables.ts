import { invalid } from "@tocsin/data/value";
import { sortKind } from "@tocsin/engine/execute";
import { type Arguments, native } from "@tocsin/engine/interpret";
import type { LogicalNode } from "@tocsin/engine/plan";
import type { JoinMethod } from "./match.ts";
import { columnPairs } from "./on.ts";
import { joinKind } from "./operator.ts";

const methods: readonly string[] = ["inner", "left", "right", "full"] satisfies JoinMethod[];

export const tables = native({
  name: "tables",
  type: `(
    <-left: stream[L], right: stream[R], on: (l: L, r: R) => bool, as: (l: L, r: R) => A, method: string,
  ) => stream[A] where A: Record, L: Record, R: Record`,
  docs:
    "Joins two streams: rows of tables with the same group key for which `on` holds are given to " +
    "`as`, which makes the new row and must keep the group key. `on` compares columns: `l.a == " +
    "r.b`, joined by `and`; null equals nothing. `method` says whose rows come out that match " +
    "none: `inner` (no side's), `left`, `right` or `full`; the missing row then has only the " +
    "group key. Rows come in the order of the compared columns.",
  example: `import "array"
import "join"
hosts = array.from(rows: [{host: "a", team: "db"}, {host: "b", team: "web"}])
loads = array.from(rows: [{host: "b", load: 0.9}, {host: "a", load: 0.1}])
join.tables(
    method: "inner",
    left: loads,
    right: hosts,
    on: (l, r) => l.host == r.host,
    as: (l, r) => ({l with team: r.team}),
)`,
  call: (args, run, site) => {
    const method = methodOf(args);
    const on = columnPairs(args.func("on"));
    // A step of the plan of its own, so that the planner leaves it out where rows are sorted already.
    const sorted = (side: "left" | "right"): LogicalNode => {
      const columns = on.map((pair) => pair[side]);
      const input = args.stream(side);
      return run.stream(sortKind, { columns, desc: false }, [input], site.at).node as LogicalNode;
    };
    const spec = { method, on, as: args.func("as") };
    return run.stream(joinKind, spec, [sorted("left"), sorted("right")], site.at);
  },
});

function methodOf(args: Arguments): JoinMethod {
  const method = args.string("method");
  if (methods.includes(method)) return method as JoinMethod;
  throw invalid(
    `invalid argument for 'method' - must be "inner", "left", "right", or "full"`,
    `it is ${JSON.stringify(method)}`,
  );
}

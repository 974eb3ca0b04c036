import { yieldKind } from "@tocsin/engine/execute";
import { native } from "@tocsin/engine/interpret";
import type { LogicalNode } from "@tocsin/engine/plan";

/** `yield` is a word of TypeScript, hence the other name. */
export const yieldResult = native({
  name: "yield",
  type: "(<-tables: stream[A], ?name: string) => stream[A] where A: Record",
  docs: "Makes a stream a result of the script under `name` (default `_result`). The rows pass unchanged.",
  example: `import "sampledata"
sampledata.int() |> yield(name: "samples")`,
  call: (args, run, site) => {
    const name = args.string("name", "_result");
    const stream = run.stream(yieldKind, { name }, [args.stream()], site.at);
    const node: LogicalNode = { ...(stream.node as LogicalNode), yields: name };
    run.addResult(name, node);
    return { ...stream, node };
  },
});

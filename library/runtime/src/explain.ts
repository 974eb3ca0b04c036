import { recordingDeliveries } from "@tocsin/alerting/oncall";
import { planRules } from "@tocsin/engine/execute";
import { type Definitions, interpret, type Library, type Program } from "@tocsin/engine/interpret";
import { type Buckets, type LogicalNode, type LogicalPlan, rewrite } from "@tocsin/engine/plan";
import type { Host } from "@tocsin/platform/host";
import { ScriptRun } from "./script-run.ts";

/** A script's plan as its statements make it, and as it would run. */
export interface Explanation {
  readonly logical: LogicalPlan;
  readonly physical: LogicalPlan;
}

const emptyBuckets: Buckets = {
  async *read() {},
  pushes: () => new Set(),
  write: async () => undefined,
  list: async () => [],
};

/**
 * Runs a program's statements without reading or sending anything. Throws `FluxError` where they
 * cannot be run.
 */
export async function explainProgram(
  program: Program,
  world: {
    readonly host: Host;
    readonly library: Library;
    readonly now?: bigint;
    readonly definitions?: Definitions;
  },
): Promise<Explanation> {
  const { library, now } = world;
  const host: Host = { ...world.host, secrets: { get: async (key) => `<${key}>` } };
  const run = new ScriptRun(program, {
    host,
    library,
    buckets: emptyBuckets,
    deliveries: recordingDeliveries(),
    ...(now === undefined ? {} : { now }),
  });
  await interpret(program, run, run.packages, world.definitions);
  const logical = run.plan();
  return { logical, physical: rewrite(logical, planRules).plan };
}

/** A plan as an indented text: each result, then its steps from the last to the sources. */
export function planText(plan: LogicalPlan): string {
  const lines: string[] = [];
  const seen = new Set<number>();
  const visit = (node: LogicalNode, depth: number): void => {
    const words = node.kind.describe?.(node.spec) ?? "";
    const again = seen.has(node.id) && node.inputs.length > 0;
    lines.push(
      `${"  ".repeat(depth)}${node.kind.name}${words === "" ? "" : ` ${words}`}${again ? " (as above)" : ""}`,
    );
    if (again) return;
    seen.add(node.id);
    for (const input of node.inputs) visit(input, depth + 1);
  };
  for (const { name, node } of plan.results) {
    lines.push(`result ${name === "" ? "(not shown)" : name}`);
    visit(node, 1);
  }
  return `${lines.join("\n")}\n`;
}

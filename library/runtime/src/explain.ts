import { recordingDeliveries } from "@tocsin/alerting/oncall";
import { FluxError, formatTimeNano } from "@tocsin/data/value";
import { fromKind, planRules } from "@tocsin/engine/execute";
import { type Definitions, interpret, type Library, type Program } from "@tocsin/engine/interpret";
import {
  type Buckets,
  isKind,
  type LogicalNode,
  type LogicalPlan,
  nodesOf,
  rewrite,
} from "@tocsin/engine/plan";
import type { Host } from "@tocsin/platform/host";
import { ScriptRun } from "./script-run.ts";

/** What a script does, learned by running its statements without reading or sending anything. */
export interface Explanation {
  readonly reads: readonly { readonly bucket: string; readonly range: string }[];
  /** Streams that go to an endpoint, with the line of the call. */
  readonly sends: readonly { readonly to: string; readonly line: number | undefined }[];
  /** Requests that statements make by themselves, such as `victorops.alert()`. */
  readonly requests: number;
  readonly secrets: readonly string[];
  readonly results: readonly string[];
  readonly logical: LogicalPlan;
  readonly physical: LogicalPlan;
}

const emptyBuckets: Buckets = {
  async *read() {},
  pushes: () => new Set(),
  write: async () => undefined,
  list: async () => [],
};

/** Explains a program. Throws `FluxError` when its statements cannot be run. */
export async function explainProgram(
  program: Program,
  world: {
    readonly host: Host;
    readonly library: Library;
    readonly now?: bigint;
    readonly definitions?: Definitions;
  },
): Promise<Explanation> {
  const secrets: string[] = [];
  const host: Host = {
    ...world.host,
    secrets: {
      get: async (key) => {
        if (!secrets.includes(key)) secrets.push(key);
        return `<${key}>`;
      },
    },
  };
  const deliveries = recordingDeliveries();
  const { library, now } = world;
  const run = new ScriptRun(program, {
    host,
    library,
    buckets: emptyBuckets,
    deliveries,
    ...(now === undefined ? {} : { now }),
  });
  await interpret(program, run, run.packages, world.definitions);
  const logical = run.plan();
  const { plan: physical } = rewrite(logical, planRules);
  return {
    reads: readsOf(physical),
    sends: sendsOf(logical),
    requests: deliveries.requests.length,
    secrets,
    results: logical.results.map(({ name }) => name).filter((name) => name !== ""),
    logical,
    physical,
  };
}

function readsOf(plan: LogicalPlan): { bucket: string; range: string }[] {
  return nodesOf(plan.results).flatMap((node) => {
    if (!isKind(node, fromKind)) return [];
    const { bucket, range } = node.spec;
    if (range === undefined)
      throw new FluxError("invalid", `from(bucket: "${bucket}") needs a range`, { at: node.at });
    return [{ bucket, range: `${formatTimeNano(range.start)} to ${formatTimeNano(range.stop)}` }];
  });
}

function sendsOf(plan: LogicalPlan): { to: string; line: number | undefined }[] {
  return nodesOf(plan.results)
    .filter((node) => node.kind.delivers === true)
    .map((node) => ({ to: node.kind.describe?.(node.spec) ?? "an endpoint", line: lineOf(node) }));
}

function lineOf(node: LogicalNode): number | undefined {
  return node.at?.file.text.slice(0, node.at.start).split("\n").length;
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

import { recordingDeliveries } from "@tocsin/alerting/oncall";
import { formatDuration, formatTimeNano, nanosecondDuration } from "@tocsin/data/value";
import { fromKind, type FromSpec, planRules } from "@tocsin/engine/execute";
import { type Definitions, interpret, type Library, type Program } from "@tocsin/engine/interpret";
import {
  type Buckets,
  isKind,
  type LogicalNode,
  type LogicalPlan,
  nodesOf,
  rewrite,
} from "@tocsin/engine/plan";
import type { Databases, Host } from "@tocsin/platform/host";
import { predicateText } from "./predicate-text.ts";
import { ScriptRun } from "./script-run.ts";

/** A script's plan as its statements make it, and as it would run. */
export interface Explanation {
  readonly logical: LogicalPlan;
  readonly physical: LogicalPlan;
  /** Rules that made the one of the other, with how often each did. */
  readonly fired: ReadonlyMap<string, number>;
}

const emptyBuckets: Buckets = {
  async *read() {},
  pushes: () => new Set(),
  write: async () => undefined,
  list: async () => [],
};

/** Reads of them have no rows, and what is written to them goes nowhere. */
const noDatabases: Databases = {
  query: async function* () {
    yield { columns: [], rows: [] };
  },
  insert: async () => undefined,
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
  const host: Host = {
    ...world.host,
    secrets: { get: async (key) => `<${key}>` },
    databases: noDatabases,
  };
  const run = new ScriptRun(program, {
    host,
    library,
    buckets: emptyBuckets,
    deliveries: recordingDeliveries(),
    ...(now === undefined ? {} : { now }),
  });
  await interpret(program, run, run.packages, world.definitions);
  const logical = run.plan();
  const { plan: physical, fired } = rewrite(logical, planRules);
  return { logical, physical, fired };
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
    lines.push(`result ${name ?? "(not shown)"}`);
    visit(node, 1);
  }
  return `${lines.join("\n")}\n`;
}

/** What buckets do themselves, and which rules of the planner made the plan that runs. */
export function pushedText({ physical, fired }: Explanation): string {
  const lines = nodesOf(physical.results).flatMap((node) =>
    isKind(node, fromKind)
      ? [`bucket ${node.spec.bucket} does`, ...pushed(node.spec).map((step) => `  ${step}`)]
      : [],
  );
  if (fired.size > 0) lines.push("rewritten by");
  for (const [name, times] of fired)
    lines.push(`  ${name}${times === 1 ? "" : `, ${times} times`}`);
  return lines.map((line) => `${line}\n`).join("");
}

function pushed({ range, predicate, aggregate }: FromSpec): string[] {
  const steps: string[] = [];
  if (range !== undefined)
    steps.push(`range ${formatTimeNano(range.start)} to ${formatTimeNano(range.stop)}`);
  if (predicate !== undefined) steps.push(`filter ${predicateText(predicate)}`);
  if (aggregate !== undefined) steps.push(aggregateText(aggregate));
  return steps;
}

function aggregateText({ function: name, window }: NonNullable<FromSpec["aggregate"]>): string {
  if (window === undefined) return `${name} of each series`;
  const { every, offset, createEmpty } = window;
  const shifted = offset === 0n ? "" : `, offset ${formatDuration(nanosecondDuration(offset))}`;
  const empty = createEmpty ? ", with empty ones" : "";
  return `${name} of each window of ${formatDuration(nanosecondDuration(every))}${shifted}${empty}`;
}

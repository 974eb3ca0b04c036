import type { Batch } from "@tocsin/data/column";
import { FluxError } from "@tocsin/data/value";
import { type LogicalNode, type LogicalPlan, nodesOf } from "@tocsin/engine/plan";
import type { BadRow, OperatorContext, OperatorKind, SourceKind } from "./operator.ts";
import { Station } from "./station.ts";

/** Who takes the rows of one result. `push` may give a promise: the driver waits for it. */
export interface ResultSink {
  push(batch: Batch): void | Promise<void>;
  finish(): void | Promise<void>;
  fail(error: FluxError): void;
}

/** What a step of the plan passed on: how many rows, and which columns any of them had. */
export interface Passed {
  readonly rows: number;
  readonly labels: ReadonlySet<string>;
}

/** What a whole execution shares; the rest of `OperatorContext` is made per node. */
export type ExecutionContext = Omit<OperatorContext, "node" | "badRow" | "report"> & {
  readonly report: (bad: BadRow, node: LogicalNode) => void;
};

/**
 * Runs a plan: pushes every source's batches through the operators to the sinks. Results fail one by
 * one: an error reaches only those that stand on it. Rejects only when the run is aborted. Gives what
 * each node passed on.
 */
export async function execute(
  plan: LogicalPlan,
  sinkOf: (name: string) => ResultSink,
  context: ExecutionContext,
): Promise<ReadonlyMap<LogicalNode, Passed>> {
  const nodes = nodesOf(plan.results);
  const stations = new Map<LogicalNode, Station>();
  const safe = rowwiseToDelivery(plan, nodes);
  for (const node of nodes) {
    const station = new Station(node, node.inputs.length);
    stations.set(node, station);
    node.inputs.forEach((input, port) => stations.get(input)?.addReader(station, port));
  }
  const ends = plan.results.map(({ name, node }) => {
    const end = new Station(undefined, 1);
    const sink = new SinkOperator(sinkOf(name), end);
    end.operator = sink;
    stations.get(node)?.addReader(end, 0);
    return { end, sink };
  });
  const sources: { station: Station; kind: SourceKind<unknown>; node: LogicalNode }[] = [];
  for (const [node, station] of stations) {
    if (isSource(node)) sources.push({ station, kind: node.kind as SourceKind<unknown>, node });
    else startOperator(node, station, operatorContext(node, safe, context));
  }
  const busy = [...stations.values(), ...ends.map(({ end }) => end)].filter(
    (one) => one.operator?.work !== undefined,
  );
  for (const { station, kind, node } of sources) {
    await runSource(
      station,
      kind.open(node.spec, operatorContext(node, safe, context)),
      busy,
      context,
    );
  }
  await pump(busy, context);
  for (const { end, sink } of ends) if (end.failed !== undefined) sink.reportFailure(end.failed);
  return new Map([...stations].map(([node, station]) => [node, station]));
}

function isSource(node: LogicalNode): boolean {
  return node.kind.source === true;
}

function startOperator(node: LogicalNode, station: Station, context: OperatorContext): void {
  try {
    station.operator = (node.kind as OperatorKind<unknown>).start(node.spec, station, context);
  } catch (error) {
    station.fail(error);
  }
}

function operatorContext(
  node: LogicalNode,
  safe: ReadonlySet<LogicalNode>,
  context: ExecutionContext,
): OperatorContext {
  const report = (bad: BadRow): void => context.report(bad, node);
  return { ...context, node, report, badRow: safe.has(node) ? report : undefined };
}

async function runSource(
  station: Station,
  source: { run(push: (batch: Batch) => Promise<void>): Promise<void> },
  busy: readonly Station[],
  context: ExecutionContext,
): Promise<void> {
  if (!station.wanted) return;
  try {
    await source.run(async (batch) => {
      if (!station.wanted) throw new NobodyReads();
      station.push(batch);
      await pump(busy, context);
    });
    station.ended();
  } catch (error) {
    if (context.signal?.aborted === true) throw error;
    if (!(error instanceof NobodyReads)) station.fail(error);
  }
  await pump(busy, context);
}

/** Thrown into a source to stop it when every result that reads it has failed. */
class NobodyReads extends Error {}

async function pump(busy: readonly Station[], context: ExecutionContext): Promise<void> {
  for (const station of busy) await station.work();
  if (context.host.loop.due()) await context.host.loop.turn();
  if (context.signal?.aborted === true) throw new FluxError("canceled", "the run was stopped");
}

/**
 * Nodes from which every path onward is row-wise up to a delivery. A bad row there concerns no other
 * row, so it is reported and leaves; anywhere else a result would silently lack it.
 */
function rowwiseToDelivery(
  plan: LogicalPlan,
  nodes: readonly LogicalNode[],
): ReadonlySet<LogicalNode> {
  const readers = new Map<LogicalNode, LogicalNode[]>();
  for (const node of nodes)
    for (const input of node.inputs) readers.set(input, [...(readers.get(input) ?? []), node]);
  const ends = new Set(plan.results.map(({ node }) => node));
  const safe = new Set<LogicalNode>();
  for (const node of nodes.toReversed()) {
    const onward = readers.get(node) ?? [];
    const toDelivery = onward.every(
      (reader) => reader.kind.delivers === true || (reader.kind.rowwise && safe.has(reader)),
    );
    if (!ends.has(node) && onward.length > 0 && toDelivery) safe.add(node);
  }
  return safe;
}

class SinkOperator {
  readonly #sink: ResultSink;
  readonly #end: Station;
  #waiting: (() => void | Promise<void>)[] = [];

  constructor(sink: ResultSink, end: Station) {
    this.#sink = sink;
    this.#end = end;
  }
  push(batch: Batch): void {
    this.#waiting.push(() => this.#sink.push(batch));
  }
  finish(): void {
    this.#waiting.push(() => this.#sink.finish());
  }
  async work(): Promise<void> {
    const steps = this.#waiting;
    this.#waiting = [];
    for (const step of steps) if (this.#end.failed === undefined) await step();
  }
  reportFailure(error: FluxError): void {
    this.#sink.fail(error);
  }
}

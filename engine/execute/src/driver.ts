import { type Batch, pieces } from "@tocsin/data/column";
import { FluxError } from "@tocsin/data/value";
import {
  cellsRead,
  type ColumnNames,
  columnsRead,
  type LogicalNode,
  type LogicalPlan,
  nodesOf,
} from "@tocsin/engine/plan";
import type { BadRow, OperatorContext, OperatorKind, Source, SourceKind } from "./operator.ts";
import { pieceRows } from "./pushing.ts";
import { MemoryGuard } from "./memory-guard.ts";
import type { Profiler } from "./profiler.ts";
import { Station } from "./station.ts";

/** Takes the rows of one result. The driver waits for promises that it gives. */
export interface ResultSink {
  push(batch: Batch): void | Promise<void>;
  finish(): void | Promise<void>;
  fail(error: FluxError): void;
  /** For sinks that hold rows: about how many bytes, and their name in messages. */
  readonly held?: () => number;
  readonly keeper?: string;
}

/** How many rows a step of the plan has passed on, and which columns any of them had. */
export interface Passed {
  readonly rows: number;
  readonly labels: ReadonlySet<string>;
}

/** What a whole execution shares; the rest of `OperatorContext` is made for each node. */
export type ExecutionContext = Omit<
  OperatorContext,
  "node" | "wanted" | "wantedCells" | "badRow" | "report"
> & {
  readonly report: (bad: BadRow, node: LogicalNode) => void;
  /** Measures each step. */
  readonly profiler?: Profiler | undefined;
};

/**
 * Runs a plan: pushes the batches of every source through the operators to the sinks. An error reaches only the
 * results that depend on it. Rejects only if the run is aborted. Gives what each node has passed on.
 */
export async function execute(
  plan: LogicalPlan,
  sinkOf: (name: string | undefined) => ResultSink,
  context: ExecutionContext,
): Promise<ReadonlyMap<LogicalNode, Passed>> {
  const nodes = nodesOf(plan.results);
  const { loop, memory } = context.host;
  const stations = new Map<LogicalNode, Station>();
  const guard = new MemoryGuard(memory, loop, () => [
    ...stations.values(),
    ...ends.map((one) => one.end),
  ]);
  const around = { loop, guard, profiler: context.profiler };
  const facts = {
    safe: rowwiseToDelivery(plan, nodes),
    columns: columnsRead(plan),
    cells: cellsRead(plan),
  };
  for (const node of nodes) {
    const station = new Station(node, node.inputs.length, around);
    stations.set(node, station);
    node.inputs.forEach((input, port) => stations.get(input)?.addReader(station, port));
  }
  const ends = plan.results.map(({ name, node }) => {
    const taker = sinkOf(name);
    const end = new Station(taker.keeper ?? `result ${name ?? "(not shown)"}`, 1, around);
    const sink = new SinkOperator(taker, end, context);
    end.operator = sink;
    stations.get(node)?.addReader(end, 0);
    return { end, sink };
  });
  const sources: { station: Station; kind: SourceKind<unknown>; node: LogicalNode }[] = [];
  for (const [node, station] of stations) {
    if (isSource(node)) sources.push({ station, kind: node.kind as SourceKind<unknown>, node });
    else startOperator(node, station, operatorContext(node, facts, context));
  }
  const busy = [...stations.values(), ...ends.map(({ end }) => end)].filter((one) => one.busy);
  const pump = new Pump(busy, context, guard);
  for (const { station, kind, node } of sources)
    await runSource(station, kind.open(node.spec, operatorContext(node, facts, context)), pump);
  await pump.run();
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

/** What is known of a plan's nodes before it runs. */
interface Facts {
  readonly safe: ReadonlySet<LogicalNode>;
  readonly columns: ReadonlyMap<LogicalNode, ColumnNames>;
  readonly cells: ReadonlyMap<LogicalNode, ColumnNames>;
}

function operatorContext(
  node: LogicalNode,
  { safe, columns, cells }: Facts,
  context: ExecutionContext,
): OperatorContext {
  const report = (bad: BadRow): void => context.report(bad, node);
  const badRow = safe.has(node) ? report : undefined;
  const wanted = { wanted: columns.get(node), wantedCells: cells.get(node) };
  return { ...context, ...wanted, node, report, badRow };
}

async function runSource(station: Station, source: Source, pump: Pump): Promise<void> {
  if (!station.wanted || station.node === undefined) return;
  const { profiler } = pump;
  profiler?.enter(station.node);
  try {
    await source.run(async (batch) => {
      for (const piece of pieces(batch, pieceRows)) {
        if (!station.wanted) throw new NobodyReads();
        station.push(piece);
        await pump.run();
        await pump.guard.passed(piece.rows);
      }
    });
    station.ended();
  } catch (error) {
    if (pump.aborted) throw error;
    if (!(error instanceof NobodyReads)) station.fail(error);
  } finally {
    profiler?.leave();
  }
  await pump.run();
}

/** Thrown into a source to stop it once every result that reads it has failed. */
class NobodyReads extends Error {}

/** Lets stations work on what they have queued, and gives others turns of the event loop. */
class Pump {
  /** Stations that queue, inputs before their readers; and for each of them those that depend on it. */
  readonly #busy: readonly Station[];
  readonly #onward = new Map<Station, readonly Station[]>();
  readonly #context: ExecutionContext;
  readonly guard: MemoryGuard;

  constructor(busy: readonly Station[], context: ExecutionContext, guard: MemoryGuard) {
    this.#busy = busy;
    this.guard = guard;
    this.#context = context;
    for (const one of busy) {
      const onward = one.onward();
      this.#onward.set(
        one,
        busy.filter((other) => onward.has(other)),
      );
    }
  }
  get profiler(): Profiler | undefined {
    return this.#context.profiler;
  }
  get aborted(): boolean {
    return this.#context.signal?.aborted === true;
  }
  /** Lets each station work in turn, and after each of its steps those that depend on it. */
  async run(stations: readonly Station[] = this.#busy): Promise<void> {
    for (const one of stations) await one.work(() => this.run(this.#onward.get(one)));
    const { loop } = this.#context.host;
    if (loop.due()) {
      await loop.turn();
      await this.guard.turned();
    }
    if (this.aborted) throw new FluxError("canceled", "the run was stopped");
  }
}

/**
 * Nodes from which every path onward is row-wise up to a delivery. A bad row there concerns no other row, so that it
 * is reported and left out; anywhere else a result would silently lack it.
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

/** Rows that a sink takes at a time: writing one as text takes some microseconds. */
const sinkRows = pieceRows / 2;

class SinkOperator {
  readonly #sink: ResultSink;
  readonly #end: Station;
  readonly #context: ExecutionContext;
  #waiting: (() => void | Promise<void>)[] = [];

  constructor(sink: ResultSink, end: Station, context: ExecutionContext) {
    this.#sink = sink;
    this.#end = end;
    this.#context = context;
  }
  push(batch: Batch): void {
    for (const piece of pieces(batch, sinkRows)) this.#waiting.push(() => this.#sink.push(piece));
  }
  finish(): void {
    this.#waiting.push(() => this.#sink.finish());
  }
  async work(): Promise<void> {
    const steps = this.#waiting;
    this.#waiting = [];
    const { loop } = this.#context.host;
    for (const step of steps) {
      if (this.#end.failed !== undefined) return;
      await step();
      if (loop.due()) await loop.turn();
    }
  }
  held(): number {
    return this.#sink.held?.() ?? 0;
  }
  reportFailure(error: FluxError): void {
    this.#sink.fail(error);
  }
}

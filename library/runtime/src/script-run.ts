import type { Deliveries, Dispatch, OutgoingRequest } from "@tocsin/alerting/oncall";
import { bytesOf, type Table } from "@tocsin/data/column";
import { FluxError, type Location, type PackageValue, type StreamValue } from "@tocsin/data/value";
import {
  type BadRow,
  execute,
  heldKind,
  type Passed,
  planRules,
  type Profiler,
  replaced,
  type ResultSink,
  TableCollector,
  teeKind,
} from "@tocsin/engine/execute";
import { type Library, PackageInstances, type Program, type Run } from "@tocsin/engine/interpret";
import {
  type Buckets,
  type LogicalNode,
  type LogicalPlan,
  type NodeKind,
  nodesOf,
  type PlanResult,
  rewrite,
  type Rule,
} from "@tocsin/engine/plan";
import type { Host, Signal } from "@tocsin/platform/host";
import type { Remark } from "./report.ts";

/** The world of one run: what a script may reach, and when it is. */
export interface Environment {
  readonly host: Host;
  readonly buckets: Buckets;
  readonly deliveries: Deliveries;
  readonly library: Library;
  /** `now()` of the run, nanoseconds since the epoch. Default: the host's clock. */
  readonly now?: bigint;
  readonly signal?: Signal | undefined;
  /** Told of every secret that the script gets, so that it can be masked and kept by reference. */
  readonly onSecret?: (key: string, value: string) => void;
  /** Packages behave as upstream's test runner has them. */
  readonly testing?: boolean;
  /** Measures the steps of the run's plans. */
  readonly profiler?: Profiler | undefined;
  /** Rules of the planner beside the library's own, tried before them. */
  readonly rules?: readonly Rule[];
}

/** The state of one run of one script: its plan, its package instances, what it read on the way. */
export class ScriptRun implements Run {
  now: bigint;
  readonly host: Host;
  readonly buckets: Buckets;
  readonly deliveries: Deliveries;
  readonly library: Library;
  readonly signal: Signal | undefined;
  readonly testing: boolean;
  readonly packages: PackageInstances;
  readonly results: PlanResult[] = [];
  readonly badRows: BadRow[] = [];
  readonly remarks: Remark[] = [];
  readonly fired = new Map<string, number>();
  readonly expectedRules = new Map<string, number>();
  /** What each step of the plan passed on. */
  readonly passed = new Map<LogicalNode, Passed>();
  /** Requests that were handed over, and how many of them are events. */
  readonly handed = { requests: 0, events: 0 };
  readonly #environment: Environment;
  readonly #program: Program;
  readonly #tables = new Map<LogicalNode, Promise<readonly Table[]>>();
  /** What deliveries that a sub-program ran have made: they must not run again. */
  readonly #delivered = new Map<LogicalNode, Table[]>();
  readonly #effects: LogicalNode[] = [];
  /** Effects that a sub-program already had; they do not happen again. */
  readonly #had = new Set<LogicalNode>();
  readonly #rules: readonly Rule[];
  #nodes = 0;

  constructor(program: Program, environment: Environment) {
    this.#program = program;
    this.#environment = environment;
    this.now = environment.now ?? environment.host.clock.now();
    this.host = environment.host;
    this.buckets = environment.buckets;
    this.deliveries = { deliver: (requests) => this.#deliver(requests) };
    this.library = environment.library;
    this.signal = environment.signal;
    this.testing = environment.testing ?? false;
    this.#rules = [...(environment.rules ?? []), ...planRules];
    this.packages = new PackageInstances(this);
  }
  stream<Spec>(
    kind: NodeKind<Spec>,
    spec: Spec,
    inputs: readonly LogicalNode[],
    at: Location | undefined,
  ): StreamValue {
    const node: LogicalNode<Spec> = { id: this.#nodes++, kind, spec, inputs, at };
    if (kind.effect === true) this.#effects.push(node as LogicalNode);
    return { kind: "stream", node };
  }
  addResult(name: string, node: LogicalNode): void {
    if (!this.results.some((result) => result.name === name)) {
      this.results.push({ name, node });
      return;
    }
    if (node.yields !== undefined) {
      throw new FluxError(
        "invalid",
        `found more than one call to yield() with the name "${name}"`,
        { at: node.at },
      );
    }
    let number = 2;
    while (this.results.some((result) => result.name === `${name}${number}`)) number += 1;
    this.results.push({ name: `${name}${number}`, node });
  }
  /** Whether the script made a stream that no result reads, and no result at all. */
  get hasOnlyUnreadStreams(): boolean {
    return this.#nodes > 0 && this.plan().results.length === 0 && this.#tables.size === 0;
  }
  importPackage(path: string): Promise<PackageValue> | undefined {
    return this.packages.get(path);
  }
  addSecret(key: string, value: string): void {
    this.#environment.onSecret?.(key, value);
  }
  expectRule(name: string, times: number): void {
    this.expectedRules.set(name, times);
  }
  note(text: string): void {
    this.remarks.push({ kind: "note", text });
  }
  execute(node: LogicalNode): Promise<readonly Table[]> {
    let tables = this.#tables.get(node);
    if (tables === undefined) {
      tables = this.#collect(node);
      this.#tables.set(node, tables);
    }
    return tables;
  }
  /** The script's whole plan: its results, and what changes something without being a result. */
  plan(): LogicalPlan {
    return { results: [...this.results, ...this.#unreached()] };
  }
  /** Executes a plan; deliveries that ran already give what they gave then. */
  async executePlan(
    plan: LogicalPlan,
    sinkOf: (name: string | undefined) => ResultSink,
  ): Promise<void> {
    const { plan: rewritten, fired } = rewrite(this.#once(plan), await this.#enabledRules());
    for (const [rule, times] of fired) this.fired.set(rule, (this.fired.get(rule) ?? 0) + times);
    const counts = await execute(rewritten, sinkOf, {
      host: this.host,
      buckets: this.buckets,
      deliveries: this.deliveries,
      rows: this.#program.rows,
      signal: this.signal,
      now: this.now,
      profiler: this.#environment.profiler,
      report: (bad) => this.badRows.push(bad),
    });
    for (const [node, passed] of counts) this.passed.set(node, passed);
  }

  async #deliver(requests: readonly OutgoingRequest[]): Promise<readonly Dispatch[]> {
    const dispatches = await this.#environment.deliveries.deliver(requests);
    this.handed.requests += dispatches.length;
    for (const { kind } of dispatches) if (kind === "event") this.handed.events += 1;
    return dispatches;
  }
  /** All rules but those that the script's options of `planner` leave out. */
  async #enabledRules(): Promise<readonly Rule[]> {
    const planner = await this.packages.imported("planner");
    if (planner === undefined) return this.#rules;
    const disabled = new Set<string>();
    for (const { value } of planner.cells.values()) {
      if (value.kind !== "array") continue;
      for (const name of value.elements) if (name.kind === "string") disabled.add(name.value);
    }
    return this.#rules.filter(({ name }) => !disabled.has(name));
  }
  /** Effects like `to()` happen even when nothing reads their rows; those results are not shown. */
  #unreached(): PlanResult[] {
    const reached = new Set([...this.#had, ...nodesOf(this.results)]);
    const ends: PlanResult[] = [];
    for (const node of this.#effects.toReversed()) {
      if (reached.has(node)) continue;
      for (const one of nodesOf([{ name: undefined, node }])) reached.add(one);
      ends.unshift({ name: undefined, node });
    }
    return ends;
  }
  async #collect(node: LogicalNode): Promise<readonly Table[]> {
    const tables: Table[] = [];
    let bytes = 0;
    const collector = new TableCollector((table) => tables.push(table));
    let failure: FluxError | undefined;
    await this.executePlan({ results: [{ name: "_result", node }] }, () => ({
      keeper: "a stream that is read into the script (tableFind, findRecord)",
      held: () => bytes,
      push: (batch) => {
        bytes += bytesOf(batch);
        collector.add(batch);
      },
      finish: () => undefined,
      fail: (error) => {
        failure = error;
      },
    }));
    if (failure !== undefined) throw failure;
    for (const one of nodesOf([{ name: undefined, node }]))
      if (one.kind.effect === true) this.#had.add(one);
    return tables;
  }
  /** Deliveries that ran give their rows again; those that run now are recorded. */
  #once(plan: LogicalPlan): LogicalPlan {
    const made = new Map<LogicalNode, LogicalNode>();
    const change = (node: LogicalNode, inputs: readonly LogicalNode[]): LogicalNode | undefined => {
      if (node.kind.delivers !== true) return undefined;
      const before = this.#delivered.get(node);
      if (before !== undefined)
        return { ...node, kind: heldKind, spec: { tables: before }, inputs: [] } as LogicalNode;
      const tables: Table[] = [];
      this.#delivered.set(node, tables);
      const take = (table: Table): void => void tables.push(table);
      const delivering = inputs.every((input, i) => input === node.inputs[i])
        ? node
        : { ...node, inputs };
      return {
        id: node.id,
        kind: teeKind,
        spec: { take },
        inputs: [delivering],
        at: node.at,
      } as LogicalNode;
    };
    return {
      results: plan.results.map(({ name, node }) => ({ name, node: replaced(node, change, made) })),
    };
  }
}

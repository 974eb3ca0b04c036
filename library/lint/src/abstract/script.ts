import { loadRegexps, type Location, Scope, type SourceFile } from "@tocsin/data/value";
import { type Library, PackageInstances, type Run } from "@tocsin/engine/interpret";
import { type LogicalNode, type NodeKind, nodesOf, type PlanResult } from "@tocsin/engine/plan";
import type { File, Statement } from "@tocsin/language/syntax";
import type { Host } from "@tocsin/platform/host";
import type { Natives } from "./native.ts";
import { rowsAfter } from "./operators.ts";
import { anyRows, type Rows } from "./rows.ts";
import type { Trace } from "./trace.ts";
import { type Abstract, isValue, type Row, unknown } from "./value.ts";
import { hold, Walk } from "./walk.ts";

/** A script as it runs on unknown rows. */
export interface AbstractScript {
  readonly file: SourceFile;
  /** Every step that the script makes, in that order, whether a result needs it or not. */
  readonly nodes: readonly LogicalNode[];
  readonly results: readonly PlanResult[];
  /** Steps that a result or an effect needs: those that a run would execute. */
  readonly reached: ReadonlySet<LogicalNode>;
  /** `option task`, when the script has one. */
  readonly task: Abstract | undefined;
  /** What functions do with rows, and what the script sends by itself. */
  readonly trace: Trace;
  readonly walk: Walk;
  /** What is known of the rows that a step makes. */
  rowsOf(node: LogicalNode): Rows;
  /** Whether a call of a function, with whatever arguments, would send something. */
  wouldSend(fn: Abstract): boolean;
  /** What a name of the script stands for. */
  variable(name: string): Abstract | undefined;
  /** The arguments of the call that made a step. */
  argsOf(node: LogicalNode): ReadonlyMap<string, Abstract>;
}

/** Any time will do: bounds that are relative to it keep their distance. */
const now = 1_767_225_600_000_000_000n;

/**
 * Runs a script's statements with unknown rows: no bucket is read, no secret is asked for, nothing is
 * sent. `defined` names what is set from outside. Throws `Exhausted` for a script that is too large;
 * what a run would fail at is only unknown here.
 */
export async function runAbstractly(
  tree: File,
  world: { readonly library: Library; readonly defined?: Iterable<string> },
): Promise<AbstractScript> {
  if (
    tree.source.text.includes("=~") ||
    tree.source.text.includes("!~") ||
    tree.source.text.includes("/")
  )
    await loadRegexps();
  const run = new AbstractRun(world.library);
  const walk = new Walk(run);
  run.walk = walk;
  const file: SourceFile = { name: tree.name, text: tree.source.text };
  const scope = new Scope(await run.packages.prelude());
  for (const name of world.defined ?? []) hold(scope, name, unknown(), true);
  for (const { path, alias } of tree.imports) {
    const instance = await run.packages.get(path.value);
    if (instance !== undefined) scope.define(alias?.name ?? instance.name, instance);
  }
  for (const statement of tree.body) run.statement(statement, scope, file);
  for (const node of run.nodes) run.rowsOf(node);
  const ends = [...run.nodes.filter(({ kind }) => kind.effect === true), ...run.read];
  return {
    file,
    nodes: run.nodes,
    results: run.results,
    reached: new Set(nodesOf([...run.results, ...ends.map((node) => ({ name: "", node }))])),
    task: scope.find("task")?.value,
    trace: walk.trace,
    walk,
    rowsOf: (node) => run.rowsOf(node),
    argsOf: (node) => run.argsOf(node),
    variable: (name) => scope.own().get(name)?.value,
    wouldSend: (fn) => run.wouldSend(fn),
  };
}

const unreachable = (): never => {
  throw new Error("a script that runs on unknown rows reaches nothing");
};

/** Pure functions ask a host for nothing, and the others are not called. */
const nowhere: Host = {
  clock: { now: () => now, monotonic: () => 0, sleep: unreachable },
  random: { next: unreachable },
  http: { send: unreachable, stream: unreachable },
  files: { read: unreachable },
  secrets: { get: unreachable },
  log: { write: () => undefined },
  loop: { due: () => false, turn: () => Promise.resolve() },
};

/** The run of a script whose rows are unknown: it makes the plan, and executes nothing. */
class AbstractRun implements Run, Natives {
  now = now;
  readonly host = nowhere;
  readonly buckets: Run["buckets"] = {
    async *read() {},
    pushes: () => new Set(),
    write: async () => undefined,
    list: async () => [],
  };
  readonly deliveries = { deliver: unreachable };
  readonly library: Library;
  readonly signal = undefined;
  readonly testing = false;
  readonly packages: PackageInstances;
  readonly nodes: LogicalNode[] = [];
  readonly results: PlanResult[] = [];
  readonly read = new Set<LogicalNode>();
  walk: Walk = new Walk(this);
  readonly #args = new Map<LogicalNode, ReadonlyMap<string, Abstract>>();
  readonly #rows = new Map<LogicalNode, Rows>();

  constructor(library: Library) {
    this.library = library;
    this.packages = new PackageInstances(this);
  }
  statement(statement: Statement, scope: Scope, file: SourceFile): void {
    switch (statement.kind) {
      case "VariableAssignment":
        return this.walk.assign(
          scope,
          statement.name.name,
          this.walk.evaluate(statement.value, scope, file),
        );
      case "ExpressionStatement": {
        const value = this.walk.evaluate(statement.expression, scope, file);
        if (value.kind === "stream") this.addResult("", value.node as LogicalNode);
        return;
      }
      case "OptionStatement": {
        const value = this.walk.evaluate(statement.value, scope, file);
        const { target } = statement;
        if (target.kind === "Identifier") return hold(scope, target.name, value, true);
        const owner = scope.find(target.object.name)?.value;
        const cell = owner?.kind === "package" ? owner.cells.get(target.property.name) : undefined;
        if (cell !== undefined && isValue(value)) cell.value = value;
      }
    }
  }
  stream<Spec>(
    kind: NodeKind<Spec>,
    spec: Spec,
    inputs: readonly LogicalNode[],
    at: Location | undefined,
  ): { kind: "stream"; node: LogicalNode } {
    const node = { id: this.nodes.length, kind, spec, inputs, at } as LogicalNode;
    this.nodes.push(node);
    return { kind: "stream", node };
  }
  /** Calls a function, and what it gives, as if by the script; nothing of it stays. */
  wouldSend(fn: Abstract): boolean {
    const before = { nodes: this.nodes.length, results: this.results.length };
    const { trace } = this.walk;
    const counts = lists(trace).map((list) => list.length);
    const tables = this.opaque("tables", [], undefined);
    let called = fn;
    for (let depth = 0; depth < 3 && called.kind === "function"; depth++) {
      const parameters =
        called.form === "native"
          ? called.parameters
          : called.node.parameters.map(({ key, pipe }) => ({ name: key.name, pipe }));
      const pipe = parameters.find((one) => one.pipe);
      called = this.walk.call(called, new Map(pipe && [[pipe.name, tables]]), undefined);
    }
    const made = this.nodes.slice(before.nodes);
    for (const node of made) this.rowsOf(node);
    const sends = trace.sent.length > counts[3] || made.some(({ kind }) => kind.delivers === true);
    this.nodes.length = before.nodes;
    this.results.length = before.results;
    lists(trace).forEach((list, i) => (list.length = counts[i]));
    return sends;
  }
  opaque(name: string, inputs: readonly LogicalNode[], at: Location | undefined): Abstract {
    return this.stream({ name, rowwise: false }, undefined, inputs, at);
  }
  executed(node: LogicalNode): void {
    this.read.add(node);
  }
  made(node: LogicalNode, args: ReadonlyMap<string, Abstract>): void {
    this.#args.set(node, args);
  }
  argsOf(node: LogicalNode): ReadonlyMap<string, Abstract> {
    return this.#args.get(node) ?? new Map();
  }
  rowsOf(node: LogicalNode): Rows {
    const found = this.#rows.get(node);
    if (found !== undefined) return found;
    // Set first: a step never reads itself, but a walk over a large plan should not find out.
    this.#rows.set(node, anyRows());
    const inputs = node.inputs.map((input) => this.rowsOf(input));
    const rows = rowsAfter({ node, inputs, args: this.argsOf(node), walk: this.walk });
    this.#rows.set(node, rows);
    return rows;
  }
  rowOf(node: LogicalNode): Row {
    return this.rowsOf(node).row;
  }
  addResult(name: string, node: LogicalNode): void {
    this.results.push({ name, node });
  }
  async execute(): Promise<readonly never[]> {
    return [];
  }
  importPackage(path: string): ReturnType<PackageInstances["get"]> {
    return this.packages.get(path);
  }
  addSecret(): void {}
  expectRule(): void {}
  note(): void {}
}

const lists = ({ reads, interpolations, comparisons, sent }: Trace): { length: number }[] => [
  reads,
  interpolations,
  comparisons,
  sent,
];

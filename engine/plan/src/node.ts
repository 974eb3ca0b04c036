import type { Location } from "@tocsin/data/value";

/** Columns by name; undefined: all of them. */
export type ColumnNames = ReadonlySet<string> | undefined;

/**
 * What an operation is, declared so that rules and the driver need not know its name: a rule asks for a property,
 * never for a function of the language.
 */
export interface NodeKind<Spec = unknown> {
  /** The field's word for it: `filter`, `range`, `group`. Shown by `explain --plan`. */
  readonly name: string;
  /** Makes at most one row of each row, in order, and looks at no other row, so that a bad row may be left out. */
  readonly rowwise: boolean;
  /** Starts a stream: it has no inputs. */
  readonly source?: boolean;
  /** Hands events to delivery: it runs only once in a run, however often its rows are read. */
  readonly delivers?: boolean;
  /** Changes something outside, such as a bucket: an end of a plan even without `yield`. */
  readonly effect?: boolean;
  /**
   * Which columns of its inputs, beside those of the group key, it looks at or passes on when nobody
   * reads more than `wanted` of what it makes. Absent: all.
   */
  reads?(spec: Spec, wanted: ColumnNames): ColumnNames;
  /**
   * As `reads`, of columns whose cells it looks at, or passes on when only the cells of `wanted` are looked at. Other
   * columns that it reads must be there and be as long, with any cells. Absent: all that it reads.
   */
  readsCells?(spec: Spec, wanted: ColumnNames): ColumnNames;
  /** The bounds that `range` has given to its rows, where those of its input have `before`. Absent: the same. */
  bounds?(spec: Spec, before: TimeBounds | undefined): TimeBounds | undefined;
  /** The spec in a few words, for the plan that people read. */
  describe?(spec: Spec): string;
}

/** Nanoseconds since the epoch; `stop` is exclusive. */
export interface TimeBounds {
  readonly start: bigint;
  readonly stop: bigint;
}

/** One step of a plan, made by a call in the script. Data: printable, never changed. */
export interface LogicalNode<Spec = unknown> {
  /** Counts up within a run: the order in which the script made the nodes. */
  readonly id: number;
  readonly kind: NodeKind<Spec>;
  readonly spec: Spec;
  readonly inputs: readonly LogicalNode[];
  /** The call that made it. */
  readonly at: Location | undefined;
  /** Result names that `yield` gave to this stream. */
  readonly yields?: string;
}

/** A named end of a plan. */
export interface PlanResult {
  /** Undefined: nobody sees its rows; it runs for what it changes. */
  readonly name: string | undefined;
  readonly node: LogicalNode;
}

/** All that one run (or one `tableFind`) executes. */
export interface LogicalPlan {
  readonly results: readonly PlanResult[];
}

/** A kind whose nodes `node` may be: narrows the spec's type. */
export function isKind<Spec>(node: LogicalNode, kind: NodeKind<Spec>): node is LogicalNode<Spec> {
  return node.kind === (kind as NodeKind);
}

/** Every node that `results` depend on, each once, inputs before their readers. */
export function nodesOf(results: readonly PlanResult[]): LogicalNode[] {
  const seen = new Set<LogicalNode>();
  const visit = (root: LogicalNode): void => {
    const stack: { node: LogicalNode; next: number }[] = [{ node: root, next: 0 }];
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      if (seen.has(top.node)) stack.pop();
      else if (top.next < top.node.inputs.length)
        stack.push({ node: top.node.inputs[top.next++], next: 0 });
      else {
        seen.add(top.node);
        stack.pop();
      }
    }
  };
  for (const { node } of results) visit(node);
  return [...seen];
}

import type { Deliveries } from "@tocsin/alerting/oncall";
import type { Table } from "@tocsin/data/column";
import type { Location, PackageValue, StreamValue } from "@tocsin/data/value";
import type { Buckets, LogicalNode, NodeKind } from "@tocsin/engine/plan";
import type { Host, Signal } from "@tocsin/platform/host";
import type { Library } from "./definition.ts";

/**
 * One execution of a program: what its functions may reach. Package instances, options and the plan
 * belong to a run, so that a Program can run many times at once.
 */
export interface Run {
  /** What `now()` gives, nanoseconds since the epoch. The script's `option now` sets it. */
  now: bigint;
  readonly host: Host;
  readonly buckets: Buckets;
  readonly deliveries: Deliveries;
  readonly library: Library;
  readonly signal: Signal | undefined;
  /** Set by `tocsin test`: packages behave as upstream's test runner has them. */
  readonly testing: boolean;
  /** Adds a step to the plan. */
  stream<Spec>(
    kind: NodeKind<Spec>,
    spec: Spec,
    inputs: readonly LogicalNode[],
    at: Location | undefined,
  ): StreamValue;
  /** Makes a stream a named result of the script. Throws when the name is taken. */
  addResult(name: string, node: LogicalNode): void;
  /** Runs a stream at once and gives its tables. Pure streams run once a run; deliveries always once. */
  execute(node: LogicalNode): Promise<readonly Table[]>;
  /** The run's own instance of a package; undefined when there is none of that path. */
  importPackage(path: string): Promise<PackageValue> | undefined;
  /** A value that must never be shown: secrets that the script got. */
  addSecret(key: string, value: string): void;
  /** A test says how often a rule of the planner must fire. */
  expectRule(name: string, times: number): void;
  /** A remark for the person who reads the end of the run. */
  note(text: string): void;
}

import type { Deliveries } from "@tocsin/alerting/oncall";
import type { Table } from "@tocsin/data/column";
import type { Location, PackageValue, StreamValue } from "@tocsin/data/value";
import type { Buckets, LogicalNode, NodeKind } from "@tocsin/engine/plan";
import type { Host, Signal } from "@tocsin/platform/host";
import type { Library } from "./definition.ts";

/**
 * One execution of a program: what its functions can use. Package instances, options and the plan belong to a run, so
 * that a program can run many times at once.
 */
export interface Run {
  /** What `now()` gives, nanoseconds since the epoch. The script's `option now` sets it. */
  now: bigint;
  readonly host: Host;
  readonly buckets: Buckets;
  readonly deliveries: Deliveries;
  readonly library: Library;
  readonly signal: Signal | undefined;
  /** Set by `tocsin test`: packages behave as in upstream's test runner. */
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
  /** Runs a stream now and gives its tables; asked again for the same stream, it gives the same tables. */
  execute(node: LogicalNode): Promise<readonly Table[]>;
  /** The run's own instance of a package; undefined if there is no such package. */
  importPackage(path: string): Promise<PackageValue> | undefined;
  /** Notes a secret that the script got, whose value must never be shown. */
  addSecret(key: string, value: string): void;
  /** Notes how often a rule of the planner must fire, in a test. */
  expectRule(name: string, times: number): void;
  /** Adds a remark to what the run says at its end. */
  note(text: string): void;
}

import { type Incident, type Outcome, recordingDeliveries } from "@tocsin/alerting/oncall";
import type { Definitions, Library, Program } from "@tocsin/engine/interpret";
import type { Buckets } from "@tocsin/engine/plan";
import { type RunReport, runProgram } from "@tocsin/library/runtime";
import type { Clock, Host, Signal } from "@tocsin/platform/host";
import { type Page, Pager } from "./pager.ts";

/** What a backtest runs on. */
export interface BacktestWorld {
  readonly host: Host;
  /** The buckets as a run at this moment sees them, with what earlier runs wrote. */
  readonly buckets: { at(now: bigint): Buckets };
  readonly library: Library;
  readonly definitions?: Definitions;
  readonly signal?: Signal;
  readonly onSecret?: (key: string, value: string) => void;
}

/** When a script runs, and how its events are sent. Nanoseconds. */
export interface BacktestPlan {
  /** Moments of the runs, in order: what `now()` gives. */
  readonly moments: readonly bigint[];
  /** How much later a run begins (`offset` of its task). */
  readonly delay: bigint;
  /** Whether an event replaces those of earlier runs that still wait. Default true. */
  readonly supersede?: boolean;
  /** Is told after each run how many there were. */
  readonly progress?: (runs: number) => void;
}

/** Runs that failed, or had rows that could not be made into events. */
export interface Faults {
  readonly runs: number;
  /** Of the first one: its moment in milliseconds, and the message. */
  readonly first: { readonly at: number; readonly message: string } | undefined;
}

/** What a script would have done over a stretch of history. Times in milliseconds since 1970. */
export interface Backtest {
  /** Moments of the first and the last run. */
  readonly from: number;
  readonly to: number;
  readonly runs: number;
  readonly failed: Faults;
  readonly badRows: Faults;
  readonly events: number;
  /** Requests that are no events. */
  readonly direct: number;
  readonly outcomes: ReadonlyMap<Outcome, number>;
  readonly superseded: number;
  readonly unsent: number;
  readonly pages: readonly Page[];
  readonly incidents: readonly Readonly<Incident>[];
  readonly lines: ReadonlyMap<number, { readonly events: number; readonly pages: number }>;
  /** The last run, for `explainSilence` when there was no event; undefined without runs. */
  readonly last: RunReport | undefined;
}

const sink = { push: () => undefined, finish: () => undefined };

/**
 * Runs a script at each moment over stored history: its requests are answered with 200 and go, as the
 * sender would send them, to the model of On-Call. A run that fails is counted, and the others go on.
 */
export async function backtest(
  program: Program,
  plan: BacktestPlan,
  world: BacktestWorld,
): Promise<Backtest> {
  const { moments, delay } = plan;
  const pager = new Pager({ supersede: plan.supersede ?? true });
  const [failed, badRows] = [new FaultCount(), new FaultCount()];
  const { definitions, buckets, ...rest } = world;
  const clock = new MomentClock();
  const host = { ...world.host, clock };
  let [events, direct] = [0, 0];
  let last: RunReport | undefined;
  for (const [at, now] of moments.entries()) {
    const deliveries = recordingDeliveries();
    clock.moment = now + delay;
    const environment = { ...rest, host, deliveries, buckets: buckets.at(now), now };
    const options = definitions === undefined ? {} : { definitions };
    const report = await runProgram(program, environment, sink, options);
    last = report;
    const [error] = report.errors;
    if (error !== undefined) failed.add(now, error.error.message);
    const [bad] = report.badRows;
    if (bad !== undefined) badRows.add(now, bad.error.message);
    const made = deliveries.requests.filter(({ kind }) => kind === "event");
    events += made.length;
    direct += deliveries.requests.length - made.length;
    if (made.length > 0 || pager.unsent > 0)
      pager.record(made, String(at), milliseconds(now + delay));
    plan.progress?.(at + 1);
    if (world.host.loop.due()) await world.host.loop.turn();
    if (world.signal?.aborted === true) break;
  }
  // What waits at the end goes out as the rate allows.
  pager.advance(Infinity);
  return {
    from: milliseconds(moments[0] ?? 0n),
    to: milliseconds(moments.at(-1) ?? 0n),
    runs: moments.length,
    failed,
    badRows,
    events,
    direct,
    outcomes: pager.outcomes,
    superseded: pager.superseded,
    unsent: pager.unsent,
    pages: pager.pages.toSorted((a, b) => a.at - b.at),
    incidents: pager.incidents,
    lines: pager.lines,
    last,
  };
}

/** A clock that stands at the moment of a run: `system.time()` gives it. */
class MomentClock implements Clock {
  moment = 0n;

  now(): bigint {
    return this.moment;
  }
  monotonic(): number {
    return 0;
  }
  async sleep(): Promise<void> {}
}

class FaultCount implements Faults {
  runs = 0;
  first: Faults["first"];

  add(now: bigint, message: string): void {
    this.runs += 1;
    this.first ??= { at: milliseconds(now), message };
  }
}

function milliseconds(time: bigint): number {
  return Number(time / 1_000_000n);
}

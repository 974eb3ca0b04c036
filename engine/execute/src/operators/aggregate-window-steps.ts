import { int64Max } from "@tocsin/data/value";
import type { Operator, OperatorContext, Outlet } from "../operator.ts";
import type { AggregateWindowSpec } from "./aggregate-window.ts";
import { fillEmptyKind } from "./fill-empty.ts";
import { duplicateKind } from "./relabel.ts";
import { windowKind } from "./window.ts";

/** The steps that `aggregateWindowKind` stands for, each pushing into the next. */
export function stepByStep(
  spec: AggregateWindowSpec,
  out: Outlet,
  context: OperatorContext,
): Operator {
  const { window, aggregate, chosen, timeFrom, fill } = spec;
  const every = { months: 0n, nanoseconds: int64Max, negative: false };
  const together = { ...window, every, period: every, createEmpty: false };
  const starts: readonly ((out: Outlet) => Operator)[] = [
    (next) => windowKind.start(window, next, context),
    (next) => aggregate.start(chosen, next, context),
    ...(fill ? [(next: Outlet) => fillEmptyKind.start({}, next, context)] : []),
    (next) => duplicateKind.start({ column: timeFrom, as: "_time" }, next, context),
    (next) => windowKind.start(together, next, context),
  ];
  return starts.reduceRight<Operator>(chained, {
    push: (batch) => out.push(batch),
    finish: () => undefined,
  });
}

/** A step and the one that reads it, as one operator. */
function chained(next: Operator, start: (out: Outlet) => Operator): Operator {
  const step = start({ push: (batch) => next.push(batch, 0) });
  let ended = false;
  return {
    push: (batch) => step.push(batch, 0),
    finish() {
      step.finish(0);
      ended = true;
    },
    *steps() {
      for (const _ of step.steps?.() ?? []) {
        yield;
        yield* next.steps?.() ?? [];
      }
      if (ended) next.finish(0);
      ended = false;
      yield* next.steps?.() ?? [];
    },
  };
}

import {
  type Batch,
  cellAt,
  type Column,
  type ColumnSpec,
  gather,
  indexOf,
  pieces,
  stacked,
  tablesBetween,
} from "@tocsin/data/column";
import { int64Max, type Raw } from "@tocsin/data/value";
import {
  both,
  isKind,
  type LogicalNode,
  type NodeKind,
  type PlanView,
  pooledPoints,
  type Rule,
  type TimeBounds,
} from "@tocsin/engine/plan";
import type { Steps } from "@tocsin/platform/host";
import type { AllWindows } from "../all-windows.ts";
import type { Operator, OperatorContext, OperatorKind, Outlet, Properties } from "../operator.ts";
import { operatorKind } from "../per-batch.ts";
import { pieceRows, pushing } from "../pushing.ts";
import { WholeBatches } from "../whole-batch.ts";
import { windowBatch, type WindowCut, WindowCutter } from "../window-cut.ts";
import type { Summing } from "../window-grid.ts";
import { isEndless } from "../windows.ts";
import {
  type ColumnChoice,
  countKind,
  meanKind,
  pooledCountKind,
  pooledMeanKind,
  sumKind,
} from "./aggregates.ts";
import { fillEmpty, fillEmptyKind } from "./fill-empty.ts";
import { duplicateKind } from "./relabel.ts";
import { firstKind, lastKind, maxKind, minKind } from "./selectors.ts";
import { windowBounds, windowKind, type WindowSpec } from "./window.ts";
import { filledWindows, joinedWindows } from "./window-rows.ts";
import { WindowSums } from "./window-sums.ts";

/** A window, what is made of each one, and which of its ends becomes the time. */
interface AggregateWindowSpec {
  readonly window: WindowSpec;
  readonly aggregate: OperatorKind<ColumnChoice>;
  /** What the aggregate was asked for. */
  readonly chosen: ColumnChoice;
  readonly timeFrom: "_start" | "_stop";
  /** Where `_time` stands among the columns: upstream puts it first where it does all in one step. */
  readonly timeFirst: boolean;
  /** Windows without rows get a row without values (`count` gives 0 by itself). */
  readonly fill: boolean;
}

const bounds = { start: "_start", stop: "_stop" };

/**
 * `window |> aggregate |> [fill] |> duplicate |> window(every: inf)` in one step: each table stays
 * one table and is done when it ends, so nothing waits for the whole stream.
 */
export const aggregateWindowKind = operatorKind<AggregateWindowSpec>(
  {
    name: "aggregateWindow",
    rowwise: false,
    reads: ({ aggregate, chosen, window }, wanted) =>
      both(aggregate.reads?.(chosen, wanted), new Set([window.timeColumn])),
    readsCells: ({ aggregate, chosen, window }, wanted) =>
      both(
        (aggregate.readsCells ?? aggregate.reads)?.(chosen, wanted),
        new Set([window.timeColumn]),
      ),
    describe: ({ aggregate, chosen }) => `${aggregate.name} of ${chosen.column}`,
  },
  (spec, out, context) => new AggregateWindows(spec, out, context),
);

class AggregateWindows implements Operator {
  readonly #spec: AggregateWindowSpec;
  readonly #out: Outlet;
  readonly #context: OperatorContext;
  readonly #cutter: WindowCutter;
  readonly #range: TimeBounds;
  /** Windows without rows get a row too: the same for all, made once. */
  readonly #fills: boolean;
  #waiting: Batch[] = [];
  readonly #whole = new WholeBatches();
  #sums: WindowSums | undefined;
  #near: { readonly windows: AllWindows; readonly sums: WindowSums | undefined } | undefined;
  readonly #aggregate: Operator;
  readonly #bounds = new Map<string, Raw>();
  #chain: Operator | undefined;
  #ended = false;
  #made: Batch[] = [];

  constructor(spec: AggregateWindowSpec, out: Outlet, context: OperatorContext) {
    this.#spec = spec;
    this.#out = out;
    this.#context = context;
    this.#range = windowBounds(context);
    // Sums and their like leave out what lies outside of the range, as upstream does in one step
    // too.
    const outside = summing.includes(spec.aggregate as NodeKind<never>) ? "leave" : "share";
    this.#fills = spec.window.createEmpty && (spec.fill || makesOneRow(spec.aggregate));
    const options = { createEmpty: false, outside, numbered: this.#fills } as const;
    this.#cutter = new WindowCutter(spec.window, this.#range, options);
    this.#aggregate = spec.aggregate.start(
      spec.chosen,
      { push: (batch) => void this.#made.push(batch) },
      context,
    );
  }
  push(batch: Batch): void {
    this.#waiting.push(batch);
  }
  held(): number {
    return this.#whole.bytes + (this.#sums?.bytes ?? 0);
  }
  finish(): void {
    this.#ended = true;
  }
  *steps(): Steps {
    yield* pushing(this.#out, this.#aggregated());
    if (this.#chain === undefined) return;
    if (this.#ended) this.#chain.finish(0);
    yield* this.#chain.steps?.() ?? [];
  }

  *#aggregated(): Generator<Batch | undefined> {
    const waiting = this.#waiting;
    this.#waiting = [];
    const { start, stop } = this.#range;
    if (start >= stop) return;
    for (const batch of waiting) {
      yield;
      yield* this.#batch(batch);
    }
  }
  *#batch(batch: Batch): Generator<Batch | undefined> {
    // Tables with different bounds can share windows: then each step must see all of them.
    const alike = this.#chain === undefined && this.#sameBounds(batch);
    const summed = alike && (yield* this.#canSum(batch));
    // A table that goes on does so where it began.
    const begun = this.#sums?.open === true || (this.#whole.open ? false : summed);
    if (begun === summed) return yield* this.#tables(batch, summed, alike);
    yield* this.#tables(tablesBetween(batch, 0, 1), begun, alike);
    const count = batch.tableEnds.length;
    if (count > 1) yield* this.#tables(tablesBetween(batch, 1, count), summed, alike);
  }
  /** Whether windows of such tables are summed as their rows come; else each table is looked at as a whole. */
  *#canSum(batch: Batch): Steps<boolean> {
    if (!sums.has(this.#spec.aggregate as NodeKind)) return false;
    const most = this.#spec.window.createEmpty ? Infinity : pieceRows;
    this.#sums ??= this.#sumsOf(yield* this.#cutter.all(most));
    return this.#sums?.takes(batch) === true;
  }
  #sumsOf(windows: AllWindows | undefined): WindowSums | undefined {
    const { aggregate, chosen, timeFrom, timeFirst } = this.#spec;
    const { createEmpty } = this.#spec.window;
    const what = sums.get(aggregate as NodeKind);
    if (what === undefined || windows?.ordered !== true) return undefined;
    const { column } = chosen;
    const spec = { what, column, range: this.#range, timeFrom, timeFirst, createEmpty };
    return new WindowSums(spec, windows);
  }
  /** What sums the windows of whole tables: only those near their times are looked at. */
  *#sumsNear(batch: Batch): Steps<WindowSums | undefined> {
    if (!sums.has(this.#spec.aggregate as NodeKind)) return undefined;
    const windows = yield* this.#cutter.near(batch, this.#spec.window.timeColumn);
    if (windows === undefined) return undefined;
    if (this.#near?.windows !== windows) this.#near = { windows, sums: this.#sumsOf(windows) };
    return this.#near.sums?.takes(batch) === true ? this.#near.sums : undefined;
  }
  #tables(batch: Batch, summed: boolean, alike: boolean): Iterable<Batch | undefined> {
    return summed && this.#sums !== undefined
      ? this.#sums.add(batch)
      : this.#wholeTables(batch, alike);
  }
  *#wholeTables(batch: Batch, alike: boolean): Generator<Batch | undefined> {
    this.#whole.add(batch);
    for (const one of this.#whole.take()) {
      if (one === undefined) yield;
      else if (alike) yield* this.#oneStep(one);
      else {
        this.#chain ??= stepByStep(this.#spec, this.#out, this.#context);
        this.#chain.push(one, 0);
        yield* this.#chain.steps?.() ?? [];
      }
    }
  }
  *#oneStep(batch: Batch): Generator<Batch | undefined> {
    const near = yield* this.#sumsNear(batch);
    if (near !== undefined) return yield* near.add(batch);
    const { window, timeFrom, timeFirst } = this.#spec;
    const all = this.#fills ? yield* this.#cutter.all(Infinity) : undefined;
    const cut = yield* this.#cutter.cut(batch, window.timeColumn);
    yield;
    const made = yield* this.#aggregatedOf(batch, cut);
    if (made === undefined) return;
    const rows = { range: this.#range, timeFrom, timeFirst };
    const given = { batch, cut, made };
    if (all !== undefined) yield* filledWindows(given, all, rows);
    else {
      const joined = joinedWindows(given, rows);
      if (joined.rows > 0) yield joined;
    }
  }
  /** A table for each window that was cut. */
  *#aggregatedOf(batch: Batch, cut: WindowCut): Steps<Batch | undefined> {
    if (cut.ends.length === 0) return undefined;
    this.#made = [];
    const windowed = narrowed(batch, cut, this.#spec) ?? windowBatch(batch, cut, bounds);
    yield;
    for (const piece of pieces(windowed, pieceRows)) {
      this.#aggregate.push(piece, 0);
      yield;
    }
    if (this.#made.length === 0) return undefined;
    const made = yield* stacked(this.#made);
    this.#made = [];
    yield;
    return this.#spec.fill ? fillEmpty(made) : made;
  }
  #sameBounds(batch: Batch): boolean {
    return ["_start", "_stop"].every((label) => {
      const at = indexOf(batch.schema, label);
      const column = at < 0 ? undefined : batch.columns[at];
      if (column?.form !== "table") return true;
      for (let table = 0; table < batch.tableEnds.length; table++) {
        const cell = cellAt(column.values, table);
        if (!this.#bounds.has(label)) this.#bounds.set(label, cell);
        if (this.#bounds.get(label) !== cell) return false;
      }
      return true;
    });
  }
}

/**
 * Only the column that an aggregate looks at, cut into windows: the key is that of the tables, and need not
 * be repeated for each window. Undefined: whole rows are kept, or the key is looked at.
 */
function narrowed(
  batch: Batch,
  cut: WindowCut,
  { aggregate, chosen }: AggregateWindowSpec,
): Batch | undefined {
  const chosenAt = indexOf(batch.schema, chosen.column);
  if (!makesOneRow(aggregate) || chosenAt < 0 || chosen.column in boundColumns) return undefined;
  const { pooled } = aggregate as Properties<unknown>;
  const pooledAt = pooled === true ? indexOf(batch.schema, pooledPoints) : -1;
  const schema: ColumnSpec[] = [];
  const columns: Column[] = [];
  const { rows } = cut;
  for (const [i, spec] of batch.schema.entries()) {
    if (i !== chosenAt && i !== pooledAt) continue;
    const column = batch.columns[i];
    if (spec.key || column.form === "table") return undefined;
    schema.push(spec);
    columns.push(rows === undefined ? column : gather(column, rows, rows.length));
  }
  return { schema, columns, rows: rows?.length ?? batch.rows, tableEnds: cut.ends, open: false };
}

const boundColumns = { _start: true, _stop: true };

const makesOneRow = (kind: NodeKind<never>): boolean =>
  (kind as Properties<unknown>).makesOneRow === true;

/** The steps that the one step stands for, each pushing into the next. */
function stepByStep(spec: AggregateWindowSpec, out: Outlet, context: OperatorContext): Operator {
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

/** A step and what reads it, as one operator. */
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

const sums: ReadonlyMap<NodeKind, Summing> = new Map<NodeKind<never>, Summing>([
  [meanKind, "mean"],
  [sumKind, "sum"],
  [countKind, "count"],
]) as ReadonlyMap<NodeKind, Summing>;

const summing: readonly NodeKind<never>[] = [
  meanKind,
  pooledMeanKind,
  sumKind,
  countKind,
  pooledCountKind,
] as readonly NodeKind<never>[];

const fusible: readonly NodeKind<never>[] = [
  ...summing,
  firstKind,
  lastKind,
  minKind,
  maxKind,
] as readonly NodeKind<never>[];

/** Without empty windows to be filled. */
export const aggregateWindow: Rule = {
  name: "AggregateWindowRule",
  phase: "physical",
  apply: (node, plan) => fused(node, plan, false),
};

/** With empty windows: a step fills them before the windows are put together. */
export const aggregateWindowCreateEmpty: Rule = {
  name: "AggregateWindowCreateEmptyRule",
  phase: "physical",
  apply: (node, plan) => fused(node, plan, true),
};

/** The same for what upstream does not have in one step: any function that makes a row of a table. */
export const aggregateWindowOfAny: Rule = {
  name: "tocsin/AggregateWindowOfAnyRule",
  phase: "physical",
  apply: (node, plan) =>
    fused(node, plan, false, makesOneRow) ?? fused(node, plan, true, makesOneRow),
};

const isFusible = (kind: NodeKind<never>): boolean => fusible.includes(kind);

function fused(
  node: LogicalNode,
  plan: PlanView,
  fill: boolean,
  takes: (kind: NodeKind<never>) => boolean = isFusible,
): LogicalNode | undefined {
  if (!isKind(node, windowKind) || !isEndless(node.spec) || node.spec.createEmpty) return undefined;
  if (!usualNames(node.spec)) return undefined;
  const only = (input: LogicalNode): boolean => plan.readers(input) === 1;
  const [copy] = node.inputs;
  if (!only(copy) || !isKind(copy, duplicateKind) || copy.spec.as !== "_time") return undefined;
  const timeFrom = copy.spec.column;
  if (timeFrom !== "_start" && timeFrom !== "_stop") return undefined;
  const [before] = copy.inputs;
  if (isKind(before, fillEmptyKind) !== fill || !only(before)) return undefined;
  const aggregate = fill ? before.inputs[0] : before;
  if (!only(aggregate) || !takes(aggregate.kind as NodeKind<never>)) return undefined;
  const [window] = aggregate.inputs;
  if (!only(window) || !isKind(window, windowKind)) return undefined;
  if (isEndless(window.spec) || !usualNames(window.spec)) return undefined;
  const spec: AggregateWindowSpec = {
    window: window.spec,
    aggregate: aggregate.kind as OperatorKind<ColumnChoice>,
    chosen: aggregate.spec as ColumnChoice,
    timeFrom,
    timeFirst: isFusible(aggregate.kind as NodeKind<never>),
    fill,
  };
  return { ...node, kind: aggregateWindowKind, spec, inputs: window.inputs };
}

function usualNames(spec: WindowSpec): boolean {
  return (
    spec.timeColumn === "_time" && spec.startColumn === "_start" && spec.stopColumn === "_stop"
  );
}

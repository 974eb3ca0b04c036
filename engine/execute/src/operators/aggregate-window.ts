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
import { formatDuration, type Raw } from "@tocsin/data/value";
import { both, type NodeKind, pooledPoints, type TimeBounds } from "@tocsin/engine/plan";
import type { Steps } from "@tocsin/platform/host";
import type { AllWindows } from "../all-windows.ts";
import type { Operator, OperatorContext, OperatorKind, Outlet, Properties } from "../operator.ts";
import { operatorKind } from "../per-batch.ts";
import { pieceRows, pushing } from "../pushing.ts";
import { WholeBatches } from "../whole-batch.ts";
import { windowBatch } from "../window-batch.ts";
import { type WindowCut, WindowCutter } from "../window-cut.ts";
import type { Summing } from "../window-grid.ts";
import { stepByStep } from "./aggregate-window-steps.ts";
import {
  type ColumnChoice,
  countKind,
  meanKind,
  pooledCountKind,
  pooledMeanKind,
  sumKind,
} from "./aggregates.ts";
import { fillEmpty } from "./fill-empty.ts";
import { windowBounds, type WindowSpec } from "./window.ts";
import { filledWindows, joinedWindows } from "./window-rows.ts";
import { WindowSums } from "./window-sums.ts";

/** The windows, what is made of each, and which of its ends becomes the time. */
export interface AggregateWindowSpec {
  readonly window: WindowSpec;
  readonly aggregate: OperatorKind<ColumnChoice>;
  /** What the aggregate was asked for. */
  readonly chosen: ColumnChoice;
  readonly timeFrom: "_start" | "_stop";
  /** Whether `_time` is the first column, as where upstream does it in one step; else it is the last. */
  readonly timeFirst: boolean;
  /** Windows without rows get a row of nulls (those of `count` have 0 anyway). */
  readonly fill: boolean;
}

const bounds = { start: "_start", stop: "_stop" };

/**
 * `window |> aggregate |> [fill] |> duplicate |> window(every: inf)` in one step. A table stays one table, and is
 * passed on when it ends: nothing waits for the end of the stream.
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
    describe: ({ aggregate, chosen, window }) =>
      `${aggregate.name} of ${chosen.column} every ${formatDuration(window.every)}`,
  },
  (spec, out, context) => new AggregateWindows(spec, out, context),
);

class AggregateWindows implements Operator {
  readonly #spec: AggregateWindowSpec;
  readonly #out: Outlet;
  readonly #context: OperatorContext;
  readonly #cutter: WindowCutter;
  readonly #range: TimeBounds;
  /** Windows without rows get a row too, which is made once for all of them. */
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
    // Upstream's step for these aggregates leaves out rows outside the range, too.
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
    // Tables that differ in their bounds alone may share windows, so that each step must see all of them.
    const alike = this.#chain === undefined && this.#sameBounds(batch);
    const summed = alike && (yield* this.#canSum(batch));
    // A table that has begun is finished in the same way.
    const begun = this.#sums?.open === true || (this.#whole.open ? false : summed);
    if (begun === summed) return yield* this.#tables(batch, summed, alike);
    yield* this.#tables(tablesBetween(batch, 0, 1), begun, alike);
    const count = batch.tableEnds.length;
    if (count > 1) yield* this.#tables(tablesBetween(batch, 1, count), summed, alike);
  }
  /** Whether the windows of such tables are summed up as rows come; otherwise a table waits until it is whole. */
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
  /** Sums of the windows between the first and the last time of whole tables. */
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
  /** Aggregates the tables that end in this batch; `alike`: all have had the same bounds so far. */
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
  /** What the aggregate makes of each window, one table for each. */
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
 * The column that an aggregate looks at, cut into windows, without the key, which need not be repeated for each
 * window. Undefined: more than that column is needed, or it is in the key.
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

/** Whether a kind makes one row of each table, whatever its rows. */
export const makesOneRow = (kind: NodeKind<never>): boolean =>
  (kind as Properties<unknown>).makesOneRow === true;

/** Aggregates that are summed up as rows come. */
const sums: ReadonlyMap<NodeKind, Summing> = new Map<NodeKind<never>, Summing>([
  [meanKind, "mean"],
  [sumKind, "sum"],
  [countKind, "count"],
]) as ReadonlyMap<NodeKind, Summing>;

/** Sums and what is made of them: rows outside the range do not count. */
export const summing: readonly NodeKind<never>[] = [
  meanKind,
  pooledMeanKind,
  sumKind,
  countKind,
  pooledCountKind,
] as readonly NodeKind<never>[];

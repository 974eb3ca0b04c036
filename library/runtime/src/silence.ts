import { cellOf } from "@tocsin/data/column";
import { formatTimeNano } from "@tocsin/data/value";
import { filterKind, fromKind, type FromSpec, type Passed } from "@tocsin/engine/execute";
import {
  type BucketRead,
  type Buckets,
  isKind,
  type LogicalNode,
  nodesOf,
  type StoragePredicate,
} from "@tocsin/engine/plan";
import { shortened } from "@tocsin/platform/host";
import { comparedColumns, conjunctsOf, predicateText } from "./predicate-text.ts";
import type { RunReport } from "./report.ts";
import { columnsRead } from "./row-columns.ts";

/** One step on the way to an endpoint (or a result), and what it let through. */
export interface SilentStep {
  /** `read`, `filter`, or what the plan calls the step. */
  readonly step: string;
  /** What it reads or asks, as the script says it; of other steps what the plan says of them. */
  readonly what: string;
  readonly line: number | undefined;
  /** Rows that it passed on, and (of a filter) rows that came to it. */
  readonly rows: number;
  readonly of?: number;
  /** Of a read without rows: the time of the bucket's newest row, RFC 3339; "" when it has none. */
  readonly newest?: string;
  /** Columns that it compares and that no row has that came to it. */
  readonly missing: readonly string[];
  /** The columns that those rows do have; empty when none is missing. */
  readonly columns: readonly string[];
}

/** Why no row came to one endpoint, or into one result. */
export interface Silence {
  readonly at: "endpoint" | "result";
  readonly line: number | undefined;
  /** From the source on, until no row is left. */
  readonly steps: readonly SilentStep[];
}

/**
 * Why a run made no event (or, with "rows", no row of a result): for each endpoint the steps before
 * it with what each let through. Buckets are asked again, for counts only: once for each condition
 * that they evaluated themselves. Empty when there is nothing to explain.
 */
export async function explainSilence(
  report: RunReport,
  buckets: Buckets,
  expected: "events" | "rows" = "events",
): Promise<Silence[]> {
  const { passed } = report;
  if (expected === "events" && report.handed.requests > 0) return [];
  const read = new Set([...passed.keys()].flatMap((node) => node.inputs));
  const ends = [...passed.keys()].filter((node) =>
    expected === "events" ? node.kind.delivers === true : !read.has(node),
  );
  const explained: Silence[] = [];
  for (const end of ends) {
    const last = end.kind.delivers === true ? end.inputs : [end];
    if (last.some((node) => rowsOf(passed, node) > 0)) continue;
    const at = end.kind.delivers === true ? "endpoint" : "result";
    const steps: SilentStep[] = [];
    for (const step of nodesOf(last.map((node) => ({ name: undefined, node }))))
      steps.push(...(await stepsOf(step, passed, buckets)));
    explained.push({ at, line: lineOf(end), steps });
  }
  return explained;
}

function rowsOf(passed: ReadonlyMap<LogicalNode, Passed>, node: LogicalNode): number {
  return passed.get(node)?.rows ?? 0;
}

async function stepsOf(
  node: LogicalNode,
  passed: ReadonlyMap<LogicalNode, Passed>,
  buckets: Buckets,
): Promise<SilentStep[]> {
  const rows = rowsOf(passed, node);
  const line = lineOf(node);
  if (isKind(node, fromKind)) return readSteps(node.spec, { rows, line }, buckets);
  const before = node.inputs.reduce((sum, input) => sum + rowsOf(passed, input), 0);
  // After a step without rows nothing is left to tell.
  if (node.inputs.length > 0 && before === 0) return [];
  if (!isKind(node, filterKind)) {
    const what = node.kind.describe?.(node.spec) ?? "";
    return [{ step: node.kind.name, what, line, rows, missing: [], columns: [] }];
  }
  const { fn } = node.spec;
  const labels = node.inputs.flatMap((input) => [...(passed.get(input)?.labels ?? [])]);
  const body = fn.form === "closure" ? fn.node.body.span : undefined;
  const what =
    fn.form === "closure" && body !== undefined ? fn.file.text.slice(body.start, body.end) : "";
  const lacking = rows > 0 ? [] : columnsRead(fn).filter((column) => !labels.includes(column));
  return [{ step: "filter", what, line, rows, of: before, ...missing(lacking, labels) }];
}

/** What of `columns` is missing, beside what is there. */
function missing(
  columns: readonly string[],
  labels: readonly string[],
): Pick<SilentStep, "missing" | "columns"> {
  const there = labels.filter((label) => label !== "_start" && label !== "_stop").sort();
  return { missing: [...new Set(columns)], columns: columns.length === 0 ? [] : there };
}

/** A read, then each condition that the bucket evaluated in it, then its aggregate. */
async function readSteps(
  { bucket, server, range, predicate, aggregate }: FromSpec,
  { rows, line }: { rows: number; line: number | undefined },
  buckets: Buckets,
): Promise<SilentStep[]> {
  if (range === undefined) return [];
  const what = `${JSON.stringify(bucket)}, ${formatTimeNano(range.start)} to ${formatTimeNano(range.stop)}`;
  const read = { step: "read", what, line, missing: [], columns: [] };
  const conditions = predicate === undefined ? [] : conjunctsOf(predicate);
  const place = { bucket, ...(server === undefined ? {} : { server }) };
  try {
    let here = await counted(buckets, { ...place, ...range });
    if (here.rows === 0) return [{ ...read, rows: 0, newest: await newestOf(buckets, place) }];
    const steps: SilentStep[] = [{ ...read, rows: here.rows }];
    let asked: StoragePredicate | undefined;
    for (const condition of conditions) {
      asked = asked === undefined ? condition : { kind: "and", left: asked, right: condition };
      const next = await counted(buckets, { ...place, ...range, predicate: asked });
      const { labels } = here;
      const lacking =
        next.rows > 0 ? [] : comparedColumns(condition).filter((one) => !labels.includes(one));
      const kept = { rows: next.rows, of: here.rows, ...missing(lacking, labels) };
      steps.push({ step: "filter", what: predicateText(condition), line: undefined, ...kept });
      here = next;
      if (next.rows === 0) return steps;
    }
    if (aggregate === undefined) return steps;
    const name = aggregate.function;
    return [...steps, { step: name, what: "", line, rows, missing: [], columns: [] }];
  } catch {
    // The bucket does not answer any more: what the run saw is all there is to tell.
    return [{ ...read, rows }];
  }
}

async function counted(
  buckets: Buckets,
  request: BucketRead,
): Promise<{ rows: number; labels: string[] }> {
  const counts = (await buckets.pushes(request.bucket)).has("count");
  const labels = new Set<string>(["_time"]);
  let rows = 0;
  for await (const batch of buckets.read(
    counts ? { ...request, aggregate: { function: "count" } } : request,
  )) {
    for (const { label } of batch.schema) labels.add(label);
    const at = batch.schema.findIndex(({ label }) => label === "_value");
    if (!counts) rows += batch.rows;
    else
      for (let row = 0; row < batch.rows; row++)
        rows += Number(cellOf(batch.columns[at], row, row));
  }
  return { rows, labels: [...labels] };
}

/** The last nanosecond that a time can hold, less one: a range's end is not in it. */
const endOfTime = 9_223_372_036_854_775_806n;

async function newestOf(
  buckets: Buckets,
  place: Pick<BucketRead, "bucket" | "server">,
): Promise<string> {
  if (!(await buckets.pushes(place.bucket)).has("last")) return "";
  const request = {
    ...place,
    start: 0n,
    stop: endOfTime,
    aggregate: { function: "last" },
  } as const;
  let newest: bigint | undefined;
  for await (const batch of buckets.read(request)) {
    const at = batch.schema.findIndex(({ label }) => label === "_time");
    for (let row = 0; at >= 0 && row < batch.rows; row++) {
      const time = cellOf(batch.columns[at], row, row);
      if (typeof time === "bigint" && (newest === undefined || time > newest)) newest = time;
    }
  }
  return newest === undefined ? "" : formatTimeNano(newest);
}

/** Columns that are named beside a missing one. */
const COLUMNS_SHOWN = 12;

/** The explanation for people: the endpoint, then a line for each step. */
export function silenceLines(silences: readonly Silence[]): string[] {
  return silences.flatMap(({ at, line, steps }) => [
    at === "endpoint"
      ? `no event: no row came to the endpoint${place(line)}`
      : `no row came out of the result${place(line)}`,
    ...steps.flatMap(stepLines),
  ]);
}

function stepLines(step: SilentStep): string[] {
  const { what, line, rows, of: before } = step;
  const count = `${rows} ${rows === 1 ? "row" : "rows"}`;
  const short = shortened(what.replace(/\s+/g, " "), 100);
  const name = `${step.step}${short === "" ? "" : ` ${short}`}${place(line)}`;
  const lines = [`  ${name}: ${before === undefined ? count : `kept ${rows} of ${before}`}`];
  if (step.newest !== undefined) {
    const newest = step.newest === "" ? "the bucket is empty" : `the newest is of ${step.newest}`;
    lines.push(`    no row is in this window; ${newest}`);
  }
  for (const column of step.missing) {
    const shown = step.columns.slice(0, COLUMNS_SHOWN).join(", ");
    const more = step.columns.length > COLUMNS_SHOWN ? ", …" : "";
    lines.push(`    no row has a column ${JSON.stringify(column)} (columns: ${shown}${more})`);
  }
  return lines;
}

function place(line: number | undefined): string {
  return line === undefined ? "" : ` at line ${line}`;
}

function lineOf(node: LogicalNode): number | undefined {
  return node.at?.file.text.slice(0, node.at.start).split("\n").length;
}

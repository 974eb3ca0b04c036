import {
  approximateNanoseconds,
  type Duration,
  formatDuration,
  nanosecondDuration,
} from "@tocsin/data/value";
import { isKind, type LogicalNode, nodesOf } from "@tocsin/engine/plan";
import { rangeKind, windowKind } from "@tocsin/engine/execute";
import type { Diagnostic, Span } from "@tocsin/language/syntax";
import type { Abstract } from "./abstract/value.ts";
import { oncePerPlace, type PlanLint, type Seen, spanIn } from "./plan-lint.ts";

/** A range that does not fit how often the task runs: rows that no run sees, or that many runs send. */
export const rangeAndEvery: PlanLint = {
  codes: ["W0317"],
  look: (seen) => {
    const every = everyOf(seen.script.task);
    if (every === undefined) return [];
    const deliveries = seen.script.nodes.filter(({ kind }) => kind.delivers === true);
    return oncePerPlace(deliveries.flatMap((node) => look(seen, node, every)));
  },
};

function everyOf(task: Abstract | undefined): bigint | undefined {
  const every =
    task?.kind === "row" || task?.kind === "record" ? task.fields.get("every") : undefined;
  return every?.kind === "duration" && every.value.months === 0n
    ? approximateNanoseconds(every.value)
    : undefined;
}

function look(seen: Seen, delivery: LogicalNode, every: bigint): Diagnostic[] {
  const ranges = nodesOf([{ name: "", node: delivery }]).filter((node) => isKind(node, rangeKind));
  const widths = ranges.map((node) =>
    isKind(node, rangeKind) ? node.spec.stop - node.spec.start : 0n,
  );
  const widest = widths.reduce((most, width) => (width > most ? width : most), 0n);
  const [range] = ranges;
  const span = range && spanIn(seen, range.at);
  if (range === undefined || span === undefined) return [];
  if (widest < every)
    return [
      gap(seen, {
        width: widest,
        every,
        span: spanIn(seen, ranges[widths.indexOf(widest)].at) ?? span,
      }),
    ];
  const steps = pathTo(delivery);
  if (widest === every || ranges.length > 1 || steps === undefined) return [];
  return hasReason(seen, steps, widest) ? [] : [repeats(seen, { width: widest, every, span })];
}

/** The steps above a delivery when there is one way only, the last first; a delivery before it is one of them. */
function pathTo(delivery: LogicalNode): LogicalNode[] | undefined {
  const steps: LogicalNode[] = [];
  for (let node = delivery.inputs; node.length > 0; node = node[0].inputs) {
    if (node.length > 1) return undefined;
    steps.push(node[0]);
  }
  return steps;
}

/** Steps that pass rows on, so that a row of the range is a row for the endpoint. */
const passing: ReadonlySet<string> = new Set(
  "from range filter map group keep drop rename set duplicate fill fillEmpty pivot sort yield to wideTo deliver window dedupKey".split(
    " ",
  ),
);

/** Whether something makes each run send other rows although their ranges overlap. */
function hasReason(seen: Seen, steps: readonly LogicalNode[], width: bigint): boolean {
  let windowed = false;
  for (const node of steps) {
    if (isKind(node, windowKind)) {
      const every = approximateNanoseconds(node.spec.every);
      if (every > width / 2n && !isEndless(node.spec.every)) return true;
      windowed = isEndless(node.spec.every);
      continue;
    }
    if (passing.has(node.kind.name)) {
      if (looksAtTime(seen, node)) return true;
      continue;
    }
    // One row a window: the windows of the range are sent again and again, unless one is chosen.
    if (!windowed) return true;
  }
  return false;
}

/** `inf` is the longest duration that there is. */
const isEndless = (every: Duration): boolean =>
  approximateNanoseconds(every) > 1_000_000_000_000_000_000n;

const times: ReadonlySet<string> = new Set([
  "_time",
  "_start",
  "_stop",
  "_source_timestamp",
  "_status_timestamp",
]);

/** A filter on the time chooses rows; a function of the row may do so with other columns, too. */
function looksAtTime({ script }: Seen, node: LogicalNode): boolean {
  return (
    node.kind.name === "filter" &&
    script.trace.reads.some((read) => read.node === node && times.has(read.label))
  );
}

const words = (nanoseconds: bigint): string => formatDuration(nanosecondDuration(nanoseconds));

/** What the task does with its range: how long that is, how often it runs, where it stands. */
interface Mismatch {
  readonly width: bigint;
  readonly every: bigint;
  readonly span: Span;
}

function gap(seen: Seen, { width, every, span }: Mismatch): Diagnostic {
  return finding(
    seen,
    span,
    `each run looks at ${words(width)}, but there is a run only every ${words(every)}: what happens in between is never seen`,
    "look as far back as the task runs: range(start: -task.every)",
  );
}

function repeats(seen: Seen, { width, every, span }: Mismatch): Diagnostic {
  return finding(
    seen,
    span,
    `each run looks at ${words(width)}, but there is a run every ${words(every)}: the same rows are sent again and again`,
    "look only as far back as the task runs, range(start: -task.every), or send one row of the range: last(), monitor.stateChanges(), a filter on _time",
  );
}

function finding(seen: Seen, span: Span, message: string, hint: string): Diagnostic {
  return { code: "W0317", severity: "warning", span, message, hint, ...taskLabel(seen) };
}

function taskLabel({ tree }: Seen): Pick<Diagnostic, "labels"> {
  const task = tree.body.find(
    (one) =>
      one.kind === "OptionStatement" &&
      one.target.kind === "Identifier" &&
      one.target.name === "task",
  );
  return task === undefined ? {} : { labels: [{ span: task.span, text: "how often it runs" }] };
}

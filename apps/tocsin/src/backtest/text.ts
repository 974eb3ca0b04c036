import { silenceLines } from "@tocsin/library/runtime";
import type { BacktestReport, ReportedComparison, ReportedPage } from "./report.ts";

/** Characters of a line of the chart. */
const WIDTH = 60;
/** How many entities, incidents and pages are listed one by one. */
const SHOWN_MAX = 12;
const heights = "▁▂▃▄▅▆▇█";

/** A backtest for a terminal: charts of the pages and the incidents, then what stands out. */
export function backtestText(report: BacktestReport): string {
  const lines = [
    `${report.script}: ${counted(report.runs, "run")} from ${report.from} to ${report.to}, ${report.schedule}`,
    "",
    ...pageLines(report),
    "",
    `${counted(report.events, "event")}${outcomesText(report)}`,
    ...incidentLines(report),
    ...ruleLines(report),
    ...faultLines(report),
    ...(report.silence.length === 0 ? [] : ["the last run:", ...silenceLines(report.silence)]),
    ...(report.against === undefined ? [] : ["", ...againstLines(report.against)]),
  ];
  // Control characters from scripts and data must not move a terminal's cursor.
  return lines.map((line) => `${line.replace(/\p{Cc}/gu, " ")}\n`).join("");
}

function pageLines(report: BacktestReport): string[] {
  const total = report.pages.length;
  if (total === 0) return ["  no page"];
  const span = spanOf(report);
  const bins = Array.from({ length: WIDTH }, () => 0);
  for (const { at } of report.pages) bins[span.binOf(at)] += 1;
  const most = Math.max(...bins);
  const spark = bins.map((count) =>
    count === 0 ? " " : heights[Math.ceil((count / most) * heights.length) - 1],
  );
  const [busiest] = report.days.toSorted((a, b) => b.pages - a.pages);
  const width = nameWidth(report);
  return [
    `  ${"pages".padEnd(width)}  │${spark.join("")}│ ${counted(total, "page")}, at most ${busiest.pages} a day (${busiest.date})`,
    ...entityLines(report, span, width),
    `  ${"".padEnd(width)}  each character is ${durationText(span.length)}: █ open, ▌ paged, · quiet`,
  ];
}

function entityLines(report: BacktestReport, span: Span, width: number): string[] {
  const shown = report.entities.slice(0, SHOWN_MAX);
  const lines = shown.map(({ entity, incidents, pages, flaps, open }) => {
    const signs = Array.from({ length: WIDTH }, () => "·");
    for (const one of report.incidents) {
      if (one.entity !== entity) continue;
      const from = span.binOf(one.openedAt);
      const to = one.resolvedAt === undefined ? WIDTH - 1 : span.binOf(one.resolvedAt);
      signs.fill("█", from, to + 1);
    }
    for (const one of report.pages) if (one.entity === entity) signs[span.binOf(one.at)] = "▌";
    const more = [
      counted(incidents, "incident"),
      counted(pages, "page"),
      ...(flaps > 0 ? [`flapped ${flaps === 1 ? "once" : `${flaps} times`}`] : []),
      ...(open > 0 ? ["never resolved"] : []),
    ];
    return `  ${cut(entity, width).padEnd(width)}  │${signs.join("")}│ ${more.join(", ")}`;
  });
  const left = report.entities.length - shown.length;
  return left > 0 ? [...lines, `  and ${left} more entities`] : lines;
}

interface Span {
  /** Milliseconds of a character. */
  readonly length: number;
  binOf(time: string): number;
}

function spanOf({ from, to, pages }: BacktestReport): Span {
  const start = Date.parse(from);
  const end = Math.max(Date.parse(to), ...pages.slice(-1).map(({ at }) => Date.parse(at)));
  const length = Math.max(1, (end - start) / WIDTH);
  return {
    length,
    binOf: (time) =>
      Math.min(WIDTH - 1, Math.max(0, Math.floor((Date.parse(time) - start) / length))),
  };
}

function nameWidth({ entities }: BacktestReport): number {
  const lengths = entities.slice(0, SHOWN_MAX).map(({ entity }) => entity.length);
  return Math.min(28, Math.max(5, ...lengths));
}

const words: Readonly<Record<string, string>> = {
  opens: "opened an incident",
  "pages-again": "paged again",
  "rolls-up": "rolled up",
  acknowledges: "acknowledged",
  resolves: "resolved",
  timeline: "timeline only",
  nothing: "concerned no incident",
  refused: "refused",
};

function outcomesText({ outcomes, superseded, direct }: BacktestReport): string {
  const parts = Object.entries(outcomes).map(([outcome, count]) => `${count} ${words[outcome]}`);
  if (superseded > 0) parts.push(`${superseded} replaced by a newer state while they waited`);
  const more = direct > 0 ? `; ${counted(direct, "request")} that are no events` : "";
  return `${parts.length === 0 ? "" : `: ${parts.join(", ")}`}${more}`;
}

function incidentLines({ incidents }: BacktestReport): string[] {
  if (incidents.length === 0) return [];
  const lengths = incidents
    .flatMap(({ openedAt, resolvedAt }) =>
      resolvedAt === undefined ? [] : [Date.parse(resolvedAt) - Date.parse(openedAt)],
    )
    .sort((a, b) => a - b);
  const open = incidents.filter(({ resolvedAt }) => resolvedAt === undefined);
  const median = lengths[Math.floor(lengths.length / 2)];
  const resolved =
    lengths.length === 0
      ? "none was resolved"
      : `${lengths.length} resolved (median ${durationText(median)}, longest ${durationText(lengths.at(-1) ?? 0)})`;
  const lines = [`${counted(incidents.length, "incident")}: ${resolved}`];
  if (open.length > 0) {
    const named = open
      .slice(0, SHOWN_MAX)
      .map(({ entity, openedAt }) => `${entity} (since ${openedAt})`);
    const more = open.length > named.length ? ` and ${open.length - named.length} more` : "";
    lines.push(`never resolved: ${named.join(", ")}${more}`);
  }
  return lines;
}

function ruleLines({ rules, waits }: BacktestReport): string[] {
  const lines = rules
    .slice(0, 5)
    .map(
      ({ line, events, pages }) =>
        `line ${line}: ${counted(pages, "page")} of ${counted(events, "event")}`,
    );
  if (waits.longest > 0) {
    const { median, p95, longest } = waits;
    lines.push(
      `pages waited for On-Call's rate: median ${durationText(median)}, 95 % within ${durationText(p95)}, ` +
        `longest ${durationText(longest)}`,
    );
  }
  return lines;
}

function faultLines({ failed, badRows, runs }: BacktestReport): string[] {
  const lines: string[] = [];
  if (failed.first !== undefined)
    lines.push(
      `failed: ${failed.runs} of ${counted(runs, "run")}; the first at ${failed.first.at}: ${failed.first.message}`,
    );
  if (badRows.first !== undefined)
    lines.push(
      `rows that could not be made into events: in ${counted(badRows.runs, "run")}; the first at ` +
        `${badRows.first.at}: ${badRows.first.message}`,
    );
  return lines;
}

function againstLines({ script, same, gained, lost, moved }: ReportedComparison): string[] {
  const list = (sign: string, pages: readonly ReportedPage[]): string[] => [
    ...pages
      .slice(0, SHOWN_MAX)
      .map(({ at, messageType, entity }) => `  ${sign} ${at}  ${messageType}  ${entity}`),
    ...(pages.length > SHOWN_MAX ? [`  ${sign} and ${pages.length - SHOWN_MAX} more`] : []),
  ];
  const shifts = moved.slice(0, SHOWN_MAX).map(({ before, after }) => {
    const by = Date.parse(after.at) - Date.parse(before.at);
    const word = `${durationText(Math.abs(by))} ${by < 0 ? "earlier" : "later"}`;
    return `  ~ ${before.at} → ${after.at}  ${after.messageType}  ${after.entity} (${word})`;
  });
  const left = moved.length - shifts.length;
  return [
    `against ${script}: ${counted(same, "page")} the same, ${gained.length} gained, ${lost.length} lost, ${moved.length} moved`,
    ...list("+", gained),
    ...list("-", lost),
    ...shifts,
    ...(left > 0 ? [`  ~ and ${left} more`] : []),
  ];
}

function cut(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text;
}

/** `1 page`, `2 pages`. */
export function counted(count: number, word: string): string {
  return `${count} ${count === 1 ? word : `${word}s`}`;
}

/** `14m`, `2h5m`, `3d`: the two largest units. */
export function durationText(milliseconds: number): string {
  const units = [
    ["d", 86_400_000],
    ["h", 3_600_000],
    ["m", 60_000],
    ["s", 1000],
  ] as const;
  let left = Math.round(milliseconds / 1000) * 1000;
  const parts: string[] = [];
  for (const [unit, length] of units) {
    const count = Math.floor(left / length);
    left -= count * length;
    if (count > 0) parts.push(`${count}${unit}`);
  }
  return parts.length === 0 ? "0s" : parts.slice(0, 2).join("");
}

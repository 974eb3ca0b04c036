import { type ChartLibrary, chartLibrary } from "./chart-library.ts";
import { drawing } from "./drawing.ts";
import { counted, durationText } from "./text.ts";
import type {
  BacktestReport,
  ReportedComparison,
  ReportedIncident,
  ReportedPage,
} from "./report.ts";

/** How many rows of a table are shown; the page says how many are left out. */
const ROWS_MAX = 2000;

/** A backtest as one HTML file that needs no network: charts, tables, and the data as JSON. */
export function backtestPage(
  report: BacktestReport,
  library: ChartLibrary = chartLibrary(),
): string {
  const title = `Backtest of ${report.script}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'">
<title>${escaped(title)}</title>
<style>${library.style}${style}</style>
</head>
<body>
<h1>${escaped(title)}</h1>
<p class="quiet">${escaped(`${counted(report.runs, "run")} from ${report.from} to ${report.to}, ${report.schedule}. Nothing was sent.`)}</p>
${figures(report)}
${faults(report)}
<h2 id="binned">Pages</h2><div id="days" class="chart"></div>
<h2>Open incidents</h2><div id="open" class="chart"></div>
<h2>Incidents by entity</h2><div id="lanes"></div>
${report.against === undefined ? "" : comparison(report.against)}
<h2>Entities</h2>
${entities(report)}
<h2>Loudest rules</h2>
${table(
  ["line", "pages", "events"],
  report.rules.map(({ line, pages, events }) => [String(line), String(pages), String(events)]),
)}
<h2>All incidents</h2>
${incidents(report.incidents)}
<script type="application/json" id="data">${JSON.stringify(report).replaceAll("<", "\\u003c")}</script>
<script>${library.script}</script>
<script>${drawing}</script>
</body>
</html>
`;
}

function figures({
  pages,
  incidents: all,
  entities: found,
  waits,
  events,
}: BacktestReport): string {
  const open = all.filter(({ resolvedAt }) => resolvedAt === undefined).length;
  const flaps = found.reduce((sum, one) => sum + one.flaps, 0);
  const shown: [string, string][] = [
    [String(pages.length), "pages"],
    [String(all.length), "incidents"],
    [String(open), "never resolved"],
    [String(flaps), "flaps"],
    [String(events), "events"],
    [durationText(waits.longest), "longest wait for On-Call's rate"],
  ];
  const items = shown.map(
    ([figure, word]) => `<li><b>${escaped(figure)}</b> ${escaped(word)}</li>`,
  );
  return `<ul class="figures">${items.join("")}</ul>`;
}

function faults({ failed, badRows }: BacktestReport): string {
  const lines = [
    ...(failed.first === undefined
      ? []
      : [
          `${counted(failed.runs, "run")} failed; the first at ${failed.first.at}: ${failed.first.message}`,
        ]),
    ...(badRows.first === undefined
      ? []
      : [
          `In ${counted(badRows.runs, "run")} rows could not be made into events; the first at ${badRows.first.at}: ${badRows.first.message}`,
        ]),
  ];
  return lines.map((line) => `<p class="fault">${escaped(line)}</p>`).join("");
}

function entities({ entities: all }: BacktestReport): string {
  const rows = all.map(({ entity, incidents: count, pages, flaps, open }) => [
    entity,
    ...[count, pages, flaps, open].map(String),
  ]);
  return table(["entity", "incidents", "pages", "flaps", "never resolved"], rows);
}

function incidents(all: readonly ReportedIncident[]): string {
  const rows = all.map((one) => [
    String(one.number),
    one.entity,
    one.title,
    one.openedAt,
    one.resolvedAt === undefined
      ? "never resolved"
      : durationText(Date.parse(one.resolvedAt) - Date.parse(one.openedAt)),
    String(one.pages),
    String(one.alerts),
    one.lastMessage,
  ]);
  return table(
    ["", "entity", "title", "opened", "lasted", "pages", "alerts", "last message"],
    rows,
  );
}

function comparison({ script, same, gained, lost, moved }: ReportedComparison): string {
  const row = (sign: string, { at, entity, messageType }: ReportedPage, note = ""): string[] => [
    sign,
    at,
    entity,
    messageType,
    note,
  ];
  const rows = [
    ...gained.map((page) => row("gained", page)),
    ...lost.map((page) => row("lost", page)),
    ...moved.map(({ before, after }) => row("moved", after, `was ${before.at}`)),
  ];
  const words = `${counted(same, "page")} the same, ${gained.length} gained, ${lost.length} lost, ${moved.length} moved`;
  return `<h2>Against ${escaped(script)}</h2><p>${escaped(words)}</p>${table(["", "at", "entity", "type", ""], rows)}`;
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '<p class="quiet">none</p>';
  const head = heads.map((one) => `<th>${escaped(one)}</th>`).join("");
  const body = rows
    .slice(0, ROWS_MAX)
    .map((row) => `<tr>${row.map((cell) => `<td>${escaped(cell)}</td>`).join("")}</tr>`)
    .join("\n");
  const left =
    rows.length > ROWS_MAX ? `<p class="quiet">and ${rows.length - ROWS_MAX} more</p>` : "";
  return `<table><thead><tr>${head}</tr></thead><tbody>\n${body}\n</tbody></table>${left}`;
}

function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

const style = `
:root { color-scheme: light dark; --ink: light-dark(#1d2430, #e6e9ef); --quiet: light-dark(#667085, #98a2b3);
  --line: light-dark(#e4e7ec, #344054); --page: #d92d20; --open: #f79009; }
body { font: 14px/1.5 system-ui, sans-serif; color: var(--ink); background: light-dark(#fff, #10141c);
  max-width: 1080px; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.05rem; margin: 2rem 0 .5rem; }
.quiet { color: var(--quiet); margin: .2rem 0; } .fault { color: var(--page); }
.figures { display: flex; flex-wrap: wrap; gap: .5rem 2rem; list-style: none; padding: 0; }
.figures b { font-size: 1.5rem; display: block; line-height: 1.2; }
table { border-collapse: collapse; width: 100%; margin-top: .5rem; }
th, td { text-align: left; padding: .25rem .6rem .25rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--quiet); font-weight: 500; } td { font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.lane { display: grid; grid-template-columns: 12rem 1fr; align-items: center; gap: .6rem; margin: 2px 0; }
.lane span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.lane svg { width: 100%; height: 16px; background: color-mix(in srgb, var(--line) 55%, transparent); border-radius: 3px; }
.lane .open { fill: var(--open); } .lane .page { fill: var(--page); }
.u-legend { font-size: 12px; }`;

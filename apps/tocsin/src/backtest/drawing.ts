/** The script of the page. It draws the charts from the JSON in the page, with uPlot, which is loaded before it. */
export const drawing = `
const report = JSON.parse(document.getElementById("data").textContent);
const seconds = (text) => Date.parse(text) / 1000;
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const ink = getComputedStyle(document.body).color;
const wide = () => document.getElementById("days").clientWidth - 12;
const axis = { stroke: ink, grid: { stroke: "rgba(128,128,128,.18)" }, ticks: { stroke: "rgba(128,128,128,.3)" } };
const utc = (time) => uPlot.tzDate(new Date(time * 1000), "UTC");
const two = (n) => String(n).padStart(2, "0");
const moments = (_plot, splits, _axis, _space, step) => splits.map((at) => {
  const time = new Date(at * 1000), date = two(time.getUTCMonth() + 1) + "-" + two(time.getUTCDate());
  const clock = two(time.getUTCHours()) + ":" + two(time.getUTCMinutes());
  return step >= 86400 ? date : clock === "00:00" ? clock + "\\n" + date : clock;
});
const whole = (_plot, splits) => splits.map((n) => (Number.isInteger(n) ? String(n) : ""));
const charts = [];
const chart = (place, data, series, range) => charts.push(new uPlot({
  width: wide(), height: 190, tzDate: utc, cursor: { drag: { x: true, y: false } },
  scales: { x: { range: range && (() => range) }, y: { range: (_plot, _low, high) => [0, Math.max(1, high * 1.1)] } },
  axes: [{ ...axis, values: moments }, { ...axis, size: 48, values: whole }], series: [{ value: "{YYYY}-{MM}-{DD} {HH}:{mm}" }, series],
}, data, document.getElementById(place)));

const end = Math.max(seconds(report.to), ...report.pages.slice(-1).map(({ at }) => seconds(at)));
const day = 86400, hour = 3600, short = end - seconds(report.from) < 4 * day, bin = short ? hour : day;
const first = Math.floor(seconds(report.from) / bin), bins = new Array(Math.floor(end / bin) - first + 1).fill(0);
for (const { at } of report.pages) bins[Math.floor(seconds(at) / bin) - first] += 1;
document.getElementById("binned").textContent = short ? "Pages per hour" : "Pages per day";
chart("days", [bins.map((_count, i) => (first + i + 0.5) * bin), bins], {
  label: "pages", stroke: css("--page"), fill: "rgba(217,45,32,.35)",
  paths: uPlot.paths.bars({ size: [0.8, 60] }), points: { show: false },
}, [first * bin, (first + bins.length) * bin]);

const steps = report.incidents.flatMap(({ openedAt, resolvedAt }) =>
  resolvedAt === undefined ? [[seconds(openedAt), 1]] : [[seconds(openedAt), 1], [seconds(resolvedAt), -1]]);
steps.sort((a, b) => a[0] - b[0]);
const times = [seconds(report.from)], counts = [0];
for (const [at, change] of steps) {
  if (times[times.length - 1] === at) counts[counts.length - 1] += change;
  else { times.push(at); counts.push(counts[counts.length - 1] + change); }
}
times.push(end); counts.push(counts[counts.length - 1]);
chart("open", [times, counts], {
  label: "open", stroke: css("--open"), fill: "rgba(247,144,9,.25)", width: 1.5,
  paths: uPlot.paths.stepped({ align: 1 }), points: { show: false },
}, [seconds(report.from), end]);
addEventListener("resize", () => { for (const one of charts) one.setSize({ width: wide(), height: 190 }); });

const start = seconds(report.from), span = Math.max(1, end - start);
const place = (time) => (1000 * (seconds(time) - start)) / span;
const draw = (svg, kind, x, width, words) => {
  const bar = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  for (const [name, value] of Object.entries({ class: kind, x, width, y: kind === "page" ? 0 : 3, height: kind === "page" ? 16 : 10 }))
    bar.setAttribute(name, value);
  bar.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "title")).textContent = words;
  svg.appendChild(bar);
};
for (const { entity } of report.entities.slice(0, 100)) {
  const lane = document.createElement("div");
  lane.className = "lane";
  lane.appendChild(document.createElement("span")).textContent = entity;
  lane.firstChild.title = entity;
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 1000 16");
  svg.setAttribute("preserveAspectRatio", "none");
  for (const one of report.incidents.filter((each) => each.entity === entity))
    draw(svg, "open", place(one.openedAt), Math.max(1.5, place(one.resolvedAt ?? report.to) - place(one.openedAt)),
      "incident " + one.number + ", opened " + one.openedAt + (one.resolvedAt ? ", resolved " + one.resolvedAt : ", never resolved"));
  for (const one of report.pages.filter((each) => each.entity === entity))
    draw(svg, "page", place(one.at), 1.5, one.messageType + " at " + one.at);
  lane.appendChild(svg);
  document.getElementById("lanes").appendChild(lane);
}`;

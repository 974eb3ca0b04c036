import type { Delivery } from "@tocsin/alerting/delivery";
import type { FluxError, Location } from "@tocsin/data/value";
import type { RunReport } from "@tocsin/library/runtime";
import type { FinishedRun } from "./gate.ts";
import type { Script } from "./scripts.ts";
import { withoutKeys } from "./without-keys.ts";

/** How many of one kind of trouble are told one by one. */
const TOLD_MAX = 10;
/** Columns of a line that are shown beside its marked part, and of that part. */
const SIDE_MAX = 60;
const MARKED_MAX = 100;

type Mask = (text: string) => string;

/** What a person should know at the end of a run, apart from its deliveries. */
export function reportLines(report: RunReport, script: Script, mask: Mask): string[] {
  const lines: string[] = [];
  for (const { result, error } of report.errors) {
    lines.push(
      ...errorLines(
        error,
        { script, mask },
        result === undefined || result === "_result" ? "" : ` (result ${result})`,
      ),
    );
  }
  report.badRows.slice(0, TOLD_MAX).forEach(({ error, row, at }) => {
    lines.push(...errorLines(at === undefined ? error : error.placed(at), { script, mask }, ""));
    lines.push(
      `  the row ${row === "" ? "" : `${row} `}could not be made into an event; the other rows went on`,
    );
  });
  const untold = report.badRows.length - TOLD_MAX;
  if (untold > 0) lines.push(`and ${untold} more rows could not be made into events`);
  lines.push(...report.remarks.map(({ text }) => text));
  return lines;
}

/** What errors are shown beside, and how secrets are hidden in it. */
interface Shown {
  readonly script: Script;
  readonly mask: Mask;
}

function errorLines(error: FluxError, shown: Shown, where: string): string[] {
  const first = `error${where}: ${error.message}`;
  if (error.at !== undefined) return [first, ...excerpt(error.at, error.hint, shown)];
  return error.hint === undefined ? [first] : [first, `Hint: ${error.hint}`];
}

/**
 * The place of an error, as `check` draws it: file, line and column, the line itself with the part underlined,
 * and what to do.
 */
function excerpt(at: Location, hint: string | undefined, { script, mask }: Shown): string[] {
  const before = at.file.text.slice(0, at.start);
  const line = before.split("\n").length;
  const column = at.start - (before.lastIndexOf("\n") + 1) + 1;
  const text = withoutKeys(at.file.text.split("\n")[line - 1] ?? "");
  const length = Math.max(1, Math.min(at.end - at.start, text.length - column + 1));
  // Masked before they are cut: half a key is a secret, too.
  const [left, marked, right] = [
    text.slice(0, column - 1),
    text.slice(column - 1, column - 1 + length),
    text.slice(column - 1 + length),
  ].map((part) => mask(part).replace(/\p{Cc}/gu, " "));
  const head = left.length > SIDE_MAX ? `… ${left.slice(-SIDE_MAX)}` : left;
  const body = marked.length > MARKED_MAX ? `${marked.slice(0, MARKED_MAX)} …` : marked;
  const tail = right.length > SIDE_MAX ? `${right.slice(0, SIDE_MAX)} …` : right;
  const number = String(line);
  const pad = " ".repeat(number.length);
  return [
    `${pad} ┌─ ${at.file.name === script.name ? script.name : at.file.name}:${line}:${column}`,
    `${pad} │`,
    `${number} │ ${head}${body}${tail}`,
    `${pad} │ ${" ".repeat(head.length)}${"^".repeat(Math.max(1, body.length))}`,
    ...(hint === undefined ? [] : [`${pad} │`, `${pad} = Hint: ${hint}`]),
  ];
}

const final = new Set(["accepted", "refused", "parked", "superseded", "discarded"]);

/** The final line of a run's deliveries, and what to do about those that did not arrive. */
export function deliveryLines(summary: FinishedRun, folder: string, failedRows = 0): string[] {
  const { deliveries } = summary;
  const lines: string[] = [...summary.trouble];
  for (const one of deliveries
    .filter(({ state }) => state === "refused" || state === "parked")
    .slice(0, TOLD_MAX)) {
    lines.push(`${one.state}: ${one.messageType} ${one.entity}: ${wordsOf(one)}`);
  }
  const waiting = deliveries.filter(({ state }) => !final.has(state));
  const tried = waiting.find(({ detail }) => detail !== "");
  if (tried !== undefined) lines.push(`waiting: ${wordsOf(tried)}`);
  else if (waiting.length > 0)
    lines.push(`waiting: ${summary.blocked[0] ?? unanswered(waiting, folder)}`);
  const counts = [
    counted(deliveries, (one) => one.state === "accepted", "accepted"),
    counted(deliveries, (one) => !final.has(one.state), `waiting${nextTry(waiting)}`),
    counted(deliveries, (one) => one.state === "refused", "refused"),
    counted(deliveries, (one) => one.state === "parked", "parked"),
    counted(deliveries, (one) => one.state === "superseded", "superseded"),
  ].filter((one) => one !== undefined);
  if (summary.superseded > 0) counts.push(`${summary.superseded} of earlier runs superseded`);
  if (summary.direct.answered + summary.direct.failed > 0) {
    counts.push(
      `${summary.direct.answered} direct requests answered, ${summary.direct.failed} failed`,
    );
  }
  if (failedRows > 0) counts.push(`${failedRows} ${failedRows === 1 ? "row" : "rows"} failed`);
  if (counts.length > 0) lines.push(counts.join(", "));
  if (summary.held > 0) {
    lines.push(
      `${summary.held} ${summary.held === 1 ? "event is" : "events are"} held in ${folder}: see ` +
        `tocsin outbox list --state held --data ${quoted(folder)}, then outbox release or discard`,
    );
  }
  if (summary.waiting > 0) {
    lines.push(
      `${summary.waiting} ${summary.waiting === 1 ? "event waits" : "events wait"} in ${folder}`,
    );
    if (summary.queueTime !== undefined) {
      const { milliseconds, perMinute } = summary.queueTime;
      const minutes = Math.max(1, Math.round(milliseconds / 60_000));
      lines.push(
        `On-Call is given ${perMinute} a minute: the queue takes about ${minutes} ` +
          `${minutes === 1 ? "minute" : "minutes"}, pages first`,
      );
    }
    lines.push(
      `they leave with the next run, or now with: tocsin outbox send --data ${quoted(folder)}`,
    );
  }
  return lines;
}

/** Of events without a verdict: of one that no attempt was made for, where its story says what goes before it. */
function unanswered(waiting: readonly Delivery[], folder: string): string {
  if (waiting.some(({ attempts }) => attempts > 0)) return "no answer yet";
  const [{ id, messageType, entity }] = waiting;
  return (
    `${messageType} ${entity} was not sent yet; what it waits for is said by: ` +
    `tocsin outbox show ${id} --data ${quoted(folder)}`
  );
}

/**
 * When the first of those that wait is tried again, by the clock on the wall. What is due already waits for its
 * endpoint, or for somebody who sends.
 */
function nextTry(waiting: readonly Delivery[]): string {
  const now = Date.now();
  let next = Infinity;
  for (const { nextAttemptAt: at = Infinity } of waiting) if (at > now && at < next) next = at;
  if (next === Infinity) return "";
  return ` (next try ${new Date(next).toTimeString().slice(0, 8)})`;
}

function counted(
  deliveries: readonly Delivery[],
  which: (one: Delivery) => boolean,
  word: string,
): string | undefined {
  const count = deliveries.filter(which).length;
  return count === 0 ? undefined : `${count} ${word}`;
}

function wordsOf(delivery: Delivery): string {
  return delivery.detail === "" ? (delivery.reason ?? "") : (delivery.detail ?? "");
}

/** A path that a shell reads as one word. */
function quoted(path: string): string {
  return /^[\w./-]+$/u.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

/** How to send what waits, to paste into a shell. */
export function sendCommand(folder: string): string {
  return `they leave with the next run, or now with: tocsin outbox send --data ${quoted(folder)}`;
}

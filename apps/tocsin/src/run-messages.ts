import type { Delivery } from "@tocsin/alerting/delivery";
import type { FluxError, Location } from "@tocsin/data/value";
import type { RunReport } from "@tocsin/library/runtime";
import type { FinishedRun } from "./gate.ts";
import { withoutKeys } from "./without-keys.ts";

/** How many failures of one kind are reported one by one. */
const TOLD_MAX = 10;
/** How many columns of a line are shown on each side of its marked part, and of that part itself. */
const SIDE_MAX = 60;
const MARKED_MAX = 100;

type Mask = (text: string) => string;

/** What a person should know at the end of a run, apart from its deliveries. */
export function reportLines(report: RunReport, mask: Mask): string[] {
  const lines: string[] = [];
  for (const { result, error } of report.errors) {
    const named = result === undefined || result === "_result" ? "" : ` (result ${result})`;
    lines.push(...errorLines(error, mask, named));
  }
  report.badRows.slice(0, TOLD_MAX).forEach(({ error, row, at }) => {
    lines.push(...errorLines(at === undefined ? error : error.placed(at), mask));
    lines.push(
      `  the row ${row === "" ? "" : `${row} `}could not be made into an event; the other rows went on`,
    );
  });
  const untold = report.badRows.length - TOLD_MAX;
  if (untold > 0) lines.push(`and ${untold} more rows could not be made into events`);
  lines.push(...report.remarks.map(({ text }) => text));
  return lines;
}

function errorLines(error: FluxError, mask: Mask, where = ""): string[] {
  const first = `error${where}: ${error.message}`;
  if (error.at !== undefined) return [first, ...excerpt(error.at, error.hint, mask)];
  return error.hint === undefined ? [first] : [first, `Hint: ${error.hint}`];
}

/**
 * The place of an error, as `check` draws it: file, line and column, the line itself with the part underlined,
 * and what to do.
 */
function excerpt(at: Location, hint: string | undefined, mask: Mask): string[] {
  const before = at.file.text.slice(0, at.start);
  const line = before.split("\n").length;
  const column = at.start - (before.lastIndexOf("\n") + 1) + 1;
  const text = withoutKeys(at.file.text.split("\n")[line - 1] ?? "");
  const length = Math.max(1, Math.min(at.end - at.start, text.length - column + 1));
  // Masked before they are cut, because half a key is a secret, too.
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
    `${pad} ┌─ ${at.file.name}:${line}:${column}`,
    `${pad} │`,
    `${number} │ ${head}${body}${tail}`,
    `${pad} │ ${" ".repeat(head.length)}${"^".repeat(Math.max(1, body.length))}`,
    ...(hint === undefined ? [] : [`${pad} │`, `${pad} = Hint: ${hint}`]),
  ];
}

const final = new Set(["accepted", "refused", "parked", "superseded", "discarded"]);

/** The last lines of a run: what became of its deliveries, and what to do about those that did not arrive. */
export function deliveryLines(summary: FinishedRun, folder: string, failedRows = 0): string[] {
  const counts = countsOf(summary, failedRows);
  return [
    ...summary.trouble,
    ...failureLines(summary.deliveries),
    ...reasonLines(summary, folder),
    ...(counts.length === 0 ? [] : [counts.join(", ")]),
    ...heldLines(summary, folder),
    ...queueLines(summary, folder),
  ];
}

const isWaiting = ({ state }: Delivery): boolean => !final.has(state);

function failureLines(deliveries: readonly Delivery[]): string[] {
  return deliveries
    .filter(({ state }) => state === "refused" || state === "parked")
    .slice(0, TOLD_MAX)
    .map((one) => `${one.state}: ${one.messageType} ${one.entity}: ${wordsOf(one)}`);
}

/** Why events wait: what was said of the first one that was tried. */
function reasonLines({ deliveries, blocked }: FinishedRun, folder: string): string[] {
  const waiting = deliveries.filter(isWaiting);
  if (waiting.length === 0) return [];
  const tried = waiting.find(({ detail }) => detail !== "");
  const why = tried === undefined ? (blocked[0] ?? unanswered(waiting, folder)) : wordsOf(tried);
  return [`waiting: ${why}`];
}

function countsOf({ deliveries, superseded, direct }: FinishedRun, failedRows: number): string[] {
  const waiting = deliveries.filter(isWaiting);
  const of = (state: Delivery["state"]): number =>
    deliveries.filter((one) => one.state === state).length;
  const counts: (readonly [count: number, words: string])[] = [
    [of("accepted"), "accepted"],
    [waiting.length, `waiting${nextTry(waiting)}`],
    [of("refused"), "refused"],
    [of("parked"), "parked"],
    [of("superseded"), "superseded"],
    [superseded, "of earlier runs superseded"],
    [direct.answered, `direct ${direct.answered === 1 ? "request" : "requests"} answered`],
    [direct.failed, `direct ${direct.failed === 1 ? "request" : "requests"} failed`],
    [failedRows, `${failedRows === 1 ? "row" : "rows"} failed`],
  ];
  return counts.filter(([count]) => count > 0).map(([count, words]) => `${count} ${words}`);
}

function heldLines({ held }: FinishedRun, folder: string): string[] {
  if (held === 0) return [];
  const list = `tocsin outbox list --state held --data ${quoted(folder)}`;
  const events = held === 1 ? "event is" : "events are";
  return [`${held} ${events} held in ${folder}: see ${list}, then outbox release or discard`];
}

function queueLines({ waiting, queueTime }: FinishedRun, folder: string): string[] {
  if (waiting === 0) return [];
  const lines = [`${waiting} ${waiting === 1 ? "event waits" : "events wait"} in ${folder}`];
  if (queueTime !== undefined) {
    const { milliseconds, perMinute } = queueTime;
    const minutes = Math.max(1, Math.round(milliseconds / 60_000));
    lines.push(
      `On-Call is given ${perMinute} a minute: the queue takes about ${minutes} ` +
        `${minutes === 1 ? "minute" : "minutes"}, pages first`,
    );
  }
  return [...lines, howToSend(folder)];
}

/** What is known of events without a verdict: for one that was not tried, the command that tells why. */
function unanswered(waiting: readonly Delivery[], folder: string): string {
  if (waiting.some(({ attempts }) => attempts > 0)) return "no answer yet";
  const [{ id, messageType, entity }] = waiting;
  return (
    `${messageType} ${entity} was not sent yet; what it waits for is said by: ` +
    `tocsin outbox show ${id} --data ${quoted(folder)}`
  );
}

/**
 * When the first waiting event is tried again, in local time. One that is due already waits for its endpoint, or for
 * somebody who sends.
 */
function nextTry(waiting: readonly Delivery[]): string {
  const now = Date.now();
  let next = Infinity;
  for (const { nextAttemptAt: at = Infinity } of waiting) if (at > now && at < next) next = at;
  if (next === Infinity) return "";
  return ` (next try ${new Date(next).toTimeString().slice(0, 8)})`;
}

function wordsOf(delivery: Delivery): string {
  return delivery.detail === "" ? (delivery.reason ?? "") : (delivery.detail ?? "");
}

/** A path as one word of a shell. */
function quoted(path: string): string {
  return /^[\w./-]+$/u.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

/** How waiting events leave, with a command to paste into a shell. */
export function howToSend(folder: string): string {
  return `they leave with the next run, or now with: tocsin outbox send --data ${quoted(folder)}`;
}

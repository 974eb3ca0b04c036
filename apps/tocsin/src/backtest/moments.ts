import { addDuration, type Duration, formatDuration, parseDuration } from "@tocsin/data/value";
import type { Program } from "@tocsin/engine/interpret";
import { momentsOf, taskOf } from "@tocsin/library/backtest";
import { UsageError } from "../command.ts";
import { timeOf } from "../option-values.ts";

/** When a script runs over a stretch of history. */
export interface Moments {
  /** The value of `now()` in each run. Nanoseconds since the epoch. */
  readonly moments: readonly bigint[];
  /** How much later a run begins. Nanoseconds. */
  readonly delay: bigint;
  /** For people: `every 1m`, `at "0 * * * *"`. */
  readonly words: string;
}

/** The limit is ten years at one minute: more runs are certainly a mistake. */
const RUNS_MAX = 5_300_000;

/**
 * The moments of `option task` (`every` or `cron`, and `offset`), or of `--every`, which overrides it. Throws
 * `UsageError` when neither says how often the script runs.
 */
export async function scheduled(
  program: Program,
  bounds: { readonly from: bigint; readonly to: bigint },
  everyGiven: string | undefined,
): Promise<Moments> {
  const task = await taskOf(program);
  const delay = task === undefined ? 0n : addDuration(0n, task.offset);
  const every = everyGiven === undefined ? task?.every : durationOf(everyGiven, "--every");
  const { from, to } = bounds;
  if (every !== undefined) {
    const length = addDuration(0n, every);
    // Checked before they are listed: a year has more nanoseconds than fit into memory.
    if (length > 0n && (to - from) / length > 2 * RUNS_MAX)
      throw tooMany(`every ${formatDuration(every)}`);
    const moments = momentsOf(every, from, to);
    if (moments === undefined)
      throw new UsageError(`a script cannot run every ${formatDuration(every)}`);
    return checked({ moments, delay, words: `every ${formatDuration(every)}` });
  }
  if (task?.cron === undefined)
    throw new UsageError(
      "say how often the script runs: --every 1m (it has no option task with every or cron)",
    );
  const { cronMoments } = await import("./cron.ts");
  const moments = cronMoments(task.cron, from, to, RUNS_MAX);
  return checked({ moments, delay, words: `at "${task.cron}"` });
}

function checked(found: Moments): Moments {
  if (found.moments.length === 0)
    throw new UsageError(`no run of the script (${found.words}) lies between --from and --to`);
  if (found.moments.length > RUNS_MAX) throw tooMany(found.words);
  return found;
}

const tooMany = (words: string): UsageError =>
  new UsageError(`there are more than ${RUNS_MAX} runs (${words}) between --from and --to`);

/** A time, or a duration relative to `now`: `2026-01-31T00:00:00Z`, `-7d`. */
export async function momentOf(text: string, option: string, now: bigint): Promise<bigint> {
  if (text === "now") return now;
  const duration = parseDuration(text);
  if (duration !== undefined && text !== "") return addDuration(now, duration);
  return (await timeOf(text, option)) ?? now;
}

function durationOf(text: string, option: string): Duration {
  const duration = parseDuration(text);
  if (duration !== undefined && text !== "" && !duration.negative) return duration;
  throw new UsageError(`${option} takes a duration such as 1m, 1h30m or 1d, not "${text}"`);
}

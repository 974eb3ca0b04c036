import { Cron } from "croner";
import { UsageError } from "../command.ts";

/**
 * The moments of a cron expression (in UTC) that are not before `from` and before `to`, in nanoseconds; at most one
 * more than `limit`. Throws `UsageError` for an invalid expression.
 */
export function cronMoments(expression: string, from: bigint, to: bigint, limit: number): bigint[] {
  let cron: Cron;
  try {
    cron = new Cron(expression, { timezone: "UTC", paused: true });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`the task's cron "${expression}" cannot be read: ${why}`);
  }
  const moments: bigint[] = [];
  // `nextRun` returns a later moment, and the first one may be `from` itself.
  let at: Date | null = new Date(Number((from - 1n) / 1_000_000n));
  while ((at = cron.nextRun(at)) !== null && moments.length <= limit) {
    const moment = BigInt(at.getTime()) * 1_000_000n;
    if (moment >= to) break;
    if (moment >= from) moments.push(moment);
  }
  return moments;
}

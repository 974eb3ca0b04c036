import type { Random } from "@tocsin/platform/host";

/** The first wait; it doubles with each failure. Milliseconds, as all times here. */
const firstWait = 1000;
/** Longer waits would leave a page unsent long after the service is well again. */
const longestWait = 5 * 60_000;
/** What we grant a `Retry-After`; a service that asks for more is asked again then. */
const longestRetryAfter = 15 * 60_000;
/**
 * So long ago may the clock have been read that is compared with what another process has written: whoever read it
 * waited for the store. Milliseconds.
 */
export const oldestReading = 10_000;
/** The longest that a wait may still last; a longer one was computed before the clock stepped back. */
export const longestPause = longestRetryAfter + oldestReading;
/** How long an event is tried before it is parked. */
const parkedAfter = 24 * 3_600_000;
/** A clock that steps must not park an event that was hardly tried. */
const parkedFailures = 20;

/** Whether an event was tried for so long that only a person may try it again. */
export function isExpired(since: number, failures: number, now: number): boolean {
  return now - since >= parkedAfter && failures >= parkedFailures;
}

/** Whether a wait until `due` is over. */
export function isDue(due: number, now: number): boolean {
  return due <= now || due > now + longestPause;
}

/** How long to wait after the n-th failure in a row: anything up to 1 s, 2 s, 4 s … 5 min. */
export function backoff(failures: number, random: Random): number {
  const most = Math.min(longestWait, firstWait * 2 ** Math.min(failures - 1, 30));
  return Math.round(random.next() * most);
}

const months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
const imfDate = /^\w{3,9},? (\d{1,2})[ -](\w{3})[ -](\d{2,4}) (\d\d):(\d\d):(\d\d) GMT$/;
const ascDate = /^\w{3} (\w{3}) +(\d{1,2}) (\d\d):(\d\d):(\d\d) (\d{4})$/;

/**
 * Milliseconds that a `Retry-After` header asks for, in seconds or as any of HTTP's three dates; at
 * most 15 minutes, undefined for anything else. `now`: milliseconds since 1970.
 */
export function retryAfter(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? "";
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1000, longestRetryAfter);
  const at = httpDate(text);
  return at === undefined ? undefined : Math.min(Math.max(0, at - now), longestRetryAfter);
}

function httpDate(text: string): number | undefined {
  const asc = ascDate.exec(text);
  const parts =
    asc === null ? imfDate.exec(text)?.slice(1) : [asc[2], asc[1], asc[6], ...asc.slice(3, 6)];
  if (parts === undefined) return undefined;
  const month = months.indexOf(parts[1]);
  if (month < 0) return undefined;
  const [day, , year, hour, minute, second] = parts.map(Number);
  return Date.UTC(year < 100 ? 2000 + year : year, month, day, hour, minute, second);
}

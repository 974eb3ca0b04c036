import { wrapInt } from "./int64.ts";

/**
 * A length of time as scripts write it: calendar months and nanoseconds are kept apart, because a
 * month has no fixed length. Both parts are magnitudes; the sign belongs to the whole.
 */
export type Duration = {
  readonly months: bigint;
  readonly nanoseconds: bigint;
  readonly negative: boolean;
};

/** One part of a duration literal: `3d` is `{ magnitude: 3n, unit: "d" }`. */
export type DurationPart = { readonly magnitude: bigint; readonly unit: string };

/** No time at all: `0ns`. */
export const zeroDuration: Duration = { months: 0n, nanoseconds: 0n, negative: false };

const monthUnits: ReadonlyMap<string, bigint> = new Map([
  ["y", 12n],
  ["mo", 1n],
]);
const nanosecondUnits: ReadonlyMap<string, bigint> = new Map([
  ["w", 604_800_000_000_000n],
  ["d", 86_400_000_000_000n],
  ["h", 3_600_000_000_000n],
  ["m", 60_000_000_000n],
  ["s", 1_000_000_000n],
  ["ms", 1_000_000n],
  ["us", 1000n],
  ["µs", 1000n],
  ["ns", 1n],
]);

/** The duration of signed int64 nanoseconds. */
export function nanosecondDuration(value: bigint): Duration {
  const negative = value < 0n;
  return { months: 0n, nanoseconds: negative ? wrapInt(-value) : value, negative };
}

/** The duration of signed calendar months. */
export function monthDuration(value: bigint): Duration {
  const negative = value < 0n;
  return { months: negative ? wrapInt(-value) : value, nanoseconds: 0n, negative };
}

/**
 * The sum of a literal's parts; units may come in any order and repeat. Undefined when a unit is
 * unknown. `negative` turns the whole around.
 */
export function durationOfParts(
  parts: readonly DurationPart[],
  negative = false,
): Duration | undefined {
  let months = 0n;
  let nanoseconds = 0n;
  for (const { magnitude, unit } of parts) {
    const inMonths = monthUnits.get(unit);
    const inNanoseconds = nanosecondUnits.get(unit);
    if (inMonths !== undefined) months += magnitude * inMonths;
    else if (inNanoseconds !== undefined) nanoseconds += magnitude * inNanoseconds;
    else return undefined;
  }
  const sum = { months: wrapInt(months), nanoseconds: wrapInt(nanoseconds), negative: false };
  return negative ? negateDuration(sum) : sum;
}

/**
 * `duration(v: text)`: parts such as `1h30m` with one optional leading minus. Undefined when text
 * is not a duration. Upstream reads an unknown unit as zero; here it is refused.
 */
export function parseDuration(text: string): Duration | undefined {
  // Both stand here, as V8 gathers what `\p` stands for whenever it comes to such a pattern.
  const match = /^(-?)((?:[0-9]+\p{L}+)*)$/u.exec(text);
  if (match === null) return undefined;
  const parts: DurationPart[] = [];
  for (const [, digits, unit] of match[2].matchAll(/([0-9]+)(\p{L}+)/gu)) {
    const magnitude = BigInt(digits);
    if (magnitude !== wrapInt(magnitude)) return undefined;
    parts.push({ magnitude, unit });
  }
  return durationOfParts(parts, match[1] === "-");
}

/** As `formatDuration` writes them: from the longest on. */
const textUnits = [...nanosecondUnits].filter(([unit]) => unit !== "µs");

/** Text as scripts print it: `1y2mo3w4d5h6m7s8ms9us10ns`, `-1h30m`, and `0ns` for nothing. */
export function formatDuration(duration: Duration): string {
  let text = "";
  if (duration.months > 0n) {
    const years = duration.months / 12n;
    const months = duration.months % 12n;
    if (years > 0n) text += `${years}y`;
    if (months > 0n) text += `${months}mo`;
  }
  let rest = duration.nanoseconds;
  for (const [unit, size] of textUnits) {
    if (rest >= size) {
      text += `${rest / size}${unit}`;
      rest %= size;
    }
  }
  if (text === "") return "0ns";
  return duration.negative ? `-${text}` : text;
}

/** Whether the duration has neither months nor nanoseconds. */
export function isZeroDuration(duration: Duration): boolean {
  return duration.months === 0n && duration.nanoseconds === 0n;
}

/** Whether months and nanoseconds are both present: such a duration cannot be an interval. */
export function isMixedDuration(duration: Duration): boolean {
  return duration.months !== 0n && duration.nanoseconds !== 0n;
}

/** The duration with the other sign; nothing has none. */
export function negateDuration(duration: Duration): Duration {
  if (isZeroDuration(duration)) return duration;
  return { ...duration, negative: !duration.negative };
}

/** `date.scale`: every part times `factor`; a negative factor turns the sign. Wraps at 64 bits. */
export function scaleDuration(duration: Duration, factor: bigint): Duration {
  if (isZeroDuration(duration)) return duration;
  const size = factor < 0n ? -factor : factor;
  return {
    months: wrapInt(duration.months * size),
    nanoseconds: wrapInt(duration.nanoseconds * size),
    negative: duration.negative !== factor < 0n,
  };
}

/** 365.25 days / 12, in nanoseconds: the average month. */
const averageMonth = 2_629_800_000_000_000n;

/**
 * Signed nanoseconds, with every month 365.25/12 days long. This is what `range(start: -1mo)` and
 * `int(v: 1mo)` mean; calendar arithmetic is `addDuration`.
 */
export function approximateNanoseconds(duration: Duration): bigint {
  const months = duration.months > 0n ? duration.months * averageMonth : 0n;
  const sum = wrapInt(duration.nanoseconds + months);
  return duration.negative ? wrapInt(-sum) : sum;
}

/** Whether all parts are equal: `30d` is not `1mo`, and `24h` is `1d`. */
export function equalDurations(a: Duration, b: Duration): boolean {
  return a.negative === b.negative && a.months === b.months && a.nanoseconds === b.nanoseconds;
}

/** Orders by `approximateNanoseconds`: negative when a is shorter, 0 when equal. */
export function compareDurations(a: Duration, b: Duration): number {
  const left = approximateNanoseconds(a);
  const right = approximateNanoseconds(b);
  return left < right ? -1 : left > right ? 1 : 0;
}

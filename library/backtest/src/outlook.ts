import type { Incident } from "@tocsin/alerting/oncall";
import type { Backtest } from "./backtest.ts";

/** An incident that opens so soon after the last one of its entity was resolved is a flap. Milliseconds. */
const flapWithin = 30 * 60_000;

/** What happened about one entity. */
export interface EntityOutlook {
  readonly entity: string;
  readonly incidents: number;
  readonly pages: number;
  /** How often an incident opened within half an hour after the last one was resolved. */
  readonly flaps: number;
  /** Incidents that nothing resolved. */
  readonly open: number;
}

/** What people ask of a backtest: per day, by entity, by rule. Times in milliseconds. */
export interface Outlook {
  /** Each day (UTC) with its pages, also those without. */
  readonly days: readonly { readonly date: string; readonly pages: number }[];
  /** Most pages first. */
  readonly entities: readonly EntityOutlook[];
  /** Endpoints by their line in the script, the loudest first. */
  readonly rules: readonly {
    readonly line: number;
    readonly events: number;
    readonly pages: number;
  }[];
  /** How long pages waited for On-Call's rate. */
  readonly waits: { readonly median: number; readonly p95: number; readonly longest: number };
  readonly unresolved: readonly Readonly<Incident>[];
}

const dayLength = 86_400_000;

/** Adds up a backtest. */
export function outlookOf(backtest: Backtest): Outlook {
  const { pages, incidents, lines } = backtest;
  const rules = [...lines].map(([line, counts]) => ({ line, ...counts }));
  return {
    days: daysOf(backtest),
    entities: entitiesOf(backtest),
    rules: rules.sort((a, b) => b.pages - a.pages || b.events - a.events),
    waits: waitsOf(pages.map(({ at, recordedAt }) => at - recordedAt)),
    unresolved: incidents.filter(({ state }) => state !== "resolved"),
  };
}

function daysOf({ from, to, pages }: Backtest): Outlook["days"] {
  const counts = new Map<number, number>();
  for (const { at } of pages) {
    const day = Math.floor(at / dayLength);
    counts.set(day, (counts.get(day) ?? 0) + 1);
  }
  const last = Math.max(Math.floor(to / dayLength), ...counts.keys());
  const days: { date: string; pages: number }[] = [];
  for (let day = Math.floor(from / dayLength); day <= last; day++)
    days.push({ date: dateOf(day), pages: counts.get(day) ?? 0 });
  return days;
}

/** `2026-01-31`, from the number of a day since 1970 (Howard Hinnant's civil_from_days). */
function dateOf(day: number): string {
  const shifted = day + 719_468;
  const era = Math.floor(shifted / 146_097);
  const ofEra = shifted - era * 146_097;
  const year = Math.floor(
    (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) /
      365,
  );
  const ofYear = ofEra - (365 * year + Math.floor(year / 4) - Math.floor(year / 100));
  const month = Math.floor((5 * ofYear + 2) / 153);
  const date = ofYear - Math.floor((153 * month + 2) / 5) + 1;
  const civil = month < 10 ? month + 3 : month - 9;
  const years = year + era * 400 + (civil <= 2 ? 1 : 0);
  return [
    String(years).padStart(4, "0"),
    String(civil).padStart(2, "0"),
    String(date).padStart(2, "0"),
  ].join("-");
}

function entitiesOf({ incidents, pages }: Backtest): EntityOutlook[] {
  const found = new Map<string, { -readonly [K in keyof EntityOutlook]: EntityOutlook[K] }>();
  const resolved = new Map<string, number>();
  for (const { entityId, openedAt, resolvedAt } of incidents) {
    const one = found.get(entityId) ?? {
      entity: entityId,
      incidents: 0,
      pages: 0,
      flaps: 0,
      open: 0,
    };
    found.set(entityId, one);
    one.incidents += 1;
    if (openedAt - (resolved.get(entityId) ?? -Infinity) <= flapWithin) one.flaps += 1;
    if (resolvedAt === undefined) one.open += 1;
    else resolved.set(entityId, resolvedAt);
  }
  for (const { entity } of pages) {
    const one = found.get(entity);
    if (one !== undefined) one.pages += 1;
  }
  return [...found.values()].sort((a, b) => b.pages - a.pages || (a.entity < b.entity ? -1 : 1));
}

function waitsOf(waits: readonly number[]): Outlook["waits"] {
  const sorted = waits.toSorted((a, b) => a - b);
  const at = (part: number): number =>
    sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? 0;
  return { median: at(0.5), p95: at(0.95), longest: sorted.at(-1) ?? 0 };
}

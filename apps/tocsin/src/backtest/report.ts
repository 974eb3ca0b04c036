import type { Incident } from "@tocsin/alerting/oncall";
import {
  type Backtest,
  type Comparison,
  type Faults,
  type Outlook,
  outlookOf,
  type Page,
} from "@tocsin/library/backtest";
import type { Silence } from "@tocsin/library/runtime";

/** A backtest as its outputs show it. `docs/shapes/backtest.md` is the contract. Times are in RFC 3339. */
export interface BacktestReport {
  readonly script: string;
  readonly from: string;
  readonly to: string;
  /** `every 1m`, `at "0 * * * *"`. */
  readonly schedule: string;
  readonly runs: number;
  readonly failed: ReportedFaults;
  readonly badRows: ReportedFaults;
  readonly events: number;
  readonly direct: number;
  readonly superseded: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly pages: readonly ReportedPage[];
  readonly incidents: readonly ReportedIncident[];
  readonly days: Outlook["days"];
  readonly entities: Outlook["entities"];
  readonly rules: Outlook["rules"];
  /** Milliseconds. */
  readonly waits: Outlook["waits"];
  /** Why the last run made no event, when no run made one. */
  readonly silence: readonly Silence[];
  readonly against?: ReportedComparison;
}

/** Runs that failed. */
interface ReportedFaults {
  readonly runs: number;
  readonly first?: { readonly at: string; readonly message: string };
}

/** Somebody was paged. `waited`: milliseconds. */
export interface ReportedPage {
  readonly at: string;
  readonly entity: string;
  readonly messageType: string;
  readonly incident: number;
  readonly opens: boolean;
  readonly line: number;
  readonly waited: number;
}

/** An incident from its first page to its end. */
export interface ReportedIncident {
  readonly number: number;
  readonly entity: string;
  readonly title: string;
  readonly openedAt: string;
  /** Absent: nothing resolved it. */
  readonly resolvedAt?: string;
  readonly pages: number;
  readonly alerts: number;
  readonly lastMessage: string;
}

/** What differs from another script. */
export interface ReportedComparison {
  readonly script: string;
  readonly same: number;
  readonly gained: readonly ReportedPage[];
  readonly lost: readonly ReportedPage[];
  readonly moved: readonly { readonly before: ReportedPage; readonly after: ReportedPage }[];
}

/** What was backtested. */
interface Subject {
  readonly script: string;
  readonly schedule: string;
  readonly silence: readonly Silence[];
  readonly against: { readonly script: string; readonly comparison: Comparison } | undefined;
}

/** The outcome of a backtest in that form. */
export function reportOf(
  backtest: Backtest,
  { script, schedule, silence, against }: Subject,
): BacktestReport {
  const { days, entities, rules, waits } = outlookOf(backtest);
  const { runs, events, direct, superseded } = backtest;
  return {
    script,
    from: timeText(backtest.from),
    to: timeText(backtest.to),
    schedule,
    runs,
    failed: faultsOf(backtest.failed),
    badRows: faultsOf(backtest.badRows),
    events,
    direct,
    superseded,
    outcomes: Object.fromEntries(backtest.outcomes),
    pages: backtest.pages.map(pageOf),
    incidents: backtest.incidents.map(incidentOf),
    days,
    entities,
    rules,
    waits,
    silence,
    ...(against === undefined ? {} : { against: comparisonOf(against) }),
  };
}

/** Milliseconds as RFC 3339, without a fraction where there is none. */
function timeText(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(".000Z", "Z");
}

function faultsOf({ runs, first }: Faults): ReportedFaults {
  if (first === undefined) return { runs };
  return { runs, first: { at: timeText(first.at), message: first.message } };
}

function pageOf({ at, recordedAt, ...page }: Page): ReportedPage {
  const { entity, messageType, incident, opens, line } = page;
  return { at: timeText(at), entity, messageType, incident, opens, line, waited: at - recordedAt };
}

function incidentOf(incident: Readonly<Incident>): ReportedIncident {
  const { number, entityId, displayName, openedAt, resolvedAt, pages, alerts, stateMessage } =
    incident;
  return {
    number,
    entity: entityId,
    title: displayName,
    openedAt: timeText(openedAt),
    ...(resolvedAt === undefined ? {} : { resolvedAt: timeText(resolvedAt) }),
    pages,
    alerts,
    lastMessage: stateMessage,
  };
}

function comparisonOf({
  script,
  comparison: { same, gained, lost, moved },
}: NonNullable<Subject["against"]>): ReportedComparison {
  return {
    script,
    same,
    gained: gained.map(pageOf),
    lost: lost.map(pageOf),
    moved: moved.map(({ before, after }) => ({ before: pageOf(before), after: pageOf(after) })),
  };
}

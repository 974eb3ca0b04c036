import type { Buckets } from "@tocsin/engine/plan";
import {
  explainSilence,
  type RunReport,
  type Silence,
  silenceLines,
} from "@tocsin/library/runtime";

/** What a run must make at least once (`--expect`). */
export type Expected = "rows" | "events";

/** Why a run was silent: for machines, and for people. */
export interface Explained {
  readonly silences: readonly Silence[];
  readonly lines: readonly string[];
}

/** Explains why a run made no event, or none of the expected rows. After an error there is nothing to explain. */
export async function explained(
  report: RunReport,
  buckets: Buckets,
  expected: Expected | undefined,
): Promise<Explained> {
  if (report.errors.length > 0 || report.badRows.length > 0) return { silences: [], lines: [] };
  const asked = expected === "rows" && report.rows === 0 ? "rows" : "events";
  const silences = await explainSilence(report, buckets, asked);
  return { silences, lines: silenceLines(silences) };
}

import type { LineBlock, LinePoint, ParsedLine } from "@tocsin/data/codec";
import { invalid } from "@tocsin/data/value";
import type { Point } from "@tocsin/engine/plan";
import { sortedTags } from "./request.ts";

/** A point that a bucket did not take. */
export interface Refusal {
  /** Its place among the points that were given since the last commit. */
  readonly point: number;
  readonly reason: string;
}

/** Collects points for a bucket, and stores them commit by commit. */
export interface Intake {
  /** Points since the last commit, and about how many bytes they take. */
  readonly points: number;
  readonly bytes: number;
  /** Takes what it needs of the line: the decoder, of which there is one, fills it again. */
  line(line: ParsedLine): void;
  /** Takes many lines at once. Without it each comes to `line`. */
  lines?(block: LineBlock): void;
  /** A point whose tags are sorted. */
  point(point: LinePoint): void;
  /** All points but those that it gives are in the bucket when this returns; on an error none is. */
  commit(): Promise<readonly Refusal[]>;
  /** The same, but it takes points again as soon as it can. Whoever calls it has waited for the one before. */
  begin?(): Promise<Begun>;
}

/** A commit that goes on. */
export interface Begun {
  readonly refused: readonly Refusal[];
  /** Resolves when all other points are in the bucket; on an error none is. */
  readonly stored: Promise<void>;
}

/** Writes points in one commit. Throws when some were refused; the others are stored. */
export async function writePoints(
  bucket: string,
  intake: Intake,
  points: readonly Point[],
): Promise<void> {
  for (const point of points) intake.point(sortedTags(point));
  throwRefused(bucket, points.length, await intake.commit());
}

/** Throws when points were refused; the others are stored. */
export function throwRefused(bucket: string, points: number, refused: readonly Refusal[]): void {
  if (refused.length === 0) return;
  throw invalid(
    `bucket ${JSON.stringify(bucket)}: ${refused.length} of ${points} points were refused, ` +
      `the others are stored: ${refused[0].reason}`,
  );
}

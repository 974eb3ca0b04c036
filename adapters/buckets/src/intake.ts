import type { LineBlock, LinePoint, ParsedLine } from "@tocsin/data/codec";
import { invalid } from "@tocsin/data/value";
import type { Point } from "@tocsin/engine/plan";
import { sortedTags } from "./request.ts";

/** A point that a bucket refused. */
export interface Refusal {
  /** Its position among the points since the last commit. */
  readonly point: number;
  readonly reason: string;
}

/** Collects points for a bucket, and stores them in commits. */
export interface Intake {
  /** The number of points since the last commit, and about how many bytes they take. */
  readonly points: number;
  readonly bytes: number;
  /** Takes a line, and copies what it needs: the decoder uses the object again. */
  line(line: ParsedLine): void;
  /** Takes many lines at once. Without this method each one goes to `line`. */
  lines?(block: LineBlock): void;
  /** Takes a point whose tags are sorted. */
  point(point: LinePoint): void;
  /** Stores the points. Resolves with those that were refused; after an error none is stored. */
  commit(): Promise<readonly Refusal[]>;
  /** The same, but takes points again as soon as possible. Call it after the previous commit is stored. */
  begin?(): Promise<Begun>;
}

/** A commit under way. */
export interface Begun {
  readonly refused: readonly Refusal[];
  /** Resolves when the other points are stored; after an error none is. */
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

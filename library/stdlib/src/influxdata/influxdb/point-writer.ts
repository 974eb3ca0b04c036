import type { Batch } from "@tocsin/data/column";
import type { Operator, OperatorContext, Outlet } from "@tocsin/engine/execute";
import type { Point } from "@tocsin/engine/plan";

/** Points that are written in one go, and held until then. */
const COMMIT_POINTS = 65_536;

/** What a batch becomes: points, and the rows that they stand for. */
export interface Points {
  readonly points: readonly Point[];
  readonly batch: Batch;
}

/**
 * Writes the points that `pointsOf` makes of batches, and passes rows on when they are written. A
 * store is locked for each commit, so many small batches go in one.
 */
export class PointWriter implements Operator {
  readonly #bucket: string;
  readonly #pointsOf: (batch: Batch) => Points | Promise<Points>;
  readonly #out: Outlet;
  readonly #context: OperatorContext;
  #arrived: Batch[] = [];
  #ended = false;
  #points: Point[] = [];
  #held: Batch[] = [];

  constructor(
    bucket: string,
    pointsOf: (batch: Batch) => Points | Promise<Points>,
    out: Outlet,
    context: OperatorContext,
  ) {
    this.#bucket = bucket;
    this.#pointsOf = pointsOf;
    this.#out = out;
    this.#context = context;
  }
  push(batch: Batch): void {
    this.#arrived.push(batch);
  }
  finish(): void {
    this.#ended = true;
  }
  async work(): Promise<void> {
    const batches = this.#arrived;
    this.#arrived = [];
    for (const one of batches) {
      const { points, batch } = await this.#pointsOf(one);
      for (const point of points) this.#points.push(point);
      this.#held.push(batch);
      if (this.#points.length >= COMMIT_POINTS) await this.#commit();
      if (this.#context.host.loop.due()) await this.#context.host.loop.turn();
    }
    if (this.#ended) await this.#commit();
  }

  async #commit(): Promise<void> {
    const points = this.#points;
    const held = this.#held;
    this.#points = [];
    this.#held = [];
    for (let from = 0; from < points.length; from += COMMIT_POINTS) {
      await this.#context.buckets.write(this.#bucket, points.slice(from, from + COMMIT_POINTS));
    }
    for (const batch of held) this.#out.push(batch);
  }
}

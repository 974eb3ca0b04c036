import type { Batch } from "@tocsin/data/column";
import type { Operator } from "../operator.ts";

/** An operator whose function may wait for the outside: it has one port, and does not queue by itself. */
export interface MayWait extends Operator {
  finish(): void;
  /** As `push`, awaiting what the function makes of each row before it looks at the next one. */
  pushWaiting(batch: Batch): Promise<void>;
}

/** Hands batches to an operator whose function reads or acts: one, and in it one row, after the other. */
export class Waiting implements Operator {
  readonly #operator: MayWait;
  #waiting: Batch[] = [];
  #ended = false;

  constructor(operator: MayWait) {
    this.#operator = operator;
  }
  push(batch: Batch): void {
    this.#waiting.push(batch);
  }
  finish(): void {
    this.#ended = true;
  }
  async work(turn: () => Promise<void>): Promise<void> {
    const batches = this.#waiting;
    this.#waiting = [];
    for (const batch of batches) await this.#operator.pushWaiting(batch);
    if (!this.#ended) return;
    this.#operator.finish();
    for (const _ of this.#operator.steps?.() ?? []) await turn();
  }
}

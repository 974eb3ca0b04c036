import type { Batch } from "@tocsin/data/column";
import { FluxError } from "@tocsin/data/value";
import type { Clock } from "@tocsin/platform/host";

/** So long a reader may work on what it has before the rest is read into memory. */
const patienceMilliseconds = 250;

/**
 * Batches between a store and who reads them. While the reader keeps up, little is in memory; when it
 * pauses (it may wait for a delivery, or write into this store), the rest is read at once, so that the
 * store can be closed: others wait for it.
 */
export class ReadAhead {
  readonly #clock: Clock;
  readonly #aheadRows: number;
  readonly #batches: Batch[] = [];
  #rows = 0;
  #given = false;
  #ended = false;
  #left = false;
  #wake = (): void => undefined;
  #change = this.#nextChange();

  /** `rows` are read before anybody took those before them. */
  constructor(clock: Clock, rows: number) {
    this.#clock = clock;
    this.#aheadRows = rows;
  }
  /** Reads `batches` to their end, or until nobody takes them any longer. */
  async fill(batches: AsyncIterable<Batch>): Promise<void> {
    // A second attempt, after the store was mended: it could only follow an answer of which nothing was used.
    if (this.#given) {
      throw new FluxError(
        "data loss",
        "the store was damaged, which showed in the middle of the answer",
        {
          hint: "what was readable of it is salvaged; run the script again",
        },
      );
    }
    this.#batches.length = this.#rows = 0;
    let hurry = false;
    for await (const batch of batches) {
      this.#batches.push(batch);
      this.#rows += batch.rows;
      this.#changed();
      if (this.#left) return;
      if (!hurry && this.#rows >= this.#aheadRows) hurry = !(await this.#taken());
    }
  }
  /** Gives the batches; `filling` is what `fill` is part of. */
  async *take(filling: Promise<void>): AsyncGenerator<Batch> {
    const filled = filling.then(
      () => this.#end(),
      () => this.#end(),
    );
    try {
      for (;;) {
        const batch = this.#batches.shift();
        if (batch !== undefined) {
          this.#rows -= batch.rows;
          this.#given = true;
          this.#changed();
          yield batch;
        } else if (this.#ended) break;
        else await this.#change;
      }
    } finally {
      this.#left = true;
      this.#changed();
      await filled;
    }
    await filling;
  }

  /** Waits until there is room; false when that takes too long. */
  async #taken(): Promise<boolean> {
    const over = this.#clock.sleep(patienceMilliseconds).then(() => true);
    while (!this.#left && this.#rows >= this.#aheadRows) {
      const late = await Promise.race([over, this.#change.then(() => false)]);
      if (late) return false;
    }
    return true;
  }
  #end(): void {
    this.#ended = true;
    this.#changed();
  }
  #changed(): void {
    const wake = this.#wake;
    this.#change = this.#nextChange();
    wake();
  }
  #nextChange(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

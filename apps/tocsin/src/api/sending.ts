import type { Dispatch } from "@tocsin/alerting/oncall";
import { EventError } from "./errors.ts";
import { delivered, openWorld, type World, type WorldOptions } from "./world.ts";

/** A row, and what became of its event. */
export type Sent<Row> = Row & {
  /** Whether On-Call accepted it. */
  readonly _sent: "true" | "false";
  /** The last HTTP status; "" when no answer came. */
  readonly _status: string;
};

/** What became of the events of some rows, as numbers. */
export interface SentSummary {
  readonly accepted: number;
  /** Recorded and not accepted yet. Without `data` these are lost when the process ends. */
  readonly waiting: number;
  readonly refused: number;
  /** Rows that could not be made into an event; each has its error. */
  readonly failed: number;
  readonly errors: readonly EventError[];
  /** What is wrong with the outbox in `data`, in words for people, if anything is. No page is lost by it. */
  readonly trouble?: readonly string[];
}

/** All rows, in order, once they are settled. */
export type SentRows<Row> = readonly Sent<Row>[] & { readonly summary: SentSummary };

/** Rows on their way: await it to get all of them, or iterate over them in order as each is settled. */
export interface Sending<Row> extends AsyncIterable<Sent<Row>>, PromiseLike<SentRows<Row>> {
  readonly summary: Promise<SentSummary>;
}

/** The world to send in, and the address to send to. */
interface Target extends WorldOptions {
  readonly url: string;
}

/** How many rows of an iterable are recorded together; those of an async iterable are recorded one by one. */
const GROUP_ROWS = 500;

/** Sends one event for each row. `bodyOf` throws for a row that cannot be made into one. */
export function sending<Row extends object>(
  rows: Iterable<Row> | AsyncIterable<Row>,
  bodyOf: (row: Row) => string,
  target: Target,
): Sending<Row> {
  const progress = new Progress<Row>();
  const summary = sendAll(groupsOf(rows), { bodyOf, target, progress });
  const all = summary.then(async (counts) =>
    // Not enumerable, so that the rows compare like a plain array.
    Object.defineProperty([...(await progress.rows())], "summary", { value: counts }),
  ) as Promise<SentRows<Row>>;
  for (const promise of [summary, all]) promise.catch(() => undefined);
  return {
    summary,
    // oxlint-disable-next-line unicorn/no-thenable -- `await page(rows)` is the documented form
    then: (resolve, reject) => all.then(resolve, reject),
    async *[Symbol.asyncIterator]() {
      yield* progress.inOrder();
      await summary;
    },
  };
}

async function sendAll<Row extends object>(
  groups: AsyncIterable<readonly Row[]>,
  how: { bodyOf: (row: Row) => string; target: Target; progress: Progress<Row> },
): Promise<SentSummary> {
  const { progress, target } = how;
  let world: World | undefined;
  try {
    world = await openWorld(target);
    const broken = await handOver(groups, world, how);
    await progress.rows();
    const { deliveries, trouble } = await delivered(world);
    // Rows that came before the source failed have been sent.
    if (broken !== undefined) throw broken.error;
    const count = (state: string): number => deliveries.filter((one) => one.state === state).length;
    const [accepted, refused] = [count("accepted"), count("refused")];
    const waiting = deliveries.length - accepted - refused - count("superseded");
    const { errors } = progress;
    const wrong = trouble.length === 0 ? {} : { trouble };
    return { accepted, waiting, refused, failed: errors.length, errors, ...wrong };
  } finally {
    progress.end();
    await world?.close();
  }
}

/** Records the rows as they come. Resolves with the error of their source, if it failed. */
async function handOver<Row extends object>(
  groups: AsyncIterable<readonly Row[]>,
  { deliveries }: World,
  how: { bodyOf: (row: Row) => string; target: Target; progress: Progress<Row> },
): Promise<{ readonly error: unknown } | undefined> {
  const request = {
    method: "POST",
    url: how.target.url,
    headers: { "Content-Type": "application/json" },
    integration: "victorops",
  };
  try {
    for await (const rows of groups) {
      const made = rows.map((row) => attempt(row, how.bodyOf));
      const bodies = made.filter((one) => typeof one === "string");
      const dispatches = await deliveries.deliver(bodies.map((body) => ({ ...request, body })));
      let next = 0;
      for (const [i, one] of made.entries())
        how.progress.add(rows[i], one instanceof EventError ? one : dispatches[next++]);
    }
    return undefined;
  } catch (error) {
    return { error };
  }
}

function attempt<Row>(row: Row, bodyOf: (row: Row) => string): string | EventError {
  try {
    return bodyOf(row);
  } catch (error) {
    return new EventError(error instanceof Error ? error.message : String(error), row, error);
  }
}

async function* groupsOf<Row>(
  rows: Iterable<Row> | AsyncIterable<Row>,
): AsyncGenerator<readonly Row[]> {
  if (!(Symbol.iterator in rows)) {
    for await (const row of rows) yield [row];
    return;
  }
  const group: Row[] = [];
  try {
    for (const row of rows) {
      group.push(row);
      if (group.length === GROUP_ROWS) yield group.splice(0);
    }
  } finally {
    // Also when the source fails: rows that came before are sent.
    if (group.length > 0) yield group;
  }
}

/** The rows in their order, each with what becomes of it. */
class Progress<Row extends object> {
  readonly errors: EventError[] = [];
  readonly #sent: Promise<Sent<Row>>[] = [];
  #ended = false;
  readonly #readers = new Set<() => void>();

  add(row: Row, how: Dispatch | EventError): void {
    if (how instanceof EventError) {
      this.errors.push(how);
      this.#sent.push(Promise.resolve({ ...row, _sent: "false", _status: "" }));
    } else {
      const settled = how.settled.then(({ state, status }): Sent<Row> => ({
        ...row,
        _sent: state === "accepted" ? "true" : "false",
        _status: status,
      }));
      this.#sent.push(settled);
    }
    this.#wake();
  }
  end(): void {
    this.#ended = true;
    this.#wake();
  }
  rows(): Promise<readonly Sent<Row>[]> {
    return Promise.all(this.#sent);
  }
  async *inOrder(): AsyncGenerator<Sent<Row>> {
    for (let next = 0; ; next++) {
      while (next >= this.#sent.length) {
        if (this.#ended) return;
        await new Promise<void>((resolve) => this.#readers.add(resolve));
      }
      yield await this.#sent[next];
    }
  }
  #wake(): void {
    for (const resume of this.#readers) resume();
    this.#readers.clear();
  }
}

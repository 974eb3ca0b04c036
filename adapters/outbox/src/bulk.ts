import type { StatementSync } from "node:sqlite";
import type { Change, Delivery, JournalEntry, Step } from "@tocsin/alerting/delivery";
import { textOf, type Value } from "./rows.ts";
import { acceptances, addition, beginnings, followings, lines } from "./writes.ts";

/**
 * Writes many similar rows of a transaction with one statement each. Turns and beginnings are written before the
 * next statement that may look at them (`settle`), histories at the end (`flush`).
 */
export class SqliteBulk {
  readonly #statement: (sql: string) => StatementSync;
  readonly #following = new Set<number>();
  #begun: Delivery[] = [];
  #begunAt = 0;
  #lines: JournalEntry[] = [];

  constructor(statement: (sql: string) => StatementSync) {
    this.#statement = statement;
  }
  /** Gives events their turn, because what they followed in their chains was accepted. */
  follow(ids: Iterable<number>): void {
    for (const id of ids) this.#following.add(id);
  }
  /** The events that `follow` named and that are not written yet. */
  get following(): ReadonlySet<number> {
    return this.#following;
  }
  /** An attempt at a delivery that this transaction read begins; all share one lease. Its row says so, no line of history does. */
  begin({ next, entry }: Step): void {
    // Its turn is over before anybody could see it.
    this.#following.delete(Number(next.id));
    this.#begun.push(next);
    this.#begunAt = entry.at;
  }
  /** Adds a line of a history. */
  line(entry: JournalEntry): void {
    this.#lines.push(entry);
  }
  /** Call it before a statement that may look at deliveries. */
  settle(): void {
    if (this.#following.size > 0) {
      this.#statement(followings).run(textOf([...this.#following]));
      this.#following.clear();
    }
    const begun = this.#begun;
    if (begun.length === 0) return;
    this.#begun = [];
    const [{ state, reason, detail, owner, leaseUntil }] = begun;
    const ids = textOf(begun.map(({ id }) => id));
    const lease = [owner ?? null, leaseUntil ?? null];
    this.#statement(beginnings).run(state, reason, detail, ...lease, ids, this.#begunAt);
  }
  /** Call it before the transaction ends. */
  flush(): void {
    this.settle();
    const all = this.#lines;
    for (let at = 0; at < all.length;) {
      const end = endOfRun(all, at, alikeLines);
      this.#writeLines(all, at, end);
      at = end;
    }
    this.#lines = [];
  }
  /** Call it when the transaction is rolled back. */
  forget(): void {
    this.#following.clear();
    this.#begun = [];
    this.#lines = [];
  }

  #writeLines(all: readonly JournalEntry[], from: number, to: number): void {
    const { at, attempt, state, reason, status, detail, answer } = all[from];
    const head = [at, attempt, state, reason, status, detail];
    if (answer !== undefined) {
      const { deliveryId, milliseconds = null } = all[from];
      this.#statement(addition).run(Number(deliveryId), ...head, milliseconds, answer);
      return;
    }
    this.#statement(lines).run(
      ...head,
      tookEach(from, to, (index) => all[index]),
    );
  }

  /**
   * Makes the first changes from `from` on, as far as they are acceptances that differ only in their deliveries. Returns
   * the ids of those that were as expected, each with the id that follows it in its chain (null: none does). Empty: the
   * change at `from` is not an acceptance.
   */
  accept(changes: readonly Change[], from: number): Accepted {
    if (!isAcceptance(changes[from])) return { end: from, nexts: new Map() };
    const seen = new Set<string>();
    const end = endOfRun(changes, from, (first, next) => isApart(next, seen) && alike(first, next));
    const { expect, step } = changes[from];
    const { state, failures, lastStatus, reason, detail } = step.next;
    const values: Value[] = [
      state,
      failures,
      lastStatus,
      reason,
      detail,
      tookEach(from, end, (index) => changes[index].step.entry),
    ];
    const statement = this.#statement(acceptances);
    const rows = statement.all(...values, expect.state, expect.attempts, step.entry.at);
    const nexts = new Map<string, number | null>();
    for (const { id, next } of rows) nexts.set(String(id), next === null ? null : Number(next));
    return { end, nexts };
  }
}

/** What `accept` did. */
interface Accepted {
  /** The index of the first change that was not looked at. */
  readonly end: number;
  readonly nexts: ReadonlyMap<string, number | null>;
}

/** How long the attempts of some entries took, by id: a JSON object. */
function tookEach(from: number, to: number, entryAt: (index: number) => JournalEntry): string {
  let text = "";
  for (let index = from; index < to; index++) {
    const { deliveryId, milliseconds = null } = entryAt(index);
    text += `${text === "" ? "{" : ","}"${deliveryId}":${milliseconds}`;
  }
  return `${text}}`;
}

function isAcceptance({ expect, step, unlessOvertaken }: Change): boolean {
  const { state, supersededBy } = step.next;
  const said = step.entry.answer !== undefined;
  const accepted = expect.state === "sending" && state === "accepted" && !said;
  return accepted && supersededBy === undefined && unlessOvertaken !== true;
}

/**
 * Whether no change of the same order key is in `seen`: what one transition does, the next one of its order key must
 * see. (Order keys contain a space, ids do not.)
 */
function isApart({ step }: Change, seen: Set<string>): boolean {
  const { id, orderKey } = step.next;
  const key = orderKey === "" ? id : orderKey;
  if (seen.has(key)) return false;
  seen.add(key);
  return true;
}

function alike(first: Change, next: Change): boolean {
  const a = first.step.next;
  const b = next.step.next;
  return (
    isAcceptance(next) &&
    first.expect.attempts === next.expect.attempts &&
    first.step.entry.at === next.step.entry.at &&
    a.failures === b.failures &&
    a.lastStatus === b.lastStatus &&
    a.reason === b.reason &&
    a.detail === b.detail
  );
}

function alikeLines(a: JournalEntry, b: JournalEntry): boolean {
  return (
    a === b ||
    (a.at === b.at &&
      a.attempt === b.attempt &&
      a.state === b.state &&
      a.reason === b.reason &&
      a.status === b.status &&
      a.detail === b.detail &&
      a.answer === undefined &&
      b.answer === undefined)
  );
}

function endOfRun<T>(all: readonly T[], from: number, alike: (first: T, next: T) => boolean) {
  let end = from;
  while (end < all.length && alike(all[from], all[end])) end += 1;
  return end;
}

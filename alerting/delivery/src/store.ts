import type { Delivery, DeliveryState, Fallback, JournalEntry, NewDelivery } from "./delivery.ts";
import type { Reason } from "./delivery.ts";
import type { Endpoint } from "./endpoint.ts";
import type { Step } from "./machine.ts";

/** Asks for what may go out now. Times in milliseconds since 1970. */
export interface Take {
  readonly at: number;
  readonly leaseUntil: number;
  /** Only of these endpoints, and at most so many of each. */
  readonly room: ReadonlyMap<string, number>;
  /**
   * Looks at the endpoint inside the transaction. Gives what the endpoint becomes (a probe begun), or
   * undefined to refuse. A pure function: it may be called again.
   */
  readonly admit: (endpoint: Endpoint) => Endpoint | undefined;
  /** What is passed over, as if it were not there. A pure function; undefined: nothing. */
  readonly passesOver?: ((delivery: Delivery) => boolean) | undefined;
  /** The bucket of an endpoint's host; undefined: it has none. */
  readonly meterOf: (endpoint: string) => TokenBucket | undefined;
}

/** A bucket, stored as an endpoint. */
export interface TokenBucket {
  readonly key: string;
  /** Gives it with a token taken, or refuses. A pure function. */
  readonly take: (stored: Endpoint) => Endpoint | undefined;
}

/** What `take` began, and what it saw. */
export interface Taken {
  /** In state `sending`, the most urgent first. */
  readonly deliveries: readonly Delivery[];
  /** The endpoints and buckets that were looked at, as they are now. */
  readonly endpoints: readonly Endpoint[];
  /** Endpoints of which nothing else may go out now, and when the next one is due; Infinity: never. */
  readonly dry: ReadonlyMap<string, number>;
  /** What became of the changes that were asked for with it, as `change` says it. */
  readonly changed: readonly boolean[];
}

/** Compare-and-set: what a change was computed from. */
export interface Expectation {
  readonly state: DeliveryState;
  readonly attempts: number;
}

/** An attempt of another owner that was seen to be under way for longer than its lease. */
export interface Lapsed {
  readonly id: string;
  readonly attempts: number;
}

/** A transition that the state machine decided. */
export interface Change {
  readonly expect: Expectation;
  readonly step: Step;
  /** What the endpoint becomes, from what is stored then. */
  readonly endpoint?: (stored: Endpoint) => Endpoint;
  /**
   * Only while no later event of its order key was accepted, is on its way or in doubt: an old state
   * that comes after a newer one turns the incident back.
   */
  readonly unlessOvertaken?: boolean;
}

/** How events are recorded. */
export interface RecordOptions {
  /** Whether they replace those of earlier runs that still wait. */
  readonly supersede: boolean;
  /** Transitions that are made in the same transaction, from what was recorded. */
  also?(deliveries: readonly Delivery[]): readonly Change[];
}

/** What `record` did. */
export interface Recorded {
  /** One for each event, in the order of these: the new one, or the one that was recorded before. */
  readonly deliveries: readonly Delivery[];
  /** Waiting events of earlier runs that these replace. */
  readonly superseded: readonly Delivery[];
  /** Ids of those that were recorded before. */
  readonly known: ReadonlySet<string>;
  /** What became of the changes of `also`, as `change` says it. */
  readonly changed: readonly boolean[];
}

/** Who wrote to a store last, and when: milliseconds since 1970, as all times here. */
export interface LastWriter {
  /** Undefined: nobody wrote a delivery. */
  readonly at: number | undefined;
  /**
   * `here`: this machine, since it was started; `restarted`: this very file, before the machine was
   * started anew; `elsewhere`: another file, of which this one is a copy.
   */
  readonly by: "here" | "restarted" | "elsewhere";
}

/** Why everything that waits is held. */
export interface Hold {
  readonly reason: "restored" | "unconfirmed";
  readonly detail: string;
  readonly at: number;
  /** When they are let go without being asked for. */
  readonly until?: number;
}

/** Which late pages are asked for. */
export interface LateFilter {
  /** Recorded before this time. */
  readonly before: number;
  /** Only those without a fallback that was sent, or that was tried since then. */
  readonly untriedSince?: number;
  readonly limit: number;
}

/** What became of a fallback. */
export interface FallbackMark {
  readonly id: string;
  readonly expect: Fallback | undefined;
  readonly next: Fallback;
  /** For people; never a secret. */
  readonly detail: string;
  readonly status: string;
}

/** How much of an integration is in a state. */
export interface CensusRow {
  readonly integration: string;
  readonly state: DeliveryState;
  readonly count: number;
  /** When the oldest of them was recorded. */
  readonly oldest: number;
  /** How many entities they are of. */
  readonly entities: number;
}

/** Is told how a store does. */
export interface StoreObserver {
  /** What was written is on disk; the sync took so many milliseconds. */
  synced(milliseconds: number): void;
  /** The disk, or another process, did not let it. */
  failed(operation: "transaction" | "sync"): void;
}

/** Which deliveries to list. Without fields: all. */
export interface DeliveryFilter {
  readonly states?: readonly DeliveryState[];
  readonly runId?: string;
  readonly entity?: string;
  readonly reason?: Reason;
  /** Only ids larger than this one. */
  readonly after?: string;
  readonly limit?: number;
}

/**
 * What must survive: the events, their history, what is known of endpoints, the runs.
 *
 * Each method is one transaction that is on disk when its promise resolves; the transactions of one handle are made
 * in the order of the calls, which need not wait for each other. All of them reject with `StoreError`. Several processes may use one store at the same time.
 */
export interface OutboxStore {
  /** Names this handle among all that use the store. */
  readonly owner: string;
  /** False when everything is gone with the process. */
  readonly durable: boolean;
  /** Where the data is, for people: a path; "memory". */
  readonly place: string;

  /** Remembers `now` (nanoseconds) for a run id, or gives what was remembered. */
  openRun(runId: string, now: bigint): Promise<bigint>;
  /**
   * Records events, those of one order key in order; ids are in the order in which all of them can be expected
   * to go out (`departure`). One whose identity is known is not recorded again. With `supersede`, a
   * CRITICAL, WARNING or RECOVERY replaces those of *earlier* runs that still wait for the same
   * order key, except one that is in flight or in doubt.
   */
  record(events: readonly NewDelivery[], how: RecordOptions): Promise<Recorded>;
  /**
   * Begins attempts of what may go out: of each order key the first unfinished one, when it is due and
   * none of that key is under way. The most urgent first (`urgency`; the first of a key is as urgent as
   * the most urgent of the sixteen behind it), as far as endpoints and buckets admit it. Makes the
   * transitions of `after` first, in the same transaction.
   */
  take(asked: Take, after?: readonly Change[]): Promise<Taken>;
  /**
   * Makes transitions. False for one that came too late: someone else changed the delivery, or it was
   * overtaken.
   */
  change(changes: readonly Change[]): Promise<readonly boolean[]>;
  /**
   * Deliveries whose sender is certainly gone, and those of `lapsed` that are still in that attempt,
   * become waiting, in doubt, in their old place. Clocks step, so no store compares a lease with one:
   * who watches an attempt for longer than any lease knows that it has lapsed. Its request may still be
   * on its way: newer events of its order key wait for `settleTime` after that. A state of which a newer one
   * was accepted, which had gone out without the store, is superseded instead.
   */
  resume(now: number, lapsed?: readonly Lapsed[]): Promise<readonly Delivery[]>;

  /** Ends all waits between attempts: what waits is due now. What `resume` asks for is none. */
  wake(now: number): Promise<void>;
  /** The endpoints that something unfinished waits for. */
  lanes(): Promise<readonly string[]>;
  /** How many unfinished ones an endpoint has. */
  backlog(endpoint: string): Promise<number>;

  /** Pages that wait, were recorded before a time, and their fallbacks; the oldest first. */
  late(filter: LateFilter): Promise<readonly Delivery[]>;
  /**
   * Notes what became of a delivery's fallback, also in its history. False: another process was faster
   * (`expect` is not what is stored).
   */
  markFallback(mark: FallbackMark): Promise<boolean>;
  /** Writes, to see whether it can. */
  touch(): Promise<void>;
  /** Adds to counters that outlive processes; gives all of them. Names may be any text. */
  count(increments: ReadonlyMap<string, number>): Promise<ReadonlyMap<string, number>>;
  /** What is not settled, by integration and state. */
  census(): Promise<readonly CensusRow[]>;
  /** Who wrote a delivery last; while nobody did, who made the store. */
  lastWriter(): Promise<LastWriter>;
  /**
   * From now on this file, on this machine, since it started, is what wrote last. With `hold`,
   * everything that waits or that a vanished process was sending is held first. Gives how many are.
   */
  adopt(hold?: Hold): Promise<number>;
  /**
   * Forgets settled deliveries (accepted, refused, superseded, discarded) that were recorded before
   * this time, with their histories; gives how many. What is not settled is never forgotten.
   */
  prune(before: number): Promise<number>;

  /** Deliveries in the order of their ids. */
  list(filter: DeliveryFilter): Promise<readonly Delivery[]>;
  get(id: string): Promise<Delivery | undefined>;
  /** Those that are recorded of these identities, by identity. */
  known(identities: readonly string[]): Promise<ReadonlyMap<string, Delivery>>;
  journal(id: string): Promise<readonly JournalEntry[]>;
  /** How many are in each state; `states`: only those are counted, as settled ones are many. */
  counts(states?: readonly DeliveryState[]): Promise<Readonly<Record<DeliveryState, number>>>;
  endpoints(): Promise<readonly Endpoint[]>;
  /** Changes an endpoint without a delivery. */
  changeEndpoint(key: string, to: (stored: Endpoint) => Endpoint): Promise<void>;
  /** Tells `observer` from now on, and only it. A store without a disk has nothing to tell. */
  observe?(observer: StoreObserver): void;
  close(): Promise<void>;
}

/** No delivery in any state. */
export function emptyCounts(): Record<DeliveryState, number> {
  return {
    recorded: 0,
    sending: 0,
    waiting: 0,
    accepted: 0,
    refused: 0,
    parked: 0,
    held: 0,
    superseded: 0,
    discarded: 0,
  };
}

/** What is wrong with a store. */
export type StoreFailure =
  | "corrupt"
  | "locked"
  | "full"
  | "newer-version"
  | "foreign"
  | "permission"
  | "closed"
  | "io";

/** A store that cannot do its work. `message` names the place and says what to do. */
export class StoreError extends Error {
  readonly code: StoreFailure;
  /** What tells the file from another one that takes its place; undefined: it has none, or that does not matter. */
  readonly file: string | undefined;
  constructor(code: StoreFailure, message: string, file?: string) {
    super(message);
    this.name = "StoreError";
    this.code = code;
    this.file = file;
  }
}

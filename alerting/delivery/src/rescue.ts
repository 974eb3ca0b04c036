import { catchUp } from "./catch-up.ts";
import { wallMilliseconds } from "./attempt.ts";
import { type Delivery, isUnfinished, unfinished } from "./delivery.ts";
import type { Unwritten } from "./landed.ts";
import type { Sender } from "./sender.ts";
import { type OutboxStore, StoreError } from "./store.ts";

/** What a run needs to go on after its outbox failed. */
export interface RescueWorld {
  /** Opens the outbox anew. Rejects with `StoreError`. */
  open(): Promise<OutboxStore>;
  /** Starts a sender on it. Rejects with `StoreError`. */
  begin(store: OutboxStore): Promise<Sender>;
  /** Whether events replace those of earlier runs. */
  readonly supersede: boolean;
  /** When the run must end. Monotonic. */
  readonly until: number;
}

/** What a run had when its outbox failed. */
export interface Broken {
  readonly sender: Sender;
  /** The run's recorded events, as far as is known. */
  readonly own: readonly Delivery[];
  /** What went out without being recorded, as it is now. */
  readonly sent: readonly Delivery[];
}

/** What became of it. */
export interface Rescued {
  /** Works on the outbox that was opened anew; undefined: that cannot be written either. */
  readonly sender: Sender | undefined;
  /** The run's recorded events, as they are now. */
  readonly own: readonly Delivery[];
  /** How many of them were sent though that could not be noted first. */
  readonly unmarked: number;
}

/**
 * Goes on after a store failed its sender: what is on its way may end, then the store is opened and read
 * anew, and told what happened without it. Where it still cannot be written, the run's own events that
 * never went out are sent once from memory, for a page that comes twice is better than one that waits
 * until somebody makes room; then the store is asked once more.
 */
export async function rescue(broken: Broken, world: RescueWorld): Promise<Rescued> {
  const { sent } = broken;
  const first = await goneOn(broken, world);
  if (first.sender !== undefined) return { ...first, unmarked: 0 };
  // The failed handle reads nothing more; another one may.
  const store = await world.open().catch(() => undefined);
  const own = await read(store, first.own);
  const stuck = await stillRecorded(await neverSent({ ...first, own }, sent, store), store);
  await store?.close();
  if (stuck.length === 0) return { sender: undefined, own, unmarked: 0 };
  const ends = await broken.sender.sendUnmarked(stuck, world.until);
  const at = wallMilliseconds(broken.sender.clock);
  const sender = await reopened(world, { sent, unwritten: [...first.unwritten, ...ends], at });
  const known = new Map(ends.map((one) => [one.delivery.id, endOf(one)]));
  const last = own.map((one) => known.get(one.id) ?? one);
  return { sender, own: await read(sender?.store, last), unmarked: ends.length };
}

function endOf({ delivery, settle }: Unwritten): Delivery {
  return settle({ ...delivery, state: "sending" }).step.next;
}

/**
 * The same for a sender whose process has nothing else to do: what is on its way may end, and the store
 * that is opened anew is told how, as far as it can be written.
 */
export async function noteAnswers(
  broken: Sender,
  { open, until }: Pick<RescueWorld, "open" | "until">,
): Promise<void> {
  const unwritten = await broken.unwritten(until);
  await broken.store.close();
  const at = wallMilliseconds(broken.clock);
  let store: OutboxStore | undefined;
  try {
    store = await open();
    await catchUp(store, { sent: [], unwritten, supersede: true, at });
  } catch (error) {
    // Whoever reads why the first one failed needs to hear no more.
    if (!(error instanceof StoreError)) throw error;
  } finally {
    await store?.close();
  }
}

/** How far a run came with its outbox. */
interface Progress {
  /** Works; undefined: the outbox failed again. */
  readonly sender: Sender | undefined;
  readonly own: readonly Delivery[];
  /** What the store may not know. */
  readonly unwritten: readonly Unwritten[];
}

/** Opens the store of a broken sender anew, and sends what is in it. */
async function goneOn(
  { sender: broken, own, sent }: Broken,
  world: RescueWorld,
): Promise<Progress> {
  const unwritten = await broken.unwritten(world.until);
  await broken.store.close();
  const sender = await reopened(world, { sent, unwritten, at: wallMilliseconds(broken.clock) });
  if (sender === undefined) return { sender, own, unwritten };
  // A full disk may take little writes, and not those that mark what is sent.
  const works = await sender.drain(world.until).then(
    () => true,
    () => false,
  );
  const now = works ? await read(sender.store, own) : own;
  // It may fail while it is read, too.
  if (works && sender.failure === undefined) return { sender, own: now, unwritten: [] };
  const left = await sender.unwritten(world.until);
  await sender.store.close();
  return { sender: undefined, own, unwritten: left };
}

interface Told {
  readonly sent: readonly Delivery[];
  readonly unwritten: readonly Unwritten[];
  readonly at: number;
}

/** A sender on the store that was opened anew; undefined: it cannot be written. */
async function reopened(
  { open, begin, supersede }: RescueWorld,
  told: Told,
): Promise<Sender | undefined> {
  let store: OutboxStore | undefined;
  try {
    store = await open();
    await catchUp(store, { ...told, supersede });
    return await begin(store);
  } catch (error) {
    await store?.close();
    if (error instanceof StoreError) return undefined;
    throw error;
  }
}

/** Events that no attempt was begun for, and that may go out now without turning an entity back. */
async function neverSent(
  { own, unwritten }: Progress,
  sent: readonly Delivery[],
  store: OutboxStore | undefined,
): Promise<Delivery[]> {
  const begun = new Set(unwritten.map(({ delivery }) => delivery.id));
  // Newer events of these went out already.
  const newer = new Set(sent.map(({ orderKey }) => orderKey));
  const found: Delivery[] = [];
  // A verdict that can be read again may not be on disk: a power cut takes it back, and its event goes out again.
  const begunKeys = unwritten.map(({ delivery }) => delivery.orderKey);
  const behind = new Set(begunKeys.filter((key) => key !== ""));
  const ids = new Set(own.map((one) => one.id));
  for (const one of own.toSorted((a, b) => Number(a.id) - Number(b.id))) {
    const { id, state, attempts, orderKey } = one;
    if (state !== "recorded" || attempts > 0 || begun.has(id)) {
      if (isUnfinished(one) && orderKey !== "") behind.add(orderKey);
      continue;
    }
    if (orderKey !== "" && (newer.has(orderKey) || behind.has(orderKey))) continue;
    if (await isFirst(one, ids, store)) found.push(one);
    // Where it cannot be noted afterwards either, all of them go out once more: in order, too.
    if (orderKey !== "") behind.add(orderKey);
  }
  return found;
}

/** Those that no other process has begun to send meanwhile. */
async function stillRecorded(
  events: readonly Delivery[],
  store: OutboxStore | undefined,
): Promise<readonly Delivery[]> {
  if (store === undefined) return events;
  const found = new Set<string>();
  for (const runId of new Set(events.map((one) => one.runId))) {
    const left = await store.list({ states: ["recorded"], runId }).catch(() => events);
    for (const { id } of left) found.add(id);
  }
  return events.filter(({ id }) => found.has(id));
}

/** Whether no older event of its entity waits, but those of this run. */
async function isFirst(
  { id, orderKey, entity }: Delivery,
  own: ReadonlySet<string>,
  store: OutboxStore | undefined,
): Promise<boolean> {
  if (store === undefined || orderKey === "") return true;
  const queue = await store.list({ states: unfinished, entity }).catch(() => []);
  const older = queue.filter((one) => one.orderKey === orderKey && Number(one.id) < Number(id));
  return older.every((one) => own.has(one.id));
}

/** Events as they are in a store, as far as it can be read. */
async function read(
  store: OutboxStore | undefined,
  own: readonly Delivery[],
): Promise<readonly Delivery[]> {
  if (store === undefined) return own;
  const now: Delivery[] = [];
  for (const one of own) now.push((await store.get(one.id).catch(() => one)) ?? one);
  return now;
}

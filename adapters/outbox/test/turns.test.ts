import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import {
  type Change,
  type Delivery,
  discarded,
  held,
  MemoryOutbox,
  type NewDelivery,
  type OutboxStore,
  released,
  retried,
  type Step,
} from "@tocsin/alerting/delivery";
import { openSqliteOutbox } from "@tocsin/adapters/outbox";
import { type Random, seeded } from "@tocsin/platform/host";
import { begun, settled } from "../../../alerting/delivery/src/machine.ts";
import { event } from "../../../alerting/delivery/test/store-conformance.ts";

const folders: string[] = [];
afterEach(() => {
  for (const one of folders.splice(0)) rmSync(one, { recursive: true, force: true });
});
/** Where a step does not wait for a disk. */
function folder(): string {
  const made = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "tocsin-turns-"));
  folders.push(made);
  return made;
}

const pages = ["CRITICAL", "RECOVERY"];
const types = [...pages, "WARNING", "INFO"];
const entities = ["a", "b", "c", ""];
const verdicts = [
  { kind: "accepted", status: "200", detail: "" },
  { kind: "accepted", status: "200", detail: "" },
  { kind: "accepted", status: "200", detail: "" },
  { kind: "accepted", status: "202", detail: "" },
  { kind: "refused", reason: "bad-request", status: "400", detail: "" },
  { kind: "retry", reason: "network", status: "", detail: "", inDoubt: true },
] as const;

function pick<T>(random: Random, some: readonly T[]): T {
  return some[Math.floor(random.next() * some.length)];
}

/** What people may ask for in each state. */
const commands: Readonly<Record<string, readonly ((one: Delivery, at: number) => Step)[]>> = {
  recorded: [(one, at) => held(one, { reason: "hold-asked", detail: "" }, at)],
  waiting: [(one, at) => held(one, { reason: "hold-asked", detail: "" }, at)],
  held: [released, (one, at) => discarded(one, "", at)],
  refused: [retried, (one, at) => discarded(one, "", at)],
};

/** The same random life in two stores. */
class Lives {
  readonly #stores: readonly OutboxStore[];
  readonly #random: Random;
  /** Whether all are pages. A note keeps in a file what a page that is gone lent it: then all that may go out must go. */
  readonly #pages: boolean;
  #at = 1_000_000;
  #count = 0;
  #flying: Delivery[] = [];

  constructor(stores: readonly OutboxStore[], random: Random) {
    this.#stores = stores;
    this.#random = random;
    this.#pages = random.next() < 0.5;
  }
  async #both<T>(ask: (store: OutboxStore) => Promise<T>): Promise<T> {
    const [memory, sqlite] = [await ask(this.#stores[0]), await ask(this.#stores[1])];
    expect(sqlite).toEqual(memory);
    return sqlite;
  }

  async step(): Promise<void> {
    this.#at += Math.floor(this.#random.next() * 1500);
    const chance = this.#random.next();
    if (chance < 0.2) await this.#record();
    else if (chance < 0.3) await this.#person();
    else await this.#exchange();
  }
  async #record(): Promise<void> {
    const runId = `run ${this.#count}`;
    // Mostly all are of one kind, as what a script says of many rows at once.
    const some = this.#pages ? pages : types;
    const type = pick(this.#random, some);
    const events = Array.from({ length: 1 + Math.floor(this.#random.next() * 8) }, () => {
      const each = this.#random.next() < 0.2 ? pick(this.#random, some) : type;
      const over: Partial<NewDelivery> = { runId, recordedAt: this.#at };
      return event(`${each}:${pick(this.#random, entities)}`, {
        ...over,
        identity: `${this.#count++}`,
      });
    });
    const supersede = this.#random.next() < 0.3;
    await this.#both(async (store) => {
      const { deliveries, superseded } = await store.record(events, { supersede });
      return [deliveries.map(({ id }) => id), superseded.map(({ id }) => id).toSorted()];
    });
  }
  async #person(): Promise<void> {
    const all = await this.#both((store) => store.list({}).then((some) => some.map(brief)));
    const some = all.filter(({ state }) => commands[state] !== undefined);
    // Half of the time it is about what was settled.
    const refused = some.filter(({ state }) => state === "refused");
    const asked = pick(
      this.#random,
      refused.length > 0 && this.#random.next() < 0.5 ? refused : some,
    );
    const one = asked === undefined ? undefined : await this.#stores[1].get(asked.id);
    if (one === undefined) return;
    const steps = commands[one.state];
    const step = pick(this.#random, steps)(one, this.#at);
    const { state, attempts } = one;
    await this.#both((store) => store.change([{ expect: { state, attempts }, step }]));
  }
  /** Some of what is under way ends, and others begin. */
  async #exchange(): Promise<void> {
    const ended = this.#flying.filter(() => this.#random.next() < 0.7);
    const changes = ended.map((one) => {
      const outcome = { at: this.#at, milliseconds: 7, retryAfter: undefined };
      const verdict = pick(this.#random, verdicts);
      const { state, attempts } = one;
      const step = settled(one, { ...outcome, verdict }, { next: () => 0.1 });
      return { expect: { state, attempts }, step };
    });
    const most = this.#pages ? 1 + Math.floor(this.#random.next() * 4) : 99;
    const room = new Map([[event("INFO:").endpoint, most]]);
    const at = this.#at;
    const asked = { at, leaseUntil: at + 16_000, room, admit: <T>(one: T) => one };
    const taken = await this.#both((store) =>
      store.take({ ...asked, meterOf: () => undefined }, changes).then((one) => ({
        changed: one.changed,
        deliveries: one.deliveries
          .map((each) => ({ ...each, owner: "", identity: "" }))
          .toSorted((a, b) => (this.#pages ? 0 : Number(a.id) - Number(b.id))),
      })),
    );
    this.#flying = [...this.#flying.filter((one) => !ended.includes(one)), ...taken.deliveries];
  }
  async end(): Promise<void> {
    const all = await this.#both((store) => store.list({}).then((some) => some.map(brief)));
    for (const { id } of all) await this.#both((store) => store.journal(id));
    await this.#both((store) => store.counts());
    await this.#both((store) => store.backlog(event("INFO:").endpoint));
    await this.#both((store) =>
      store.late({ before: this.#at, limit: 5 }).then((some) => some.map(brief)),
    );
  }
}

function brief({ id, state, attempts, orderKey, supersededBy }: Delivery) {
  return { id, state, attempts, orderKey, supersededBy };
}

test("an outbox in a file gives turns as one in memory does, whatever happens", async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const stores = [new MemoryOutbox(), await openSqliteOutbox(folder())];
    const lives = new Lives(stores, seeded(seed));
    try {
      for (let step = 0; step < 60; step++) await lives.step();
      await lives.end();
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
    for (const store of stores) await store.close();
  }
}, 60_000);

function ended(one: Delivery, verdict: (typeof verdicts)[number]): Change {
  const outcome = { verdict, at: 3000, milliseconds: 7, retryAfter: undefined };
  const { state, attempts } = one;
  return { expect: { state, attempts }, step: settled(one, outcome, { next: () => 0.1 }) };
}

/** It went out without the store and was accepted, as `catchUp` tells it. */
function goneOut(one: Delivery): Change[] {
  const begin = begun(one, 2000, { owner: "gone", leaseUntil: 2000 });
  const { state, attempts } = one;
  return [{ expect: { state, attempts }, step: begin }, ended(begin.next, verdicts[0])];
}

const endpoint = event("INFO:").endpoint;
const asked = {
  at: 2000,
  leaseUntil: 18_000,
  room: new Map([[endpoint, 9]]),
  admit: <T>(one: T) => one,
  meterOf: () => undefined,
};

/** Two handles on one outbox. */
const twice = {
  "in memory": async () => {
    const store = new MemoryOutbox();
    return [store, store.another()];
  },
  "in a file": async () => {
    const data = folder();
    return [await openSqliteOutbox(data), await openSqliteOutbox(data)];
  },
};
const three = [1, 2, 3].map((nth) => event("CRITICAL:a", { identity: `${nth}` }));

test.each(Object.entries(twice))(
  "an outbox %s that hears what went out without it gives nothing beside what another has under way",
  async (_where, make) => {
    const [one, two] = await make();
    const { deliveries } = await one.record(three, { supersede: true });
    const [first] = (await two.take(asked)).deliveries;
    await one.change(goneOut(deliveries[1]));
    const last = [event("RECOVERY:a", { identity: "4" })];
    await one.record(last, { supersede: true, also: (some) => some.flatMap(goneOut) });
    expect((await one.take(asked)).deliveries).toEqual([]);
    const then = (await two.take(asked, [ended(first, verdicts[0])])).deliveries;
    expect([first.id, ...then.map(({ id }) => id)]).toEqual(["1", "3"]);
    expect((await one.take(asked)).deliveries).toEqual([]);
    for (const store of [one, two]) await store.close();
  },
);

test.each(Object.entries(twice))(
  "what follows an accepted event in an outbox %s begins as another one has marked it, or waits for room",
  async (_where, make) => {
    const [one, two] = await make();
    const both = ["a", "b"].flatMap((entity) =>
      [1, 2].map((nth) => event(`CRITICAL:${entity}`, { identity: `${entity}${nth}` })),
    );
    await one.record(both, { supersede: true });
    const begun = (await one.take(asked)).deliveries;
    const next = { state: "sent", at: 2500 } as const;
    await two.markFallback({ id: "3", expect: undefined, next, detail: "", status: "200" });
    const room = new Map([[endpoint, 1]]);
    const verdict = begun.map((each) => ended(each, verdicts[0]));
    const [third, ...rest] = (await one.take({ ...asked, room }, verdict)).deliveries;
    expect([third.id, third.fallback, rest]).toEqual(["3", next, []]);
    expect((await two.take(asked)).deliveries.map(({ id }) => id)).toEqual(["4"]);
    for (const store of [one, two]) await store.close();
  },
);

test("of those that follow accepted events only as many begin as there is room for", async () => {
  const store = await openSqliteOutbox(folder());
  const events = ["a", "b", "c"].flatMap((entity) =>
    [1, 2].map((nth) => event(`CRITICAL:${entity}`, { identity: `${entity}${nth}` })),
  );
  await store.record(events, { supersede: true });
  const begun = (await store.take(asked)).deliveries;
  const room = new Map([[endpoint, 1]]);
  const verdict = begun.map((each) => ended(each, verdicts[0]));
  const ids = (some: readonly Delivery[]): string[] => some.map(({ id }) => id);
  expect(ids((await store.take({ ...asked, room }, verdict)).deliveries)).toEqual(["4"]);
  expect(ids((await store.take(asked)).deliveries)).toEqual(["5", "6"]);
  await store.close();
});
